"""Approvals and their decisions, kept for good."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, AnySelect, Database, upserting
from threadwork.adapters.sql.tables import IS_OPEN_TASK, IS_PENDING, approvals, tasks
from threadwork.adapters.sql.tasks import RECORD, records
from threadwork.workflows.domain.approval_records import (
    ApprovalRecord,
    approval_ids,
    by_asking,
    card_of,
    fold_approvals,
)
from threadwork.workflows.events import Event
from threadwork.workflows.tasks import WaitingApproval


class SqlApprovals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_task(self, task_id: str) -> list[ApprovalRecord]:
        """Every approval ever asked for, in the order of asking."""
        async with self._database.read() as connection:
            return await approvals_of(connection, task_id)

    async def pending(self, limit: int = 200) -> list[WaitingApproval]:
        """Those of open tasks, the longest waiting first."""
        async with self._database.read() as connection:
            waiting = [_record(row) for row in await connection.execute(_WAITING.limit(limit))]
            named = RECORD.where(tasks.c.task_id.in_({record.task_id for record in waiting}))
            by_id = {task.task_id: task for task in await records(connection, named)}
        return [WaitingApproval(task=by_id[record.task_id], card=card_of(record)) for record in waiting]


async def approvals_of(connection: AsyncConnection, task_id: str) -> list[ApprovalRecord]:
    return by_asking(map(_record, await connection.execute(_of(task_id))))


async def update_approvals(connection: AsyncConnection, task_id: str, events: list[Event]) -> None:
    """Create and change the rows that the events are about."""
    ids = approval_ids(events)
    if not ids:
        return
    rows = await connection.execute(_of(task_id).where(approvals.c.approval_id.in_(ids)))
    known = {record.approval_id: record for record in map(_record, rows)}
    changed = fold_approvals(known, events).values()
    if changed:
        statement = upserting(connection.dialect.name, approvals)
        await connection.execute(statement, [record.model_dump() for record in changed])


_OPEN = select(tasks.c.task_id).where(text(IS_OPEN_TASK), tasks.c.parent.is_(None))  # else its parent asks
_WAITING = (
    select(approvals)
    .where(text(IS_PENDING), approvals.c.task_id.in_(_OPEN))
    .order_by(approvals.c.requested_at, approvals.c.task_id, approvals.c.approval_id)
)


def _of(task_id: str) -> AnySelect:
    return select(approvals).where(approvals.c.task_id == task_id)


def _record(row: AnyRow) -> ApprovalRecord:
    return ApprovalRecord.model_validate(row._mapping)
