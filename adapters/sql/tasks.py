"""Tasks in tables, as the bot knows them."""

from collections.abc import Sequence

from sqlalchemy import select, text

from adapters.rules.failures import no_task, not_one_task
from adapters.sql.database import AnyRow, AnySelect, Database
from adapters.sql.tables import IS_OPEN_TASK, tasks
from workflows.tasks import TaskFilter, TaskOrder, TaskRecord
from workflows.values import NANOS

_LAST = chr(0x10FFFF)  # follows every character
_RECORD = select(
    tasks.c.task_id,
    tasks.c.goal,
    tasks.c.agent,
    tasks.c.requester,
    tasks.c.status,
    tasks.c.reason,
    tasks.c.last_seq,
    tasks.c.iteration,
    tasks.c.spent_nanos,
    tasks.c.spent_tokens,
    tasks.c.created_at,
    tasks.c.updated_at,
)


class SqlTasks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, task_id: str) -> TaskRecord:
        """Raises `NotFound`."""
        found = await self._records(_RECORD.where(tasks.c.task_id == task_id))
        if not found:
            raise no_task(task_id)
        return found[0]

    async def find(self, prefix: str) -> TaskRecord:
        """The task of that id, else the one whose id begins so. Raises `NotFound`, also when several do."""
        begins = _RECORD.where(tasks.c.task_id >= prefix, tasks.c.task_id < prefix + _LAST)
        found = await self._records(begins.order_by(tasks.c.task_id).limit(2))
        if found and (len(found) == 1 or found[0].task_id == prefix):
            return found[0]
        raise not_one_task(prefix, len(found))

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""
        query = _RECORD.order_by(tasks.c.created_at.desc(), tasks.c.task_id.desc()).limit(which.limit)
        if which.by is not None:
            query = query.where(tasks.c.requester_key == which.by)
        return [*await self._records(query.where(text(IS_OPEN_TASK)) if which.open_only else query)]

    async def order(self, task_id: str) -> TaskOrder:
        """Raises `NotFound`."""
        async with self._database.read() as connection:
            query = select(tasks.c.task_order).where(tasks.c.task_id == task_id)
            order = (await connection.execute(query)).scalar_one_or_none()
        if order is None:
            raise no_task(task_id)
        return TaskOrder.model_validate(order)

    async def _records(self, query: AnySelect) -> Sequence[TaskRecord]:
        async with self._database.read() as connection:
            return [_record(row) for row in await connection.execute(query)]


def _record(row: AnyRow) -> TaskRecord:
    spent = {"usd": row.spent_nanos / NANOS, "tokens": row.spent_tokens}
    return TaskRecord.model_validate({**row._mapping, "by": row.requester, **spent})
