"""What was posted where, in memory."""

from datetime import timedelta

from adapters.memory.state import LeaseRow, MemoryState
from workflows.chat import Delivery, Sink


class MemoryDeliveries:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def sinks(self, task_id: str) -> list[Sink]:
        """Places the task reports to; none for an unknown task."""
        task = self._state.tasks.get(task_id)
        return [task.order.sink] if task and task.order.sink else []

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

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink, by card and part."""
        found = [row for row in self._state.deliveries.values() if (row.task_id, row.sink) == (task_id, sink)]
        return sorted(found, key=lambda row: (row.card_key, row.part))

    async def write(self, delivery: Delivery) -> bool:
        """False: the fence is not the newest, and nothing was written."""
        lease = self._state.leases.get((delivery.task_id, delivery.sink))
        if lease is None or lease.fence != delivery.fence:
            return False
        key = (delivery.task_id, delivery.sink, delivery.card_key, delivery.part)
        self._state.deliveries[key] = delivery
        return True
