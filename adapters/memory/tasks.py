"""Tasks, approvals and folded threads in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from threadwork.adapters.memory.state import MemoryState, TaskRow
from threadwork.workflows.cards import FOLD_VERSION, ThreadView
from threadwork.workflows.domain.approval_records import ApprovalRecord, by_asking, card_of
from threadwork.workflows.domain.failures import not_one_task
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.sinks import Delivery, Sink, SinkState
from threadwork.workflows.tasks import TaskFilter, TaskOrder, TaskRecord, WaitingApproval
from threadwork.workflows.values import NANOS, Status, Termination, preview


class MemoryTasks:
    """Satisfies `Tasks`; the twin of `SqlTasks`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, task_id: str) -> TaskRecord:
        """Raises `NotFound`."""
        return record_of(self._state, self._state.task(task_id))

    async def find(self, prefix: str) -> TaskRecord:
        """The task of that id, else the one whose id begins so. Raises `NotFound`, also when several do."""
        if prefix in self._state.tasks:
            return record_of(self._state, self._state.tasks[prefix])
        found = [task for task in self._state.tasks.values() if task.task_id.startswith(prefix)]
        if len(found) != 1:
            raise not_one_task(prefix, len(found))
        return record_of(self._state, found[0])

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""
        tasks = sorted(self._state.tasks.values(), key=_age, reverse=True)
        return [record_of(self._state, task) for task in tasks if _wanted(task, which)][: which.limit]

    async def order(self, task_id: str) -> TaskOrder:
        """Raises `NotFound`."""
        return self._state.task(task_id).order

    async def in_thread(self, sink: Sink, workspaces: Collection[str] = ()) -> TaskRecord | None:
        """The newest task whose thread hangs on that message, or whose status card it is; None outside of threads."""
        return next(iter(self._in_thread(sink, workspaces)), None)

    async def all_in_thread(self, sink: Sink) -> Sequence[TaskRecord]:
        """The newest first; none outside of threads."""
        return self._in_thread(sink, ())

    async def set_follow_ups(self, task_id: str, mode: FollowUps) -> None:
        """Raises `NotFound`."""
        self._state.task(task_id).follow_ups = mode

    def _in_thread(self, sink: Sink, workspaces: Collection[str]) -> Sequence[TaskRecord]:
        if not sink.thread:
            return []
        here = [sink.in_workspace(one) for one in {sink.workspace, *workspaces}]
        rows = self._state.deliveries.values()
        with_card = {row.task_id for row in rows for one in here if _is_card(row, one)}
        with_card |= {state.task_id for state in self._state.sinks.values() for one in here if _was_card(state, one)}
        tasks = self._state.tasks.values()
        found = [task for task in tasks if task.order.sink in here or task.task_id in with_card]
        return [record_of(self._state, task) for task in sorted(found, key=_age, reverse=True)]


def _age(task: TaskRow) -> tuple[datetime, str]:
    return task.created_at, task.task_id


def _is_card(row: Delivery, sink: Sink) -> bool:
    """Whether the message `sink.thread` is a status card in that channel."""
    is_status = (row.card_key, row.part, row.message_id) == ("status", 0, sink.thread)
    return is_status and row.sink.startswith(sink.channel_key + ":")


def _was_card(state: SinkState, sink: Sink) -> bool:
    """Whether it was one, before somebody deleted it."""
    return sink.thread in state.former_roots and state.sink.startswith(sink.channel_key + ":")


def _wanted(task: TaskRow, which: TaskFilter) -> bool:
    place = task.order.sink.channel_key if task.order.sink else ""
    wanted = (
        not which.by or task.order.by.account in which.by,
        which.channel is None or place == which.channel.channel_key,
        which.platform is None or place.startswith(f"{which.platform}:"),
        task.order.parent == which.parent,
        not which.open_only or not Status(task.status).ended,
    )
    return all(wanted)


def _sink(state: MemoryState, task: TaskRow) -> Sink | None:
    """Where its thread is, as far as it is known."""
    sink = task.order.sink
    if sink is None or sink.thread:
        return sink
    root = state.deliveries.get((task.task_id, sink.key, "status", 0))
    return sink.model_copy(update={"thread": (root and root.message_id) or ""})


def record_of(state: MemoryState, task: TaskRow) -> TaskRecord:
    return TaskRecord(
        task_id=task.task_id,
        goal=preview(task.order.goal),
        agent=task.order.agent,
        by=task.order.by,
        status=Status(task.status),
        reason=Termination(task.reason) if task.reason else None,
        last_seq=task.last_seq,
        iteration=task.iteration,
        usd=task.spent.nanos / NANOS,
        tokens=task.spent.tokens,
        created_at=task.created_at,
        updated_at=task.updated_at,
        parent=task.order.parent,
        follow_ups=task.follow_ups,
        sink=_sink(state, task),
    )


class MemoryApprovals:
    """Satisfies `Approvals`; the twin of `SqlApprovals`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of_task(self, task_id: str) -> list[ApprovalRecord]:
        """Every approval ever asked for, in the order of asking."""
        return by_asking(self._state.approvals.get(task_id, {}).values())

    async def pending(self, limit: int = 200) -> list[WaitingApproval]:
        """Those of open tasks, the longest waiting first."""
        known = (record for of_task in self._state.approvals.values() for record in of_task.values())
        waiting = [record for record in known if record.state == "pending" and self._is_open(record.task_id)]
        waiting.sort(key=lambda record: (record.requested_at, record.task_id, record.approval_id))
        return [WaitingApproval(task=self._task(record.task_id), card=card_of(record)) for record in waiting[:limit]]

    def _task(self, task_id: str) -> TaskRecord:
        return record_of(self._state, self._state.task(task_id))

    def _is_open(self, task_id: str) -> bool:
        task = self._state.task(task_id)
        return not Status(task.status).ended and task.order.parent is None


class MemoryViews:
    """Satisfies `Views`; the twin of `SqlViews`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def load(self, task_id: str) -> ThreadView | None:
        """None where there is none, or one of another fold version."""
        view = self._state.views.get(task_id)
        return view if view and view.fold_version == FOLD_VERSION else None

    async def save(self, view: ThreadView) -> None:
        """A view that is not newer than the stored one of its fold version is ignored."""
        stored = self._state.views.get(view.task_id)
        if stored is None or stored.fold_version != view.fold_version or stored.seq < view.seq:
            self._state.views[view.task_id] = view
