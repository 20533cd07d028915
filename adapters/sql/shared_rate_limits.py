"""Tokens for platform calls, in a table that all processes share."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import rates
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.tokens import Tokens, by_key, full, take
from threadwork.workflows.sinks import Bucket

# The rows are locked in the order of their keys, so that two takers never wait for each other.
_LOCK = select(rates).where(rates.c.bucket.in_(bindparam("wanted", expanding=True))).order_by(rates.c.bucket)
_LOCK = _LOCK.with_for_update(key_share=True)
_LEAVE = update(rates).where(rates.c.bucket == bindparam("wanted"))
_LEAVE = _LEAVE.values(tokens=bindparam("left"), at=bindparam("now"))


class SqlRates:
    """Satisfies `Rates`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """One token of each bucket, or of none. 0, or the seconds until it is worth asking again."""
        wanted = by_key(buckets)
        if not wanted:
            return 0.0
        wait = await self._try(wanted, urgent)
        while wait is None:
            await self._create(wanted)
            wait = await self._try(wanted, urgent)
        return wait

    async def _try(self, wanted: Mapping[str, Bucket], urgent: bool) -> float | None:
        """None: a bucket has no row yet."""
        async with self._database.write() as connection:
            bucket_states = await _locked(connection, wanted)
            if len(bucket_states) < len(wanted):
                return None
            wait, left = take(wanted, bucket_states, urgent, self._clock())
            if left:
                await connection.execute(_LEAVE, [_left(key, tokens) for key, tokens in left.items()])
        return wait

    async def _create(self, wanted: Mapping[str, Bucket]) -> None:
        """In a transaction of its own: an insert among held locks would be out of order."""
        now = self._clock()
        async with self._database.write() as connection:
            statement = inserting(connection.dialect.name, rates).on_conflict_do_nothing()
            await connection.execute(statement, [_row(bucket, now) for bucket in wanted.values()])

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """Nobody gets a token for so long; a longer hold that is there stays."""
        now = self._clock()
        new = _row(bucket, now) | {"held_until": now + timedelta(seconds=seconds)}
        async with self._database.write() as connection:
            statement = inserting(connection.dialect.name, rates).values(**new)
            given = statement.excluded.held_until
            is_longer = or_(rates.c.held_until.is_(None), rates.c.held_until < given)
            longest = case((is_longer, given), else_=rates.c.held_until)
            held = statement.on_conflict_do_update(index_elements=["bucket"], set_={"held_until": longest})
            await connection.execute(held)


async def _locked(connection: AsyncConnection, wanted: Mapping[str, Bucket]) -> dict[str, Tokens]:
    rows = await connection.execute(_LOCK, {"wanted": list(wanted)})
    return {row.bucket: Tokens(row.tokens, row.at, row.held_until) for row in rows}


def _row(bucket: Bucket, now: datetime) -> dict[str, Any]:
    tokens = full(bucket, now)
    return {"bucket": bucket.key, "tokens": tokens.left, "at": tokens.at, "held_until": None}


def _left(key: str, tokens: Tokens) -> dict[str, Any]:
    return {"wanted": key, "left": tokens.left, "now": tokens.at}
