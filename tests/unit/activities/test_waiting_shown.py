"""That a model is waited for, on its way to the surfaces, and gone from there once the model answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from threadwork.activities.delivery.news import News
from threadwork.adapters.redis.hint_format import decoded, encoded
from threadwork.bot.api.events import sse
from threadwork.bot.client.events import _chunk
from threadwork.bot.terminal.task import FollowedTask
from threadwork.workflows.cards import THINKING, StatusCard, ThreadView
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event, Hint

AWAY = "Cannot reach m. Trying again until 16:12 UTC, attempt 2."
WAITING = Chunk(task_id="t", call_id="1.1", attempt=1, text="", waiting=AWAY)
TEXT = Chunk(task_id="t", call_id="1.1", attempt=2, text="Hel")


def told(kind: EventType) -> Hint:
    event = Event(task_id="t", seq=9, type=kind, at=datetime.now(UTC), iteration=1, data={})
    return Hint(task_id="t", events=(event,))


def test_between_processes_it_keeps_its_words() -> None:
    assert decoded("t", encoded(Hint(task_id="t", chunk=WAITING))) == Hint(task_id="t", chunk=WAITING)
    assert "waiting" not in encoded(Hint(task_id="t", chunk=TEXT)), "others read this as well"


def test_whoever_listens_to_the_api_hears_it() -> None:
    data = sse(WAITING).splitlines()[1].removeprefix("data: ")
    assert _chunk(data) == WAITING
    assert "waiting" not in json.loads(sse(TEXT).splitlines()[1].removeprefix("data: "))["data"]


@pytest.mark.parametrize("after", [Hint(task_id="t", chunk=TEXT), told(EventType.LLM_CALL_COMPLETED)])
def test_a_follower_is_woken_by_it_and_forgets_it_when_the_model_answers(after: Hint) -> None:
    news = News()
    news.hear(Hint(task_id="t", chunk=WAITING))
    assert news.waiting == AWAY
    assert news.came.is_set()
    news.hear(after)
    assert news.waiting == ""


def test_the_terminal_says_it_where_it_said_that_the_model_thinks() -> None:
    nothing: Any = None
    task = FollowedTask(nothing, "t", print)
    task.view = ThreadView(task_id="t", seq=3, status=StatusCard(doing=THINKING))
    task._write(WAITING)
    assert task.shown.status.doing == AWAY
    task._write(TEXT)
    assert task.shown.status.doing == THINKING
