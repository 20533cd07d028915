"""Which process holds the gateway: several would each hear everything, and answer it."""

from typing import Protocol

import structlog

OWNER, KEY = "discord", "gateway"  # of the lease, among those of connections
LEASE_SECONDS = 15.0  # that the lease outlives its holder; whoever stands by looks every `LEASE_CHECK_INTERVAL`
LEASE_CHECK_INTERVAL = 4.0

log = structlog.get_logger(__name__)


class Leases(Protocol):
    """What is used of the port `Leases`."""

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        """A fencing number, growing with every holder; kept by its holder. None while somebody else holds it.

        `owner`, `key`: of a sink its task and its key."""

    async def release(self, owner: str, key: str, fence: int) -> None:
        """Give it back, unless somebody else has it by now."""


class GatewayLease:
    """Taken, kept and given back. While the storage is away everybody stays what they are: nobody can take over."""

    def __init__(self, leases: Leases, holder: str, seconds: float = LEASE_SECONDS) -> None:
        """`holder`: a name that no other process has."""
        self._leases, self._holder, self._seconds = leases, holder, seconds
        self._fence: int | None = None

    @property
    def held(self) -> bool:
        return self._fence is not None

    async def keep(self) -> bool:
        """Take it, or keep it for as long again. Whether it is ours."""
        try:
            self._fence = await self._leases.lease(OWNER, KEY, self._holder, self._seconds)
        except Exception as error:
            log.info("gateway_lease_unknown", why=type(error).__name__)
        return self.held

    async def release(self) -> None:
        """The next one need not wait for it to run out."""
        if self._fence is None:
            return
        fence, self._fence = self._fence, None
        try:
            await self._leases.release(OWNER, KEY, fence)
        except Exception as error:
            log.info("gateway_lease_not_released", why=type(error).__name__)
