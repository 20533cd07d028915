"""Tasks in tables, as the bot knows them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, or_, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, AnySelect, Database
from threadwork.adapters.sql.tables import IS_OPEN_TASK, IS_ROOT, deliveries, former_roots, tasks
from threadwork.workflows.domain.failures import no_task, not_one_task
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter, TaskOrder, TaskRecord
from threadwork.workflows.values import NANOS

MAX_IN_THREAD = 20  # tasks of one thread that a line may be for, the newest of them

_LAST = chr(0x10FFFF)  # follows every character
_ITS_STATUS_CARD = and_(
    deliveries.c.task_id == tasks.c.task_id,
    deliveries.c.sink == tasks.c.place + ":",  # a sink whose thread the task opens itself
    deliveries.c.card_key == "status",
    deliveries.c.part == 0,
)
RECORD = select(
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
    tasks.c.parent,
    tasks.c.follow_ups,
    tasks.c.place,
    tasks.c.thread,
    deliveries.c.message_id.label("root"),
).select_from(tasks.outerjoin(deliveries, _ITS_STATUS_CARD))


class SqlTasks:
    """Satisfies `Tasks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, task_id: str) -> TaskRecord:
        """Raises `NotFound`."""
        found = await self._records(RECORD.where(tasks.c.task_id == task_id))
        if not found:
            raise no_task(task_id)
        return found[0]

    async def find(self, prefix: str) -> TaskRecord:
        """The task of that id, else the one whose id begins so. Raises `NotFound`, also when several do."""
        begins = RECORD.where(tasks.c.task_id >= prefix, tasks.c.task_id < prefix + _LAST)
        found = await self._records(begins.order_by(tasks.c.task_id).limit(2))
        if found and (len(found) == 1 or found[0].task_id == prefix):
            return found[0]
        raise not_one_task(prefix, len(found))

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""
        return [*await self._records(_listed(which))]

    async def order(self, task_id: str) -> TaskOrder:
        """Raises `NotFound`."""
        async with self._database.read() as connection:
            query = select(tasks.c.task_order).where(tasks.c.task_id == task_id)
            order = (await connection.execute(query)).scalar_one_or_none()
        if order is None:
            raise no_task(task_id)
        return TaskOrder.model_validate(order)

    async def in_thread(self, sink: Sink, workspaces: Collection[str] = ()) -> TaskRecord | None:
        """The newest task whose thread hangs on that message, or whose status card it is; None outside of threads."""
        return next(iter(await self._in_thread(sink, workspaces, limit=1)), None)

    async def all_in_thread(self, sink: Sink) -> Sequence[TaskRecord]:
        """The newest first; none outside of threads."""
        return await self._in_thread(sink, (), limit=MAX_IN_THREAD)

    async def set_follow_ups(self, task_id: str, mode: FollowUps) -> None:
        """Raises `NotFound`."""
        async with self._database.write() as connection:
            query = update(tasks).where(tasks.c.task_id == task_id).values(follow_ups=mode).returning(tasks.c.task_id)
            if (await connection.execute(query)).one_or_none() is None:
                raise no_task(task_id)

    async def _in_thread(self, sink: Sink, workspaces: Collection[str], limit: int) -> Sequence[TaskRecord]:
        if not sink.thread:
            return []
        places = [sink.in_workspace(one).channel_key for one in {sink.workspace, *workspaces}]
        here = RECORD.where(tasks.c.place.in_(places), tasks.c.thread == sink.thread)
        its_card = RECORD.where(tasks.c.task_id.in_(_with_card(places, sink.thread)))
        async with self._database.read() as connection:
            queries = [_newest(query, limit) for query in (here, its_card)]
            found = [record for query in queries for record in await records(connection, query)]
        newest = sorted(found, key=lambda record: (record.created_at, record.task_id), reverse=True)
        return list({record.task_id: record for record in newest}.values())[:limit]

    async def _records(self, query: AnySelect) -> Sequence[TaskRecord]:
        async with self._database.read() as connection:
            return await records(connection, query)


async def records(connection: AsyncConnection, query: AnySelect) -> list[TaskRecord]:
    """The tasks that a query made of `RECORD` finds."""
    return [_record(row) for row in await connection.execute(query)]


def _listed(which: TaskFilter) -> AnySelect:
    query = _newest(RECORD, which.limit).where(tasks.c.parent.is_not_distinct_from(which.parent))
    if which.by:
        query = query.where(tasks.c.requester_key.in_(which.by))
    if which.channel is not None:
        query = query.where(tasks.c.place == which.channel.channel_key)
    if which.platform is not None:
        query = query.where(_is_on(which.platform))
    return query.where(text(IS_OPEN_TASK)) if which.open_only else query


def _newest(query: AnySelect, limit: int) -> AnySelect:
    return query.order_by(tasks.c.created_at.desc(), tasks.c.task_id.desc()).limit(limit)


def _is_on(platform: str) -> ColumnElement[bool]:
    """Without an index on purpose: the newest tasks are read in their order until enough of them fit."""
    prefix = f"{platform}:"
    return func.substr(tasks.c.place, 1, len(prefix)) == prefix


def _with_card(places: Sequence[str], message_id: str) -> CompoundSelect[Any]:
    """Tasks whose status card is, or was, that message of the channel, by whichever of its keys."""
    now = select(deliveries.c.task_id).where(deliveries.c.message_id == message_id, text(IS_ROOT))
    before = select(former_roots.c.task_id).where(former_roots.c.message_id == message_id)
    is_now, was_before = _in_channel(deliveries.c.sink, places), _in_channel(former_roots.c.sink, places)
    return union(now.where(is_now), before.where(was_before))


def _in_channel(sink: ColumnElement[str], places: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(func.substr(sink, 1, len(place) + 1) == f"{place}:" for place in places))


def _record(row: AnyRow) -> TaskRecord:
    spent = {"usd": row.spent_nanos / NANOS, "tokens": row.spent_tokens}
    where = {"sink": _sink_at(row.place, row.thread or row.root or "") if row.place else None}
    return TaskRecord.model_validate({**row._mapping, "by": row.requester, **spent, **where})


def _sink_at(channel_key: str, thread: str) -> Sink:
    platform, workspace, channel = channel_key.split(":", 2)
    return Sink(platform=platform, workspace=workspace, channel=channel, thread=thread)
