"""How far a tool's call is, on its way to the surfaces, and gone from there once the call is over."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from threadwork.activities.delivery.follower import Follower
from threadwork.activities.delivery.news import News
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.tool_calls import live_progress
from threadwork.activities.tool_calls.live_progress import showing
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.redis.hint_format import decoded, encoded
from threadwork.adapters.tools.mcp_words import how_far
from threadwork.bot.api.events import sse
from threadwork.bot.api.streams import _Follower
from threadwork.bot.client.events import _chunk
from threadwork.bot.terminal.task import FollowedTask
from threadwork.workflows.cards import RUNNING, StatusCard, ThreadView
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event, Hint
from threadwork.workflows.run_requests import NotifyRequest

FAR = "notes.sync 40 % — indexing"
MOVED = Chunk(task_id="t", call_id="1.2", attempt=1, text="", progress=FAR)
VIEW = ThreadView(task_id="t", seq=3, status=StatusCard(doing=f"{RUNNING} notes.sync"))


def over(kind: EventType = EventType.TOOL_CALL_COMPLETED, call_id: str = "1.2") -> Event:
    return Event(task_id="t", seq=9, type=kind, at=datetime.now(UTC), iteration=1, data={"call_id": call_id})


def test_it_keeps_its_words_between_processes_and_is_not_there_in_other_live_text() -> None:
    assert decoded("t", encoded(Hint(task_id="t", chunk=MOVED))) == Hint(task_id="t", chunk=MOVED)
    assert _chunk(sse(MOVED).splitlines()[1].removeprefix("data: ")) == MOVED
    text = MOVED.model_copy(update={"progress": "", "text": "Hel"})
    written = {"call_id": "1.2", "attempt": 1, "text": "Hel"}
    assert json.loads(sse(text).splitlines()[1].removeprefix("data: "))["data"] == written
    assert json.loads(encoded(Hint(task_id="t", chunk=text)))[0]["data"] == written


def test_the_status_card_says_it_until_that_call_is_over() -> None:
    news, nothing = News(), cast(ActivityDependencies, SimpleNamespace(attempts=None, events=None, views=None))
    follower: Any = Follower(
        nothing, NotifyRequest.model_construct(task_id="t", epoch=1), [], news, *[lambda: False] * 2
    )
    news.hear(Hint(task_id="t", chunk=MOVED))
    assert follower._with_live_text(VIEW).status.doing == FAR
    news.hear(Hint(task_id="t", events=(over(call_id="1.3"),)))
    assert follower._with_live_text(VIEW).status.doing == FAR
    news.hear(Hint(task_id="t", events=(over(),)))
    assert follower._with_live_text(VIEW).status.doing == f"{RUNNING} notes.sync"


def test_the_terminal_says_it_until_the_call_is_over() -> None:
    nothing: Any = None
    task = FollowedTask(nothing, "t", print)
    task.view = VIEW
    task._write(MOVED)
    assert task.shown.status.doing == FAR
    assert task.writing == ""


def test_what_comes_late_is_not_told() -> None:
    follower = _Follower("t", 0)
    list(follower.text_before(over()))
    follower.hear(Hint(task_id="t", chunk=MOVED))
    assert follower.next_text() is None


async def test_the_newest_goes_out_and_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_progress, "EVERY", 0.5)
    heard: list[str] = []

    class Heard(MemoryBus):
        async def publish(self, hint: Hint) -> None:
            assert hint.chunk
            heard.append(hint.chunk.progress)

    async with showing(Heard(), "t", "1.2", "notes.sync") as progress:
        for share in range(50):
            progress(f"{share} %")
        while len(heard) < 1:
            await asyncio.sleep(0.01)
        for share in (60, 65, 70):
            progress(f"{share} %")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    assert heard == ["notes.sync 49 %", "notes.sync 70 %"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((2, 5, "indexing"), "40 % — indexing"),
        ((12, None, "pages\nread"), "12 — pages read"),
        ((7, 5, None), "100 %"),
        ((3, 0, ""), "3"),
    ],
)
def test_how_far_it_is_in_words(given: Any, words: str) -> None:
    assert how_far(*given) == words
