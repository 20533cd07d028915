"""The main job through Discord, as the people of a channel see it."""

import re
from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.discord_harness import ANN, BOB, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKED = "**Allow** `Write (notes)`**?**"


async def test_a_command_becomes_a_thread_that_asks_answers_and_takes_replies(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [
        says("Let me look.", call("notes__read", name="a")),
        says("", call("notes__write", name="b", text="Welcome!")),
        done("It is **written**."),
        done("And *signed*."),
    ]
    async with opened(script) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a welcome note"})
        told = await app.told(ANN, "Started: **Write a welcome note**")
        root = await app.message("Asked by Ann", "Write a welcome note", "Waiting for approval", "[Pause] [Stop]")
        card = await app.message(ASKED, "text: Welcome!", "Any member here may decide", channel=root.id)
        (thread,) = fake_discord.threads(GENERAL)
        assert (thread.id, thread.name, thread.joined) == (root.id, "Write a welcome note", [fake_discord.bot, ANN])

        await app.sure(BOB, card, "Allow once")
        await app.told(BOB, "Allowed once: ")
        decided = await app.message("**Write (notes)** allowed by Bob", "it ran", channel=root.id)
        answer = await app.message("It is **written**.", "[👍] [👎]", channel=root.id)
        ended = await app.message("Write a welcome note", "✅ **Done**", "[Details]")
        await (await app.task()).result()

        await fake_discord.say(ANN, root.id, "Sign it, too")
        await app.message("And *signed*.", channel=root.id)
        assert decided.id == card.id
        assert "[Allow once]" not in decided.readable
        assert ended.id == root.id
        assert "[Stop]" not in ended.readable
        assert told.visible_to == ANN
        screen = fake_discord.screen(BOB, root.id)
        order = [
            screen.index(words)
            for words in ("**Write (notes)** allowed", "It is **written**.", "Sign it, too", "And *signed*")
        ]
        assert order == sorted(order)
        assert re.search(r"\d{15,}", screen) is None, "ids are nothing that people read"
        assert answer.pings == []


async def test_what_discord_delivers_twice_counts_once(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__write", name="b")), done("It is written.")]
    async with opened(script) as app:
        fake_discord.change(twice=True)
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        card = await app.message(ASKED, channel=None)
        await fake_discord.click(BOB, card.id, "Deny")
        await app.told(BOB, "Denied: ")
        await app.message("It is written.", channel=None)
        types = await (await app.task()).types()
        alone = [m.readable for m in fake_discord.messages() if m.visible_to]
        assert len(await app.tasks()) == 1
    assert types.count("human_approval.received") == 1
    assert "human_approval.ignored" not in types
    assert sum("Started" in said for said in alone) == 1
    assert sum("Denied: " in said for said in alone) == 1


async def test_the_bot_is_restarted_while_an_approval_waits_and_what_was_said_meanwhile_arrives(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__write", name="b")), done("It is **written**."), done("It is *signed*.")]
    async with opened(script, bots=0) as app:
        async with app.bot():
            await fake_discord.mention(ANN, GENERAL, "write a welcome note")
            card = await app.message(ASKED, channel=None)
        async with app.bot():
            await fake_discord.click(BOB, card.id, "Deny")
            await app.told(BOB, "Denied: ")
            await app.message("It is **written**.", channel=card.channel)
        task = await app.task()
        await task.result()
        await fake_discord.say(ANN, card.channel, "Sign it, too")
        async with app.bot():
            await app.message("It is *signed*.", channel=card.channel)
            (reply,) = [e for e in await task.events() if e.type == "follow_up.received"]
            assert reply.data["by"]["user_id"] == ANN
