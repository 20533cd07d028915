"""When a follower is woken by what the bus says."""

import asyncio
from datetime import UTC, datetime

from activities.watch import GATHER, News
from workflows.events import Event, EventType, Hint


def hint(*types: EventType) -> Hint:
    now = datetime.now(UTC)
    events = (Event(task_id="t1", seq=n, type=type_, at=now, iteration=1, data={}) for n, type_ in enumerate(types, 1))
    return Hint(task_id="t1", events=tuple(events))


async def test_an_approval_wakes_at_once() -> None:
    news = News()
    news.hear(hint(EventType.LLM_CALL_COMPLETED, EventType.HUMAN_APPROVAL_REQUESTED))
    assert news.came.is_set()


async def test_steps_of_an_iteration_wake_once_for_all_that_came_within_a_moment() -> None:
    news, woken = News(), 0
    for _ in range(8):
        news.hear(hint(EventType.TOOL_CALL_STARTED))
        await asyncio.sleep(GATHER / 10)
        woken += news.came.is_set()
    assert woken == 0
    async with asyncio.timeout(1):
        await news.came.wait()


async def test_later_steps_wake_again() -> None:
    news = News()
    for _ in range(2):
        news.came.clear()
        news.hear(hint(EventType.ITERATION_STARTED))
        async with asyncio.timeout(1):
            await news.came.wait()
