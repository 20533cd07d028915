"""The row of a task: the lock that every checked write takes first."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, inserting
from threadwork.adapters.sql.tables import tasks
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import no_task
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import Ledger, Status, preview

# Statements of the hot path are made once: making one costs as much as running it.
_LOCK = select(
    tasks.c.task_id,
    tasks.c.last_seq,
    tasks.c.iteration,
    tasks.c.stopped_seq,
    tasks.c.run_epoch,
    tasks.c.run_chain,
    tasks.c.run_started_at,
    tasks.c.requester_key,
    tasks.c.spent_nanos,
    tasks.c.spent_tokens,
)
# FOR NO KEY UPDATE, so that rows which only refer to the task can be added meanwhile.
_LOCK = _LOCK.where(tasks.c.task_id == bindparam("wanted")).with_for_update(key_share=True)
_CHANGE = update(tasks).where(tasks.c.task_id == bindparam("wanted"))


async def locked(connection: AsyncConnection, task_id: str) -> AnyRow:
    """The task's state, locked until the transaction ends. Raises `NotFound`."""
    row = (await connection.execute(_LOCK, {"wanted": task_id})).one_or_none()
    if row is None:
        raise no_task(task_id)
    return row


async def create_task(connection: AsyncConnection, task_id: str, order: TaskOrder, clock: Clock) -> None:
    """A task that is there stays as it is."""
    now = clock()
    who = {"requester": order.by.model_dump(mode="json"), "requester_key": order.by.account, "agent": order.agent}
    zeros = dict.fromkeys(("last_seq", "iteration", "stopped_seq", "run_epoch", "spent_nanos", "spent_tokens"), 0)
    where = {"place": order.sink.channel_key, "thread": order.sink.thread} if order.sink else {}
    what = {"goal": preview(order.goal), "task_order": order.model_dump(mode="json"), "status": Status.QUEUED.value}
    statement = inserting(connection.dialect.name, tasks).values(task_id=task_id, created_at=now, updated_at=now)
    statement = statement.values(**who, **where, **what, **zeros, parent=order.parent)
    await connection.execute(statement.on_conflict_do_nothing())


async def change(connection: AsyncConnection, task_id: str, changes: dict[str, Any]) -> None:
    """Set fields of the row, if there are any to set."""
    if changes:
        await connection.execute(_CHANGE, {"wanted": task_id, **changes})


def spent(row: AnyRow) -> Ledger:
    return Ledger(nanos=row.spent_nanos, tokens=row.spent_tokens)


def spent_fields(ledger: Ledger) -> dict[str, Any]:
    return {"spent_nanos": ledger.nanos, "spent_tokens": ledger.tokens}
