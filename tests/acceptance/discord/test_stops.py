"""Stop is reachable by every habit, and stops what the person had seen, not more."""

from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_main_path import ASKED
from tests.discord_harness import ANN, BOB, GENERAL, AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKS = [says("", call("notes__write", name="b"))]
ONLY_ANN = MemoryCatalog(agent(access=Access(control=(ANN,))))


async def begun(app: AppHarness, discord: FakeDiscord) -> str:
    """A task of Ann's that waits; its thread."""
    await discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
    return (await app.message(ASKED, channel=None)).channel


async def is_stopped(app: AppHarness, thread: str, by: str) -> None:
    await app.message(f"Stopped by {by}", "Reply to continue.", channel=thread)
    await app.message("Paint the shed", "⚫ **Stopped**", "[Details]")
    assert (await (await app.task()).result())["reason"] == "cancelled"


async def test_the_button_stops_after_it_was_confirmed_and_not_before(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened(ASKS) as app:
        thread = await begun(app, fake_discord)
        card = await app.message("Paint the shed", "[Stop]")
        (asked,) = fake_discord.answers(await fake_discord.click(BOB, card.id, "Stop"))
        assert "Stop the task?" in asked.readable
        assert asked.visible_to == BOB
        assert "workflow.cancelled" not in await (await app.task()).types()
        await fake_discord.click(BOB, asked.id, "Yes, stop")
        told = await app.told(BOB, "Stopped: ")
        assert told.id == asked.id, "the question makes way for what came of it"
        assert "[Yes, stop]" not in told.readable
        await is_stopped(app, thread, "Bob")


@pytest.mark.parametrize("word", ["Cancel!", "<@900> please stop"])
async def test_a_reply_that_only_says_stop_stops(
    fake_discord: FakeDiscord, opened: Callable[..., Opened], word: str
) -> None:
    async with opened(ASKS) as app:
        thread = await begun(app, fake_discord)
        await fake_discord.say(BOB, thread, word)
        await is_stopped(app, thread, "Bob")


@pytest.mark.parametrize("sign", ["🛑", "❌"])
async def test_a_reaction_on_the_status_card_stops_if_it_is_of_somebody_who_may(
    fake_discord: FakeDiscord, opened: Callable[..., Opened], sign: str
) -> None:
    async with opened(ASKS, catalog=ONLY_ANN) as app:
        thread = await begun(app, fake_discord)
        await fake_discord.react(BOB, thread, sign)
        told = await app.message("You may not pause, resume or stop tasks of this agent.")
        assert told.reply_to == thread
        await fake_discord.react(ANN, thread, sign)
        await is_stopped(app, thread, "Ann")


async def test_a_stop_sent_before_a_newer_request_does_not_stop_it(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [*ASKS, says("", call("ask_user", question="Which colour?")), done("Blue.")]
    async with opened(script) as app:
        thread = await begun(app, fake_discord)
        await fake_discord.slash(ANN, GENERAL, "agent status")
        seen = await app.told(ANN, "[Stop]")
        await fake_discord.say(ANN, thread, "Ask me for the colour")
        card = await app.message("Ann wrote since", "[Deny and read it]", channel=thread)
        await fake_discord.click(BOB, card.id, "Deny and read it")
        await app.message("Which colour?", "[Answer …]", channel=thread)
        await app.sure(ANN, seen, "Stop")
        await app.told(ANN, "Not stopped: a newer message came in")
        await fake_discord.say(ANN, thread, "blue")
        await app.message("Blue.", "[👍] [👎]", channel=thread)


async def test_a_direct_message_starts_a_task_and_a_sign_stops_it(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened(ASKS) as app:
        await fake_discord.dm(ANN, "paint the shed")
        direct = fake_discord.direct(ANN)
        root = await app.message("[Stop]", channel=direct)
        await app.message("[Allow once]", channel=direct)
        await fake_discord.react(ANN, root.id, "🛑")
        await app.message("Stopped by Ann", channel=direct)
        assert (await (await app.task()).result())["status"] == "cancelled"
