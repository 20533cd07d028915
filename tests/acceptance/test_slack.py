"""The main job through Slack, over both transports, as a person sees it."""

from pathlib import Path

import pytest
from temporalio.client import Client

from adapters.memory.model import says
from tests.fake_slack.client import FakeSlack
from tests.slack_house import House, Transport
from tests.stage import call, done

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    return request.param


async def test_a_command_becomes_a_thread_that_asks_and_answers(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path, transport: Transport
) -> None:
    script = [
        says("Let me look.", call("notes__read", name="a")),
        says("", call("notes__write", name="b", text="Welcome!")),
        done("It is **written**."),
    ]
    async with House(temporal, fake_slack, tmp_path, script, transport).open() as house:
        await fake_slack.slash("U1", "C1", "/agent", "run Write a welcome note")
        screen = await house.shows("Write a welcome note", "[Pause]", "[Stop]")
        print(screen)
        task = await house.task()
        await task.happened("human_approval.requested")
        (root,) = [m for m in fake_slack.messages("C1") if not m.thread_ts and not m.visible_to]
        screen = await house.shows("notes.write", "[Approve]", "[Deny]", thread=root.ts)
        print(screen)
        card = next(m for m in fake_slack.messages("C1", root.ts) if "[Approve]" in m.readable)
        await fake_slack.click("U2", card.ts, "Approve")
        await task.result()
        screen = await house.shows("written", thread=root.ts)
        print(screen)
        print(await house.shows("Done"))
    assert fake_slack.violations() == []
