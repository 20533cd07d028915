"""Which process holds the gateway: several would each hear everything, and answer it."""

import asyncio
from typing import Protocol

import structlog

from threadwork.adapters.chat.process_identity import has_ended, process_identity

OWNER, KEY = "discord", "gateway"  # of the lease, among those of connections
LEASE_SECONDS = 15.0  # that the lease outlives its holder; whoever stands by looks every `LEASE_CHECK_INTERVAL`
LEASE_CHECK_INTERVAL = 4.0
PROCESS_CHECK_INTERVAL = 0.5  # seconds between two looks at the holder's process, where it is one of this machine

log = structlog.get_logger(__name__)


class Leases(Protocol):
    """What is used of the port `Leases`."""

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        """A fencing number, growing with every holder; kept by its holder. None while somebody else holds it.

        `owner`, `key`: of a sink its task and its key."""

    async def holder(self, owner: str, key: str) -> tuple[str, int] | None:
        """Who holds it, and the fence. None: nobody does."""

    async def release(self, owner: str, key: str, fence: int) -> None:
        """Give it back, unless somebody else has it by now."""


class GatewayLease:
    """Taken, kept and given back. While the storage is away everybody stays what they are: nobody can take over.

    The holder's name says which process it is: once that has ended, others on its machine take over at once."""

    def __init__(self, leases: Leases, holder: str, seconds: float = LEASE_SECONDS) -> None:
        """`holder`: a name that no other process has."""
        self._leases, self._seconds = leases, seconds
        self._holder = f"{holder}@{process_identity()}"  # to an older version a name like any other
        self._fence: int | None = None
        self._other = ""  # the identity of the process that holds it instead

    @property
    def held(self) -> bool:
        return self._fence is not None

    async def keep(self) -> bool:
        """Take it, or keep it for as long again. Whether it is ours."""
        self._other = ""
        try:
            self._fence = await self._lease()
            if not self.held and await self._released_for_the_dead():
                self._fence = await self._lease()
        except Exception as error:
            log.info("gateway_lease_unknown", why=type(error).__name__)
        return self.held

    async def _lease(self) -> int | None:
        return await self._leases.lease(OWNER, KEY, self._holder, self._seconds)

    async def _released_for_the_dead(self) -> bool:
        """Whoever has taken it since has a fence of their own, and keeps it."""
        name, fence = await self._leases.holder(OWNER, KEY) or ("", 0)
        identity = name.rpartition("@")[2]
        if has_ended(identity):
            log.info("gateway_holder_has_ended", process=identity)
            await self._leases.release(OWNER, KEY, fence)
            return True
        self._other = identity
        return False

    async def wait(self, seconds: float) -> None:
        """Until it is to be kept, or asked for, again: earlier where the process that holds it has ended."""
        while seconds > 0:
            pause = min(seconds, PROCESS_CHECK_INTERVAL)
            seconds -= pause
            await asyncio.sleep(pause)
            if not self.held and has_ended(self._other):
                return

    async def release(self) -> None:
        """The next one need not wait for it to run out."""
        if self._fence is None:
            return
        fence, self._fence = self._fence, None
        try:
            await self._leases.release(OWNER, KEY, fence)
        except Exception as error:
            log.info("gateway_lease_not_released", why=type(error).__name__)
