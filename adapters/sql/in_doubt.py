"""Calls that may have taken effect, in a table."""

from datetime import datetime

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, upserting
from threadwork.adapters.sql.tables import doubts
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.sinks import Delivery, InDoubtCall

_KEY = {"task_id", "sink", "card_key", "part", "fence"}
_IS_IT = and_(*(doubts.c[name] == bindparam(f"wanted_{name}") for name in sorted(_KEY)))
_DELETE = delete(doubts).where(_IS_IT)
_LOOKED_INTO = update(doubts).where(_IS_IT).values(checks=doubts.c.checks + 1, check_at=bindparam("again_at"))

# Materialised, else SQLite reads the whole table in the order of the groups instead of using the index.
_ROWS = select(doubts.c.task_id, doubts.c.sink, doubts.c.check_at).where(doubts.c.check_at <= bindparam("now"))
_OVERDUE = _ROWS.cte("overdue").prefix_with("MATERIALIZED")
_PLACE = (_OVERDUE.c.task_id, _OVERDUE.c.sink)
DUE = select(*_PLACE).group_by(*_PLACE).order_by(func.min(_OVERDUE.c.check_at), *_PLACE)
DUE = DUE.limit(bindparam("at_most"))


class SqlInDoubtCalls:
    """Satisfies `Doubts`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, task_id: str, sink: str) -> list[InDoubtCall]:
        """The doubts of a sink, by card, part and fence."""
        query = select(doubts).where(doubts.c.task_id == task_id, doubts.c.sink == sink)
        async with self._database.read() as connection:
            found = [InDoubtCall.model_validate(row._mapping) for row in await connection.execute(query)]
        return sorted(found, key=lambda doubt: (doubt.card_key, doubt.part, doubt.fence))

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Tasks and sinks with a doubt whose `check_at` has come, each once, the most overdue first."""
        async with self._database.read() as connection:
            rows = await connection.execute(DUE, {"now": now, "at_most": limit})
            return [(row.task_id, row.sink) for row in rows]

    async def resolve(self, doubt: InDoubtCall, check_at: datetime | None) -> None:
        """`checks` + 1 and again at `check_at`, or gone with None. One that is gone already stays so."""
        async with self._database.write() as connection:
            if check_at is None:
                await connection.execute(_DELETE, _wanted(doubt))
            else:
                await connection.execute(_LOOKED_INTO, _wanted(doubt) | {"again_at": check_at})

    async def reopen(self, task_id: str, sink: str, fence: int) -> None:
        """Make every doubt of the fence due now; one that is overdue keeps its place."""
        now = self._clock()
        of_fence = and_(doubts.c.task_id == task_id, doubts.c.sink == sink, doubts.c.fence == fence)
        async with self._database.write() as connection:
            await connection.execute(update(doubts).where(of_fence, doubts.c.check_at > now).values(check_at=now))


async def put_doubt(connection: AsyncConnection, delivery: Delivery, check_at: datetime | None) -> None:
    """Have the doubt of this part and fence looked into at `check_at`, or no more with None."""
    if check_at is None:
        await connection.execute(_DELETE, _wanted(delivery))
    else:
        new = delivery.model_dump(include=_KEY) | {"check_at": check_at, "checks": 0}
        await connection.execute(upserting(connection.dialect.name, doubts, "check_at"), new)


def _wanted(one: Delivery | InDoubtCall) -> dict[str, object]:
    return {f"wanted_{name}": value for name, value in one.model_dump(include=_KEY).items()}
