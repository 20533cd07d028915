"""What was posted where, in memory."""

from datetime import datetime

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.domain.lease_scopes import LeaseScope
from threadwork.workflows.sinks import Delivery, InDoubtCall, Sink, SinkState


class MemoryDeliveries:
    """Satisfies `Deliveries`; the twin of `SqlDeliveries`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread; empty where it has none, and for an unknown task."""
        task = self._state.tasks.get(task_id)
        return [task.order.sink] if task and task.order.sink else []

    async def told(self, task_id: str) -> list[Sink]:
        """Subscribed channels in which there is a card of the task, by their keys."""
        keys = {row.sink for row in self._state.deliveries.values() if row.task_id == task_id}
        return [sink for key in sorted(keys) if (sink := Sink.keyed(key)).subscribed]

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink, by card and part."""
        found = [row for row in self._state.deliveries.values() if (row.task_id, row.sink) == (task_id, sink)]
        return sorted(found, key=lambda row: (row.card_key, row.part))

    async def intend(self, delivery: Delivery, check_at: datetime) -> bool:
        """Write the row and the doubt of a call; a doubt that is there keeps its `checks`. False: an old fence."""
        return self._put(delivery, check_at)

    async def write(self, delivery: Delivery, check_at: datetime | None = None) -> bool:
        """Write the row; the doubt of the same part and fence is gone, or set to `check_at`. False: an old fence."""
        return self._put(delivery, check_at)

    async def state(self, task_id: str, sink: str) -> SinkState:
        """What is known of the sink as a whole."""
        return self._state.sinks.get((task_id, sink)) or SinkState(task_id=task_id, sink=sink)

    async def write_state(self, state: SinkState, fence: int) -> bool:
        """Former roots are added to those that are known. False: an old fence."""
        if not self._is_newest(state.task_id, state.sink, fence):
            return False
        known = (await self.state(state.task_id, state.sink)).former_roots
        roots = sorted({*known, *state.former_roots})
        self._state.sinks[state.task_id, state.sink] = state.model_copy(update={"former_roots": tuple(roots)})
        return True

    def _is_newest(self, task_id: str, sink: str, fence: int) -> bool:
        lease = self._state.leases.get((LeaseScope.SINK, task_id, sink))
        return lease is not None and lease.fence == fence

    def _put(self, delivery: Delivery, check_at: datetime | None) -> bool:
        if not self._is_newest(delivery.task_id, delivery.sink, delivery.fence):
            return False
        key = (delivery.task_id, delivery.sink, delivery.card_key, delivery.part)
        self._state.deliveries[key] = delivery
        self._doubt((*key, delivery.fence), check_at)
        return True

    def _doubt(self, key: tuple[str, str, str, int, int], check_at: datetime | None) -> None:
        recorded = self._state.doubts.pop(key, None)
        if check_at is not None:
            task_id, sink, card_key, part, fence = key
            checks = recorded.checks if recorded else 0
            self._state.doubts[key] = InDoubtCall(
                task_id=task_id, sink=sink, card_key=card_key, part=part, fence=fence, check_at=check_at, checks=checks
            )
