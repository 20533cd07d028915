"""Events in memory."""

from collections.abc import Sequence

from threadwork.adapters.memory.grants import keep_grants
from threadwork.adapters.memory.state import MemoryState, TaskRow
from threadwork.workflows.domain.approval_records import fold_approvals
from threadwork.workflows.domain.batches import check_epoch, new_events, task_changes
from threadwork.workflows.events import Event
from threadwork.workflows.run_requests import EventBatch


class MemoryEventLog:
    """Satisfies `EventLog`; the twin of `SqlEventLog`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def append(self, batch: EventBatch) -> int:
        """Store a batch and return the task's last number. Raises `NotFound`, `StaleRun`, `EventConflict`."""
        return store_batch(self._state, batch).last_seq

    async def read(self, task_id: str, after: int = 0, limit: int = 1_000) -> list[Event]:
        """Events with `seq` > `after`, in order, at most `limit`."""
        return self._state.events.get(task_id, [])[max(after, 0) :][:limit]

    async def heads(self, task_ids: Sequence[str]) -> dict[str, int]:
        """The last number of each task that has events."""
        tasks = (self._state.tasks.get(task_id) for task_id in task_ids)
        return {task.task_id: task.last_seq for task in tasks if task and task.last_seq}


def store_batch(state: MemoryState, batch: EventBatch) -> TaskRow:
    """Check and store a batch; whatever it raises, nothing was changed."""
    task = state.task(batch.task_id)
    check_epoch(task.task_id, batch.epoch, task.run_epoch)
    fresh = new_events(batch, task.last_seq, _stored_among(state, batch))
    if fresh:
        records = fold_approvals(state.approvals[task.task_id], fresh)
        state.approvals[task.task_id] |= records
        keep_grants(state, task.task_id, fresh)
        state.events[task.task_id].extend(fresh)
        _update(state, task, fresh, batch.status.value)
    return task


def _stored_among(state: MemoryState, batch: EventBatch) -> dict[int, Event]:
    events = state.events[batch.task_id]
    return {event.seq: events[event.seq - 1] for event in batch.events if 0 < event.seq <= len(events)}


def _update(state: MemoryState, task: TaskRow, fresh: list[Event], status: str) -> None:
    changes = {"status": status, "updated_at": state.clock()} | task_changes(fresh)
    for name, value in changes.items():
        setattr(task, name, value)
