"""What only one may do at a time, in memory."""

from datetime import timedelta

from threadwork.adapters.memory.state import LeaseRow, MemoryState
from threadwork.workflows.domain.lease_scopes import LeaseScope


class MemoryLeases:
    """Leases of one scope. Satisfies `Leases`; the twin of `SqlLeases`."""

    def __init__(self, state: MemoryState, scope: LeaseScope = LeaseScope.SINK) -> None:
        self._state = state
        self._scope = scope

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        """A fencing number: kept by its holder while the lease lasts, else one more; None: held by another."""
        now = self._state.clock()
        row = self._state.leases.get((self._scope, owner, key)) or LeaseRow(holder, None, 0)
        held = row.until is not None and row.until > now
        if held and row.holder != holder:
            return None
        fence = row.fence if held else row.fence + 1
        self._state.leases[self._scope, owner, key] = LeaseRow(holder, now + timedelta(seconds=seconds), fence)
        return fence

    async def holder(self, owner: str, key: str) -> tuple[str, int] | None:
        """Who holds it, and the fence. None: nobody does."""
        row = self._state.leases.get((self._scope, owner, key))
        if row is None or row.until is None or row.until <= self._state.clock():
            return None
        return row.holder, row.fence

    async def release(self, owner: str, key: str, fence: int) -> None:
        """Give the lease back, unless somebody else has it by now."""
        row = self._state.leases.get((self._scope, owner, key))
        if row and row.fence == fence:
            row.until = None
