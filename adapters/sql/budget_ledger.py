"""The ledger in tables: one row for each attempt of a model call, and running totals on the task's row."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, Database
from threadwork.adapters.sql.tables import spend, tasks
from threadwork.adapters.sql.task_rows import change, locked, spent, spent_fields
from threadwork.workflows.calls import Claim, Claimed, Finish, Reservation
from threadwork.workflows.domain.budget_reservations import afford, minus, plus, used
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.values import Ledger, Usage

_OF_ATTEMPT = and_(spend.c.task_id == bindparam("of_task"), spend.c.attempt == bindparam("of_attempt"))
_COUNTED = select(spend.c.nanos, spend.c.tokens, spend.c.settled).where(_OF_ATTEMPT)
_COUNT = insert(spend)
_SETTLE = update(spend).where(_OF_ATTEMPT)


class SqlSpend:
    """Satisfies `Spend`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def total(self, task_id: str) -> Ledger:
        """Reservations of unfinished calls included; zero for an unknown task."""
        query = select(tasks.c.spent_nanos, tasks.c.spent_tokens).where(tasks.c.task_id == task_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return spent(row) if row else Ledger()

    async def settle(self, task_id: str, attempt: str, usage: Usage, cost_nanos: int | None) -> Ledger:
        """Replace the reservation of an attempt that will not be finished, once; returns the total.

        Raises `NotFound` for an unknown task."""
        async with self._database.write() as connection:
            task = await locked(connection, task_id)
            ledger = await settle(connection, task, attempt, used(usage, cost_nanos)) or spent(task)
            if ledger != spent(task):
                await change(connection, task_id, spent_fields(ledger))
        return ledger

    async def by_person(self, accounts: Collection[str], since: datetime) -> Ledger:
        """What the tasks of a person's accounts spent from `since` on."""
        query = select(func.sum(spend.c.nanos), func.sum(spend.c.tokens))
        query = query.where(spend.c.principal_key.in_(accounts), spend.c.at >= since)
        async with self._database.read() as connection:
            nanos, tokens = (await connection.execute(query)).one()
        return Ledger(nanos=int(nanos or 0), tokens=int(tokens or 0))


async def reserve(
    connection: AsyncConnection, task: AnyRow, claim: Claim, wanted: Reservation, clock: Clock
) -> Claimed:
    """Set aside what the call may cost. The result carries the ledger after it."""
    allowance = afford(wanted, spent(task))
    if allowance.exceeded:
        return Claimed(state="over_budget", exceeded=allowance.exceeded, ledger=spent(task))
    await _count(connection, task, claim, allowance.reserved, False, clock)
    return Claimed(state="mine", output_cap=allowance.output, ledger=plus(spent(task), allowance.reserved))


async def reserved_before(
    connection: AsyncConnection, task: AnyRow, claim: Claim, wanted: Reservation
) -> Claimed | None:
    """The answer to an attempt that asks again, its first question having been answered already."""
    row = await _counted(connection, task, claim.attempt)
    if row is None:
        return None
    return Claimed(state="mine", output_cap=max(row.tokens - wanted.prompt, 0), ledger=spent(task))


async def settle(connection: AsyncConnection, task: AnyRow, attempt: str, amount: Ledger) -> Ledger | None:
    """Let the attempt count for what it really used, once. Returns the ledger after it.

    None: nothing was set aside for the attempt."""
    row = await _counted(connection, task, attempt)
    if row is None:
        return None
    if row.settled:
        return spent(task)
    values = {"nanos": amount.nanos, "tokens": amount.tokens, "settled": True}
    await connection.execute(_SETTLE, _attempt(task, attempt) | values)
    return plus(spent(task), minus(amount, Ledger(nanos=row.nanos, tokens=row.tokens)))


async def settle_finished(connection: AsyncConnection, task: AnyRow, finish: Finish, clock: Clock) -> Ledger:
    """Settle what a finished call says it used; what was never set aside is counted now."""
    if finish.usage is None:
        return spent(task)
    amount = used(finish.usage, finish.cost_nanos, finish.cached_share)
    ledger = await settle(connection, task, finish.attempt, amount)
    if ledger is None:
        await _count(connection, task, finish, amount, True, clock)
        return plus(spent(task), amount)
    return ledger


def _attempt(task: AnyRow, attempt: str) -> dict[str, Any]:
    return {"of_task": task.task_id, "of_attempt": attempt}


async def _counted(connection: AsyncConnection, task: AnyRow, attempt: str) -> AnyRow | None:
    return (await connection.execute(_COUNTED, _attempt(task, attempt))).one_or_none()


async def _count(
    connection: AsyncConnection, task: AnyRow, call: Claim | Finish, amount: Ledger, settled: bool, clock: Clock
) -> None:
    row = {"task_id": task.task_id, "call_id": call.call_id, "attempt": call.attempt, "at": clock()}
    row |= {"principal_key": task.requester_key, "nanos": amount.nanos, "tokens": amount.tokens, "settled": settled}
    await connection.execute(_COUNT, row)
