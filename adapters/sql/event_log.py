"""The numbered events of every task, in tables."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.approvals import update_approvals
from threadwork.adapters.sql.database import AnyRow, Database
from threadwork.adapters.sql.grants import keep_grants
from threadwork.adapters.sql.tables import task_events, tasks
from threadwork.adapters.sql.task_rows import change, locked
from threadwork.workflows.domain.batches import check_epoch, new_events, task_changes
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.events import Event
from threadwork.workflows.run_requests import EventBatch

_INSERT = insert(task_events)


class SqlEventLog:
    """Satisfies `EventLog`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, batch: EventBatch) -> int:
        """Store a batch and return the task's last number. Raises `NotFound`, `StaleRun`, `EventConflict`."""
        async with self._database.write() as connection:
            task = await locked(connection, batch.task_id)
            changes = await store_batch(connection, task, batch, self._clock)
            await change(connection, batch.task_id, changes)
            return int(changes.get("last_seq", task.last_seq))

    async def read(self, task_id: str, after: int = 0, limit: int = 1_000) -> list[Event]:
        """Events with `seq` > `after`, in order, at most `limit`."""
        query = select(task_events).where(task_events.c.task_id == task_id, task_events.c.seq > after)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(task_events.c.seq).limit(limit))
            return [as_event(row) for row in rows]

    async def heads(self, task_ids: Sequence[str]) -> dict[str, int]:
        """The last number of each task that has events."""
        query = select(tasks.c.task_id, tasks.c.last_seq)
        query = query.where(tasks.c.task_id.in_(task_ids), tasks.c.last_seq > 0)
        async with self._database.read() as connection:
            return {row.task_id: row.last_seq for row in await connection.execute(query)}


async def store_batch(connection: AsyncConnection, task: AnyRow, batch: EventBatch, clock: Clock) -> dict[str, Any]:
    """Store what is new of a batch and return the changes of the task's row, not yet made."""
    check_epoch(batch.task_id, batch.epoch, task.run_epoch)
    fresh = new_events(batch, task.last_seq, await _stored_among(connection, task, batch))
    if not fresh:
        return {}
    await connection.execute(_INSERT, [event.model_dump() for event in fresh])
    await update_approvals(connection, batch.task_id, fresh)
    await keep_grants(connection, batch.task_id, fresh)
    return {"status": batch.status.value, "updated_at": clock()} | task_changes(fresh)


async def _stored_among(connection: AsyncConnection, task: AnyRow, batch: EventBatch) -> dict[int, Event]:
    numbers = [event.seq for event in batch.events if event.seq <= task.last_seq]
    if not numbers:
        return {}
    query = select(task_events).where(task_events.c.task_id == task.task_id)
    query = query.where(task_events.c.seq.between(min(numbers), max(numbers)))
    return {row.seq: as_event(row) for row in await connection.execute(query)}


def as_event(row: AnyRow) -> Event:
    return Event.model_validate(row._mapping)
