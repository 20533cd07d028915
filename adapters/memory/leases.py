"""Who delivers to a sink, in memory."""

from datetime import timedelta

from threadwork.adapters.memory.state import LeaseRow, MemoryState


class MemoryLeases:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def lease(self, task_id: str, sink: str, holder: str, seconds: float) -> int | None:
        """A fencing number: kept by its holder while the lease lasts, else one more; None: held by another."""
        now = self._state.clock()
        row = self._state.leases.get((task_id, sink)) or LeaseRow(holder, None, 0)
        held = row.until is not None and row.until > now
        if held and row.holder != holder:
            return None
        fence = row.fence if held else row.fence + 1
        self._state.leases[task_id, sink] = LeaseRow(holder, now + timedelta(seconds=seconds), fence)
        return fence

    async def release(self, task_id: str, sink: str, fence: int) -> None:
        """Give the lease back, unless somebody else has it by now."""
        row = self._state.leases.get((task_id, sink))
        if row and row.fence == fence:
            row.until = None
