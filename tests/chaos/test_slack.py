"""Slack under fire: lost answers, refusals, limits, cut sockets, doubles, bursts, and processes that are killed."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from temporalio.client import Client

from adapters.memory.tools import MemoryToolBox
from tests.chaos.crowd import CARDS, CHANNELS, Crowd, cards, jobs, mark_of, model
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.slack_house import House
from tests.stage import WRITE, Actor

pytestmark = pytest.mark.timeout(500)
MANY = 20  # tasks at once


async def test_with_every_fault_at_once_twenty_tasks_end_with_every_card_exactly_once_and_every_click_counted_once(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path
) -> None:
    fake_slack.begin(twice=True, cut_every=2, grace=0.5)
    written: list[str] = []
    async with House(temporal, fake_slack, tmp_path, model(), tools=writing(written)).open() as house:
        fake_slack.faults(
            Fault(kind="lose_answer", methods=("chat.postMessage",), once=True),
            Fault(kind="server_error", every=10),
            Fault(kind="rate_limited", every=3, retry_after=1),
        )
        async with Crowd(house).looking() as crowd:
            tasks = await asyncio.gather(*(crowd.play(job) for job in jobs(MANY)))
        await _as_promised(fake_slack, tasks, written)
        assert len(await house.tasks()) == MANY
    struck = Counter(call.outcome for call in fake_slack.calls())
    assert struck["answer_lost"] >= MANY * len(CARDS), struck
    assert struck["rate_limited"], struck
    assert struck["server_error"], struck


def writing(written: list[str]) -> MemoryToolBox:
    """Each call is a line: what really ran."""

    def write(arguments: dict[str, str]) -> str:
        written.append(arguments["name"])
        return "written"

    return MemoryToolBox((WRITE, write))


async def _as_promised(slack: FakeSlack, tasks: list[Actor], written: list[str]) -> None:
    messages = [seen for channel in CHANNELS for seen in slack.messages(channel)]
    assert cards(messages) == {task.task_id: CARDS for task in tasks}
    roots = {mark_of(seen).partition("/")[0]: seen.ts for seen in messages if mark_of(seen).endswith("status/0")}
    for seen in messages:
        task_id, _, card = mark_of(seen).partition("/")
        assert not card or seen.thread_ts == ("" if card == "status/0" else roots[task_id]), mark_of(seen)
    for task in tasks:
        types = Counter(await task.types())
        assert types["human_approval.received"] == 1, types
        assert types["follow_up.received"] == 1, types
    assert sorted(written) == sorted({job.goal for job in jobs(len(tasks))})
    assert slack.violations() == []
