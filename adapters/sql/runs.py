"""Runs in tables: which execution speaks for a task, and the snapshots of configurations."""

from functools import reduce
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.approvals import approvals_of
from threadwork.adapters.sql.database import AnyRow, Database, inserting
from threadwork.adapters.sql.event_log import as_event
from threadwork.adapters.sql.tables import (
    IS_DELEGATED,
    IS_LASTING,
    IS_OPEN_CALL,
    calls,
    run_configs,
    task_events,
    task_messages,
    tasks,
)
from threadwork.adapters.sql.task_rows import change, create_task, locked, spent
from threadwork.adapters.sql.transcript import put_messages
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.domain.budget_reservations import plus
from threadwork.workflows.domain.calls_of_earlier_runs import UNKNOWN_RESULT, lost_call
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import no_config
from threadwork.workflows.domain.identity import call_seq, child_of, config_hash
from threadwork.workflows.domain.resume_state import resume_state
from threadwork.workflows.domain.texts import GOAL_REF, command_messages
from threadwork.workflows.events import Event
from threadwork.workflows.run_requests import BeginRunRequest, BeginRunResult, LostCall
from threadwork.workflows.tasks import RunOrder, TaskOrder
from threadwork.workflows.values import Ledger, Status


class SqlRuns:
    """Satisfies `Runs`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, request: BeginRunRequest) -> BeginRunResult:
        """Take over the task for a chain; epoch 0 where a later chain has it. Raises `NotFound`."""
        async with self._database.write() as connection:
            task = await locked(connection, request.task_id)
            epoch = task.run_epoch
            if task.run_chain != request.chain_id:
                if task.run_started_at and task.run_started_at > request.chain_started_at:
                    return BeginRunResult(epoch=0)
                epoch = await self._take_over(connection, task, request)
            return await _resume_state(connection, task, epoch)

    async def _take_over(self, connection: AsyncConnection, task: AnyRow, request: BeginRunRequest) -> int:
        epoch = int(task.run_epoch) + 1
        chain = {"run_chain": request.chain_id, "run_started_at": request.chain_started_at}
        await change(connection, task.task_id, {"run_epoch": epoch, **chain})
        closing = update(calls).where(calls.c.task_id == task.task_id, text(IS_OPEN_CALL))
        done = {"state": "done", "result": UNKNOWN_RESULT, "closed_by": epoch, "done_at": self._clock()}
        await connection.execute(closing.values(**done))
        return epoch

    async def delegate(self, call_id: str, order: TaskOrder) -> str:
        """The id of the new task, or of the one that is there. Raises `NotFound` for an unknown parent."""
        parent_id = order.parent or ""
        child_id = child_of(parent_id, call_id)
        async with self._database.write() as connection:
            await locked(connection, parent_id)
            await create_task(connection, child_id, order, self._clock)
            await put_messages(connection, child_id, command_messages(RunOrder(order=order)), self._clock)
        return child_id

    async def save_config(self, config: RunConfig) -> str:
        """Store a snapshot and return its hash. Idempotent."""
        row = {"config_hash": config_hash(config), "config": config.model_dump(mode="json"), "saved_at": self._clock()}
        async with self._database.write() as connection:
            await connection.execute(inserting(connection.dialect.name, run_configs).on_conflict_do_nothing(), [row])
        return str(row["config_hash"])

    async def config(self, config_hash: str) -> RunConfig:
        """Raises `NotFound`."""
        query = select(run_configs.c.config).where(run_configs.c.config_hash == config_hash)
        async with self._database.read() as connection:
            config = (await connection.execute(query)).scalar_one_or_none()
        if config is None:
            raise no_config(config_hash)
        return RunConfig.model_validate(config)


async def _resume_state(connection: AsyncConnection, task: AnyRow, epoch: int) -> BeginRunResult:
    events, unplaced = await _lasting(connection, task.task_id), await _unplaced(connection, task.task_id)
    return BeginRunResult(
        epoch=epoch,
        last_seq=task.last_seq,
        iteration=task.iteration,
        position=await _next_position(connection, task.task_id),
        goal_ref=GOAL_REF,
        ledger=spent(task),
        lost_calls=await _lost_calls(connection, task.task_id, epoch),
        **await _asked(connection, task.task_id),
        **await _delegated(connection, task.task_id),
        **resume_state(events, await approvals_of(connection, task.task_id), unplaced),
    )


async def _lasting(connection: AsyncConnection, task_id: str) -> list[Event]:
    query = select(task_events).where(task_events.c.task_id == task_id, text(IS_LASTING))
    return [as_event(row) for row in await connection.execute(query.order_by(task_events.c.seq))]


async def _unplaced(connection: AsyncConnection, task_id: str) -> set[str]:
    """Follow-ups that never entered the conversation."""
    query = select(task_messages.c.ref).where(task_messages.c.task_id == task_id, task_messages.c.kind == "follow_up")
    return set((await connection.execute(query.where(task_messages.c.position.is_(None)))).scalars())


async def _asked(connection: AsyncConnection, task_id: str) -> dict[str, Any]:
    query = select(tasks.c.goal, tasks.c.requester, tasks.c.parent, tasks.c.task_order)
    row = (await connection.execute(query.where(tasks.c.task_id == task_id))).one()
    depth = row.task_order.get("depth", 0)  # orders of older versions have none
    return {"goal": row.goal, "requester": row.requester, "parent": row.parent, "depth": depth}


async def _delegated(connection: AsyncConnection, task_id: str) -> dict[str, Any]:
    """What tasks below it spent, and which of its own have not ended."""
    total, above, open_children = Ledger(), [task_id], []
    while above:
        query = select(tasks.c.task_id, tasks.c.parent, tasks.c.status, tasks.c.spent_nanos, tasks.c.spent_tokens)
        rows = (await connection.execute(query.where(tasks.c.parent.in_(above), text(IS_DELEGATED)))).all()
        total = reduce(plus, map(spent, rows), total)
        open_children += [r.task_id for r in rows if r.parent == task_id and not Status(r.status).ended]
        above = [row.task_id for row in rows]
    return {"delegated": total, "open_children": tuple(sorted(open_children))}


async def _next_position(connection: AsyncConnection, task_id: str) -> int:
    query = select(func.max(task_messages.c.position)).where(task_messages.c.task_id == task_id)
    return 1 + ((await connection.execute(query)).scalar() or 0)


async def _lost_calls(connection: AsyncConnection, task_id: str, epoch: int) -> tuple[LostCall, ...]:
    query = select(calls.c.call_id, calls.c.kind, calls.c.name)
    query = query.where(calls.c.task_id == task_id, calls.c.closed_by == epoch)
    rows = sorted(await connection.execute(query), key=lambda row: call_seq(row.call_id))
    return tuple(lost_call(row.call_id, row.kind, row.name) for row in rows)
