"""The ledger in tables: one row for each attempt of a model call, and running totals on the task's row."""

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.rules.clock import Clock
from adapters.rules.spending import actual, afford, minus, plus
from adapters.sql.database import AnyRow, Database
from adapters.sql.tables import spend, tasks
from adapters.sql.task_rows import spent
from workflows.calls import Claim, Claimed, Finish, Reservation
from workflows.values import Ledger

_COUNTED = select(spend.c.nanos, spend.c.tokens, spend.c.settled).where(spend.c.attempt == bindparam("wanted"))
_COUNT = insert(spend)
_SETTLE = update(spend).where(spend.c.attempt == bindparam("wanted"))


class SqlSpend:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def total(self, task_id: str) -> Ledger:
        """Reservations of unfinished calls included; zero for an unknown task."""
        query = select(tasks.c.spent_nanos, tasks.c.spent_tokens).where(tasks.c.task_id == task_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return spent(row) if row else Ledger()

    async def by_person(self, principal_key: str, since: datetime) -> Ledger:
        """What the person's tasks spent from `since` on."""
        query = select(func.sum(spend.c.nanos), func.sum(spend.c.tokens))
        query = query.where(spend.c.principal_key == principal_key, spend.c.at >= since)
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
    await _count(connection, task, claim.call_id, claim.attempt, allowance.reserved, False, clock)
    return Claimed(state="mine", output_cap=allowance.output, ledger=plus(spent(task), allowance.reserved))


async def reserved_before(
    connection: AsyncConnection, task: AnyRow, claim: Claim, wanted: Reservation
) -> Claimed | None:
    """The answer to an attempt that asks again, its first question having been answered already."""
    row = await _counted(connection, claim.attempt)
    if row is None:
        return None
    return Claimed(state="mine", output_cap=max(row.tokens - wanted.prompt, 0), ledger=spent(task))


async def settle(connection: AsyncConnection, task: AnyRow, finish: Finish, clock: Clock) -> Ledger:
    """Count what the attempt really used, once. Returns the ledger after it."""
    used = actual(finish)
    row = await _counted(connection, finish.attempt) if used else None
    if used is None or (row and row.settled):
        return spent(task)
    if row is None:
        await _count(connection, task, finish.call_id, finish.attempt, used, True, clock)
        return plus(spent(task), used)
    values = {"wanted": finish.attempt, "nanos": used.nanos, "tokens": used.tokens, "settled": True}
    await connection.execute(_SETTLE, values)
    return plus(spent(task), minus(used, Ledger(nanos=row.nanos, tokens=row.tokens)))


async def _counted(connection: AsyncConnection, attempt: str) -> AnyRow | None:
    return (await connection.execute(_COUNTED, {"wanted": attempt})).one_or_none()


async def _count(
    connection: AsyncConnection, task: AnyRow, call_id: str, attempt: str, used: Ledger, settled: bool, clock: Clock
) -> None:
    row = {"task_id": task.task_id, "principal_key": task.requester_key, "call_id": call_id, "attempt": attempt}
    await connection.execute(
        _COUNT, {**row, "at": clock(), "nanos": used.nanos, "tokens": used.tokens, "settled": settled}
    )
