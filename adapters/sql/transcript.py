"""Texts and conversations in tables."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, Database, inserting
from threadwork.adapters.sql.tables import calls, task_messages, tasks
from threadwork.adapters.sql.task_rows import change, locked
from threadwork.workflows.calls import WORD_FOR_WORD, Message
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import no_task, no_text
from threadwork.workflows.domain.texts import GOAL_REF, amended_body, input_message, is_news
from threadwork.workflows.run_requests import Input
from threadwork.workflows.values import preview

_MESSAGE = select(*(task_messages.c[name] for name in Message.model_fields))  # nothing else: conversations are long


class SqlTranscript:
    """Satisfies `Transcript`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, task_id: str, message: Message) -> None:
        """Store a text; the first one under a ref stays, and so does its first position. Raises `NotFound`."""
        try:
            async with self._database.write() as connection:
                await put_messages(connection, task_id, [message], self._clock)
        except IntegrityError:
            raise no_task(task_id) from None

    async def get(self, task_id: str, ref: str) -> Message:
        """Raises `NotFound`."""
        query = _MESSAGE.where(task_messages.c.task_id == task_id, task_messages.c.ref == ref)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise no_text(task_id, ref)
        return _message(row)

    async def place(self, task_id: str, inputs: Sequence[Input]) -> None:
        """Let inputs enter the conversation; repeats change nothing. Raises `NotFound`."""
        async with self._database.write() as connection:
            await place_inputs(connection, task_id, inputs, self._clock)

    async def conversation(self, task_id: str, before: int, since: int = 0) -> list[Message]:
        """Messages with a position < `before`, in order; of those before `since` only what is kept word for word."""
        table = task_messages.c
        query = _MESSAGE.where(table.task_id == task_id, table.position < before)
        if since:
            query = query.where(or_(table.position >= since, table.kind.in_(WORD_FOR_WORD)))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(task_messages.c.position, task_messages.c.ref))
            return [_message(row) for row in rows]

    async def amend(self, task_id: str, ref: str, text: str | None, at: datetime) -> bool:
        """Change what no model has read yet; no newer than the newest change: ignored. Raises `NotFound`."""
        table = task_messages.c
        this = (table.task_id == task_id, table.ref == ref)
        async with self._database.write() as connection:
            if ref == GOAL_REF:
                await locked(connection, task_id)  # as a model call does before it is made
            query = select(table.body, table.position, table.amended_at).where(*this).with_for_update()
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise no_text(task_id, ref)
            if not is_news(row.amended_at, text, at):
                return True
            read = await _is_read(connection, task_id, ref, row.position)
            body = row.body if read else amended_body(row.body, text)
            await connection.execute(update(task_messages).where(*this).values(body=body, amended_at=at))
            if ref == GOAL_REF and not read:
                await _change_goal(connection, task_id, body["content"])
        return not read


async def _is_read(connection: AsyncConnection, task_id: str, ref: str, position: int | None) -> bool:
    """The goal has its place from the beginning, and is read by the first call of a model."""
    if ref != GOAL_REF:
        return position is not None
    query = select(calls.c.call_id).where(calls.c.task_id == task_id, calls.c.kind == "model").limit(1)
    return (await connection.execute(query)).one_or_none() is not None


async def _change_goal(connection: AsyncConnection, task_id: str, goal: str) -> None:
    order = (await connection.execute(select(tasks.c.task_order).where(tasks.c.task_id == task_id))).scalar_one()
    await change(connection, task_id, {"goal": preview(goal), "task_order": order | {"goal": goal}})


async def put_messages(connection: AsyncConnection, task_id: str, messages: Sequence[Message], clock: Clock) -> None:
    """Add texts; one that is there keeps its text and its position, if it has one."""
    if not messages:
        return
    rows = [message.model_dump() | {"task_id": task_id, "stored_at": clock()} for message in messages]
    await connection.execute(_adding(connection.dialect.name), rows)


@cache
def _adding(dialect: str) -> postgresql.Insert:
    statement = inserting(dialect, task_messages)
    position = func.coalesce(task_messages.c.position, statement.excluded.position)
    return statement.on_conflict_do_update(index_elements=["task_id", "ref"], set_={"position": position})


async def place_inputs(connection: AsyncConnection, task_id: str, inputs: Sequence[Input], clock: Clock) -> None:
    """Let inputs enter the conversation. Raises `NotFound` where one names a text that is not stored."""
    for given in inputs:
        if given.ref:
            await _place(connection, task_id, given.ref, given.position)
    brought = [input_message(given) for given in inputs if not given.ref]
    await put_messages(connection, task_id, brought, clock)


async def _place(connection: AsyncConnection, task_id: str, ref: str, position: int) -> None:
    statement = update(task_messages).where(task_messages.c.task_id == task_id, task_messages.c.ref == ref)
    placed = await connection.execute(statement.values(position=func.coalesce(task_messages.c.position, position)))
    if not placed.rowcount:
        raise no_text(task_id, ref)


def _message(row: AnyRow) -> Message:
    return Message.model_validate(row._mapping)
