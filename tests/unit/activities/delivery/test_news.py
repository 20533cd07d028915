"""When a follower is woken by what the bus says."""

from datetime import UTC, datetime

from threadwork.activities.delivery.news import News
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event, Hint


def hint(*types: EventType) -> Hint:
    now = datetime.now(UTC)
    events = (Event(task_id="t1", seq=n, type=type_, at=now, iteration=1, data={}) for n, type_ in enumerate(types, 1))
    return Hint(task_id="t1", events=tuple(events))


async def test_an_approval_wakes_at_once() -> None:
    news = News()
    news.hear(hint(EventType.LLM_CALL_COMPLETED, EventType.HUMAN_APPROVAL_REQUESTED))
    assert news.came.is_set()


async def test_the_steps_of_an_iteration_wake_nobody() -> None:
    news = News()
    for type_ in (EventType.ITERATION_STARTED, EventType.LLM_CALL_COMPLETED, EventType.TOOL_CALL_STARTED):
        news.hear(hint(type_))
    assert not news.came.is_set()


async def test_what_a_model_writes_before_a_private_call_is_not_shown() -> None:
    news = News()
    for private, text in ((False, "Hello"), (True, "hunter2")):
        chunk = Chunk(task_id="t1", call_id=f"1.{private:d}", attempt=1, text=text, private=private)
        news.hear(Hint(task_id="t1", chunk=chunk))
        assert news.live == ("" if private else text)
