"""Edits that come at once, in any order, and that say to stop."""

import asyncio
from typing import Any

import pytest

from tests.bot.chat.test_receive import Talk, amended, store, talk
from threadwork.bot.chat.edits import WITHDRAWN
from threadwork.workflows.tasks import Reply

__all__ = ["store", "talk"]


async def waiting(talk: Talk, stamp: str) -> tuple[str, str, str]:
    """What a line that nobody was told of says: to be told, in short, and stored."""
    row = await talk.store.intake.get("slack", f"C1:{stamp}")
    assert row is not None
    assert isinstance(row.command.action, Reply)
    action = row.command.action
    stored = (await talk.store.transcript.get(row.task_id, action.message.ref)).body["content"]
    return action.text, action.message.preview, stored


async def test_of_many_edits_the_newest_is_told_in_whatever_order_they_come(talk: Talk) -> None:
    task_id, one_by_one, at_once = await talk.ordered(), talk.stamp(), talk.stamp()
    talk.front.fake_run.away = True
    for stamp in (one_by_one, at_once):
        await talk.says("first", thread=f"root-{task_id}", stamp=stamp)
    for number in (3, 1, 2):
        await amended(talk, one_by_one, f"edit {number}", seconds=number)
    seconds = [(7 * n) % 20 + 1 for n in range(20)]
    await asyncio.gather(*(amended(talk, at_once, f"edit {number}", seconds=number) for number in seconds))
    assert await waiting(talk, one_by_one) == ("edit 3",) * 3
    assert await waiting(talk, at_once) == ("edit 20",) * 3


@pytest.mark.parametrize("now", ["stop", "*Stop!* 🛑", "<@UBOT> stop it"])
async def test_a_line_that_is_changed_to_stop_stops_the_task_and_is_for_no_agent(talk: Talk, now: str) -> None:
    task_id, stamp = await talk.ordered(), talk.stamp()
    await talk.says("And this", thread=f"root-{task_id}", stamp=stamp)
    await talk.told(task_id)
    assert await amended(talk, stamp, now) is None
    assert await talk.replies(task_id) == ["(The author took this message back.)"]
    assert [stop.by.name for stop in stops(talk)] == ["Ann"]


async def test_a_goal_that_is_changed_to_stop_stops_its_task(talk: Talk) -> None:
    stamp = talk.stamp()
    await talk.mention("tidy up", stamp=stamp)
    assert await amended(talk, stamp, "<@UBOT> stop") is None
    assert [stop.reason for stop in stops(talk)] == [""]
    gone = talk.stamp()
    await talk.mention("tidy the stop signs", stamp=gone)
    await amended(talk, gone, "<@UBOT> stop the signs from fading")
    assert len(stops(talk)) == 1
    await amended(talk, gone, None, seconds=2)
    assert [stop.reason for stop in stops(talk)] == ["", WITHDRAWN]


def stops(talk: Talk) -> list[Any]:
    return [call[3] for call in talk.front.fake_run.calls if call[2:3] == ("stop_execution",)]
