"""Stop is reachable by every habit, and stops what the person had seen, not more."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.app_harness import until_so
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import AppHarness
from tests.worker_harness import Hesitating, agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKS = [says("", call("notes__write", name="b"))]
ONLY_ANN = MemoryCatalog(agent(access=Access(control=("U1",))))


async def begun(app: AppHarness, slack: FakeSlack) -> str:
    """A task of Ann's that waits; its thread."""
    await slack.slash("U1", "C1", "/agent", "run Paint the shed")
    return (await app.message("Allow Write (notes)?")).thread_ts


async def is_stopped(app: AppHarness, by: str) -> None:
    await app.message(f"Stopped by {by}", "Reply to continue.")
    await app.message("Paint the shed", "⚫ Stopped", "[Details]")
    assert (await (await app.task()).result())["reason"] == "cancelled"


async def test_the_button_stops_after_it_was_confirmed(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened(ASKS) as app:
        root = await begun(app, fake_slack)
        card = await app.message("Paint the shed", "[Stop]")
        (stop,) = [e for block in card.blocks for e in block.get("elements", ()) if e.get("action_id") == "press:stop"]
        assert "A reply starts it again" in stop["confirm"]["text"]["text"]
        await fake_slack.click("U2", root, "Stop")
        await app.told("U2", "Stopped: ")
        await is_stopped(app, "")


@pytest.mark.parametrize("word", ["Cancel!", "<@UBOT1> please stop"])
async def test_a_reply_that_only_says_stop_stops(
    fake_slack: FakeSlack, opened: Callable[..., Opened], word: str
) -> None:
    async with opened(ASKS) as app:
        root = await begun(app, fake_slack)
        await fake_slack.say("U2", "C1", word, thread_ts=root)
        await is_stopped(app, "Bob")


@pytest.mark.parametrize("name", ["octagonal_sign", "x"])
async def test_a_reaction_on_the_root_stops_if_it_is_of_somebody_who_may(
    fake_slack: FakeSlack, opened: Callable[..., Opened], name: str
) -> None:
    async with opened(ASKS, catalog=ONLY_ANN) as app:
        root = await begun(app, fake_slack)
        await fake_slack.react("U2", "C1", root, name)
        await app.told("U2", "You may not pause, resume or stop tasks of this agent.")
        await fake_slack.react("U1", "C1", root, name)
        await is_stopped(app, "Ann")


async def test_slacks_own_stop_button_stops(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened(Hesitating("I wonder. ", ASKS), declared=True) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Paint the shed")
        root = (await app.message("Paint the shed", "I wonder.")).ts
        await until_so(lambda: {root} == {s["thread_ts"] for s in fake_slack.sessions() if s["status"] == "processing"})
        await fake_slack.agent_session_stopped("U2", "C1", root)
        await is_stopped(app, "Bob")


async def test_a_stop_sent_before_a_newer_request_does_not_stop_it(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    script = [*ASKS, says("", call("ask_user", question="Which colour?")), done("Blue.")]
    async with opened(script) as app:
        root = await begun(app, fake_slack)
        await fake_slack.slash("U1", "C1", "/agent", "status")
        seen = await app.told("U1", "[Stop]")
        await fake_slack.say("U1", "C1", "Ask me for the colour", thread_ts=root)
        card = await app.message("Ann wrote since", "[Deny and read it]")
        await fake_slack.click("U2", card.ts, "Deny and read it")
        await app.message("Which colour?", "[Answer …]")
        await fake_slack.click("U1", seen.ts, "Stop")
        await app.told("U1", "Not stopped: a newer message came in")
        await fake_slack.say("U1", "C1", "blue", thread_ts=root)
        await app.message("Blue.", "[👍] [👎]")
