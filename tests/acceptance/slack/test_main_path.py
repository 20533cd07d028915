"""The main job through Slack, as the people of a channel see it."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import Transport
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_command_becomes_a_thread_that_asks_and_answers(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    script = [
        says("Let me look.", call("notes__read", name="a")),
        says("", call("notes__write", name="b", text="Welcome!")),
        done("It is **written**."),
    ]
    async with opened(script, transport) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Write a welcome note")
        told = await app.told("U1", "Started: **Write a welcome note**")
        root = await app.message("Write a welcome note", "Waiting for approval", "[Pause]", "[Stop]")
        card = await app.message("Allow Write (notes)?", "text: Welcome!", "Any member here may decide", "[Deny]")
        assert (root.thread_ts, card.thread_ts) == ("", root.ts)

        await fake_slack.click("U2", card.ts, "Allow once")
        await app.told("U2", "Allowed once: ")
        screen = await app.shows("Write (notes) allowed by", "it ran", "It is **written**.", thread=root.ts)
        ended = await app.message("Write a welcome note", "✅ Done", "[Details]")
    assert ended.ts == root.ts
    assert "[Stop]" not in ended.readable
    assert "[Allow once]" not in screen
    assert told.visible_to == "U1"


async def test_what_slack_delivers_twice_counts_once(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    script = [says("", call("notes__write", name="b")), done("It is written.")]
    async with opened(script, transport) as app:
        fake_slack.change(twice=True)
        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        card = await app.message("Allow Write (notes)?")
        await fake_slack.click("U2", card.ts, "Allow once")
        await fake_slack.say("U1", "C1", "Thanks, and the next one?", thread_ts=card.thread_ts)
        await app.message("It is written.")
        task = await app.task()
        await task.happened("follow_up.received")
        types = await task.types()
        alone = [m.readable for m in fake_slack.messages("C1") if m.visible_to]
    assert types.count("human_approval.received") == 1
    assert types.count("follow_up.received") == 1
    assert "human_approval.ignored" not in types
    assert sum("Started" in said for said in alone) == 1
    assert sum(said.startswith("Allowed once: ") for said in alone) == 1
