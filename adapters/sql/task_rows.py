"""The row of a task: the lock that every checked write takes first."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.rules.failures import no_task
from adapters.sql.database import AnyRow
from adapters.sql.tables import tasks
from workflows.values import Ledger

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


async def change(connection: AsyncConnection, task_id: str, changes: dict[str, Any]) -> None:
    """Set fields of the row, if there are any to set."""
    if changes:
        await connection.execute(_CHANGE, {"wanted": task_id, **changes})


def spent(row: AnyRow) -> Ledger:
    return Ledger(nanos=row.spent_nanos, tokens=row.spent_tokens)


def spent_fields(ledger: Ledger) -> dict[str, Any]:
    return {"spent_nanos": ledger.nanos, "spent_tokens": ledger.tokens}
