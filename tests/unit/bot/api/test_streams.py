"""Following tasks as they go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fake_run import Front
from threadwork.activities import watcher
from threadwork.bot.api import streams
from threadwork.bot.api.streams import Item, Streams
from threadwork.workflows.call_events import LlmCallCompleted, LlmCallStarted
from threadwork.workflows.events import Chunk, Event, Hint
from threadwork.workflows.run_events import IterationStarted
from threadwork.workflows.values import Usage


@pytest.fixture
def front() -> Front:
    return Front()


@asynccontextmanager
async def following(streams_: Streams, task_id: str, after: int = 0) -> AsyncIterator[Any]:
    """A reader of one stream: call it for the next item."""
    source = streams_.follow(task_id, after)

    async def following_item() -> Item:
        return await asyncio.wait_for(anext(source), 5)

    try:
        yield following_item
    finally:
        await source.aclose()  # type: ignore[attr-defined]


async def waiting(streams_: Streams, *texts: str) -> None:
    """Wait until so many letters of live text wait for the only reader, joined or not."""
    [follower] = streams_._followers
    async with asyncio.timeout(30):
        while sum(len(chunk.text) for chunk in follower._chunks) < len("".join(texts)):
            await asyncio.sleep(0.005)


def chunk(task_id: str, text: str, call_id: str = "1.2", attempt: int = 1) -> Hint:
    return Hint(task_id=task_id, chunk=Chunk(task_id=task_id, call_id=call_id, attempt=attempt, text=text))


def numbers(first: int, last: int) -> list[IterationStarted]:
    return [IterationStarted(number=number) for number in range(first, last + 1)]


def told(item: Item) -> str:
    assert item is not None
    return item.type.value if isinstance(item, Event) else item.text


async def test_what_is_stored_comes_first_then_what_happens(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, *numbers(2, 4))
    async with following(Streams(front.store.events, front.bus, look=60), task_id) as following_item:
        assert [(await following_item()).seq for _ in range(4)] == [1, 2, 3, 4]
        await front.fake_run.tell(task_id, *numbers(5, 6))
        assert [(await following_item()).seq for _ in range(2)] == [5, 6]


async def test_a_stream_resumes_after_a_number(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, *numbers(2, 4))
    async with following(Streams(front.store.events, front.bus), task_id, after=2) as following_item:
        assert [(await following_item()).seq for _ in range(2)] == [3, 4]


async def test_without_hints_one_look_serves_every_stream(front: Front) -> None:
    tasks = [await front.task() for _ in range(3)]
    looks: list[Any] = []

    class Counted:
        async def heads(self, task_ids: Any) -> Any:
            looks.append(tuple(task_ids))
            return await front.store.events.heads(task_ids)

        async def read(self, *which: Any) -> Any:
            return await front.store.events.read(*which)

    streams_ = Streams(Counted(), front.bus, look=0.05)  # type: ignore[arg-type]
    async with (
        following(streams_, tasks[0]) as a,
        following(streams_, tasks[1]) as b,
        following(streams_, tasks[2]) as c,
    ):
        for read in (a, b, c):
            assert (await read()).seq == 1
        for number in (2, 3):  # the first may still be found by the reading that follows the subscription
            for task_id in tasks:
                await front.fake_run.tell(task_id, *numbers(number, number), hint=False)
            assert [(await read()).seq for read in (a, b, c)] == [number] * 3
    assert looks[-1] == tuple(sorted(tasks))
    done = len(looks)
    assert streams_._watcher._poller
    await asyncio.wait_for(streams_._watcher._poller, 5)  # it ends, so that nothing more comes of it
    assert len(looks) == done, "nobody follows any more, yet the database is asked"
    assert streams_.open == 0


async def test_live_text_of_an_attempt_is_joined_for_a_slow_reader(front: Front) -> None:
    task_id = await front.task()
    streams_ = Streams(front.store.events, front.bus)
    async with following(streams_, task_id) as following_item:
        assert (await following_item()).seq == 1
        for text in ("Hel", "lo ", "world"):
            await front.bus.publish(chunk(task_id, text))
        await waiting(streams_, "Hello world")
        assert (await following_item()).text == "Hello world"
        await front.bus.publish(chunk(task_id, "old"))
        await front.bus.publish(chunk(task_id, "new", attempt=2))
        await waiting(streams_, "old", "new")
        assert [(item.attempt, item.text) for item in [await following_item(), await following_item()]] == [
            (1, "old"),
            (2, "new"),
        ]


async def test_live_text_comes_between_the_start_and_the_end_of_its_call(front: Front) -> None:
    task_id = await front.task()
    async with following(Streams(front.store.events, front.bus), task_id) as following_item:
        assert (await following_item()).seq == 1
        await front.fake_run.tell(task_id, LlmCallStarted(call_id="1.2", model="m"))
        await front.bus.publish(chunk(task_id, "text"))
        await front.fake_run.tell(task_id, LlmCallCompleted(call_id="1.2", model="m", usage=Usage()))
        assert [told(await following_item()) for _ in range(3)] == ["llm_call.started", "text", "llm_call.completed"]


async def test_text_of_a_call_that_is_over_is_dropped(front: Front) -> None:
    task_id = await front.task()
    async with following(Streams(front.store.events, front.bus), task_id) as following_item:
        await front.fake_run.tell(task_id, LlmCallCompleted(call_id="1.2", model="m", usage=Usage()))
        assert [told(await following_item()) for _ in range(2)] == ["workflow.started", "llm_call.completed"]
        await front.bus.publish(chunk(task_id, "too late"))
        await front.fake_run.tell(task_id, *numbers(3, 3))
        assert told(await following_item()) == "iteration.started"


async def test_a_reader_that_does_not_read_costs_a_bounded_amount(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LIVE_TEXT", 1_000)
    task_id = await front.task()
    streams_ = Streams(front.store.events, front.bus)
    async with following(streams_, task_id) as following_item:
        assert (await following_item()).seq == 1
        for number in range(100):
            await front.bus.publish(chunk(task_id, "x" * 90, call_id=f"1.{number // 5}"))
            await asyncio.sleep(0)
        [follower] = streams_._followers
        assert 0 < sum(len(waiting.text) for waiting in follower._chunks) <= 1_000


async def test_silence_gives_a_sign_of_life(front: Front) -> None:
    task_id = await front.task()
    async with following(Streams(front.store.events, front.bus, look=60, beat=0.05), task_id) as following_item:
        assert (await following_item()).seq == 1
        assert await following_item() is None


async def test_a_database_that_is_away_for_a_moment_ends_no_stream(front: Front) -> None:
    task_id = await front.task()

    class Flaky:
        failures = 2

        async def heads(self, task_ids: Any) -> Any:
            return await front.store.events.heads(task_ids)

        async def read(self, *which: Any) -> Any:
            self.failures -= 1
            if self.failures >= 0:
                raise OSError("connection lost")
            return await front.store.events.read(*which)

    async with following(Streams(Flaky(), front.bus, look=0.02), task_id) as following_item:  # type: ignore[arg-type]
        assert (await following_item()).seq == 1


async def test_a_bus_that_goes_away_is_listened_to_again(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "LISTEN_PAUSE", 0.02)
    task_id = await front.task()

    class Leaving:
        times = 0

        async def listen(self, task_id: str) -> AsyncIterator[Hint]:
            self.times += 1
            if self.times < 3:
                raise ConnectionError("gone")
            yield chunk(task_id, "back")

    async with following(Streams(front.store.events, Leaving(), look=60), task_id) as following_item:  # type: ignore[arg-type]
        assert (await following_item()).seq == 1
        assert (await following_item()).text == "back"


async def test_closing_ends_every_stream(front: Front) -> None:
    task_id = await front.task()
    streams_ = Streams(front.store.events, front.bus, look=60)
    source = streams_.follow(task_id)
    assert (await anext(source)).seq == 1  # type: ignore[union-attr]
    asyncio.get_running_loop().call_later(0.05, streams_.close)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(source), 5)
    assert streams_.open == 0
