"""Tasks, approvals and folded threads in memory."""

from adapters.memory.state import MemoryState, TaskRow
from adapters.rules.approvals import ApprovalRecord, by_asking
from adapters.rules.failures import not_one_task
from workflows.cards import FOLD_VERSION, ThreadView
from workflows.tasks import TaskFilter, TaskOrder, TaskRecord
from workflows.values import NANOS, Status, Termination, preview


class MemoryTasks:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, task_id: str) -> TaskRecord:
        """Raises `NotFound`."""
        return _record(self._state.task(task_id))

    async def find(self, prefix: str) -> TaskRecord:
        """The task of that id, else the one whose id begins so. Raises `NotFound`, also when several do."""
        if prefix in self._state.tasks:
            return _record(self._state.tasks[prefix])
        found = [task for task in self._state.tasks.values() if task.task_id.startswith(prefix)]
        if len(found) != 1:
            raise not_one_task(prefix, len(found))
        return _record(found[0])

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""
        tasks = sorted(self._state.tasks.values(), key=lambda task: (task.created_at, task.task_id), reverse=True)
        return [_record(task) for task in tasks if _wanted(task, which)][: which.limit]

    async def order(self, task_id: str) -> TaskOrder:
        """Raises `NotFound`."""
        return self._state.task(task_id).order


def _wanted(task: TaskRow, which: TaskFilter) -> bool:
    if which.by is not None and task.order.by.key != which.by:
        return False
    return not (which.open_only and Status(task.status).ended)


def _record(task: TaskRow) -> TaskRecord:
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
    )


class MemoryApprovals:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of_task(self, task_id: str) -> list[ApprovalRecord]:
        """Every approval ever asked for, in the order of asking."""
        return by_asking(self._state.approvals.get(task_id, {}).values())


class MemoryViews:
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
