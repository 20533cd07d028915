"""A place that takes no messages: whoever asked is told, the task goes on, and so does its thread once it can."""

from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_main_path import ASKED
from tests.discord_harness import ANN, BOB, FLAT, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b"))
SILENT, HIDDEN = "108", "109"
TOLD = "The task “Paint the shed” cannot post in its thread."


@pytest.mark.parametrize("channel", [SILENT, HIDDEN], ids=["may not write", "sees nothing"])
async def test_a_command_where_the_bot_may_not_speak_starts_nothing_until_its_author_chooses(
    fake_discord: FakeDiscord, opened: Callable[..., Opened], channel: str
) -> None:
    async with opened([done("It is painted.")]) as app:
        await fake_discord.slash(ANN, channel, "agent run", {"goal": "Paint the shed"})
        offered = await app.told(ANN, "Nothing was started: I cannot post in that channel.")
        assert await app.tasks() == []
        for _ in range(2):
            await fake_discord.click(ANN, offered.id, "Run it in my direct messages")
        await app.told(ANN, "Started in your direct messages: **Paint the shed**", times=2)
        await app.message("It is painted.", channel=fake_discord.direct(ANN))
        assert len(await app.tasks()) == 1


async def test_where_cards_cannot_be_answers_to_the_first_whoever_asked_is_told_and_they_come_once_they_can(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    fake_discord.channel(FLAT, denied=("create_public_threads", "read_message_history"))
    async with opened([WRITES, done("Yes, I am.")]) as app:
        await fake_discord.slash(ANN, FLAT, "agent run", {"goal": "Paint the shed"})
        said = await app.message(TOLD, "Read Message History", channel=fake_discord.direct(ANN))
        assert "[Allow once]" not in said.readable
        fake_discord.channel(FLAT, denied=("create_public_threads",))
        root = await app.message("Asked by Ann", channel=FLAT)
        await fake_discord.say(ANN, FLAT, "are you there?", reply_to=root.id)
        card = await app.message("Ann wrote since", "[Deny and read it]", channel=FLAT)
        await fake_discord.click(BOB, card.id, "Deny and read it")
        await app.message("Yes, I am.", channel=FLAT)


async def test_a_channel_deleted_in_the_middle_is_told_of_and_the_task_goes_on(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("It is painted.")]) as app:
        await fake_discord.slash(ANN, "102", "agent run", {"goal": "Paint the shed"})
        card = await app.message(ASKED, channel=None)
        fake_discord.channel(card.channel, gone=True)
        fake_discord.channel("102", gone=True)
        await fake_discord.slash(ANN, GENERAL, "agent approve")
        await app.sure(ANN, await app.told(ANN, "An approval waits for you.", "[Allow once]"), "Allow once")
        await app.told(ANN, "Allowed once: ")
        await app.message(TOLD, channel=fake_discord.direct(ANN))
        task = await app.task()
        assert (await task.result())["reason"] == "goal_achieved"
        await fake_discord.slash(ANN, GENERAL, "agent status", {"task": task.task_id})
        told = await app.told(ANN, "**Paint the shed**", "Done")
        assert "Why:" not in told.readable, "the name of a reason says nothing to people"
        assert len([m for m in fake_discord.messages(fake_discord.direct(ANN)) if TOLD in m.readable]) == 1


async def test_a_bot_that_is_thrown_out_in_the_middle_says_so_and_goes_on_when_it_is_back(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("It is painted."), done("Yes, I am.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
        card = await app.message(ASKED, channel=None)
        fake_discord.leave(fake_discord.bot)
        named = {"task": (await app.task()).task_id, "number": "1"}
        await fake_discord.slash(ANN, fake_discord.direct(ANN), "agent deny", named)
        await app.told(ANN, "was not shown here, so nothing was decided.", "[Deny]")
        await fake_discord.slash(ANN, fake_discord.direct(ANN), "agent pause", {"task": named["task"]})
        await app.message(TOLD, channel=fake_discord.direct(ANN))
        fake_discord.member(fake_discord.bot, ["79"])
        await fake_discord.slash(ANN, fake_discord.direct(ANN), "agent resume", {"task": named["task"]})
        await fake_discord.click(ANN, card.id, "Deny")
        await (await app.task()).happened("workflow.completed")
        await fake_discord.mention(ANN, card.channel, "are you there?")
        await app.message("Yes, I am.", channel=card.channel)
        await app.message("It is painted.", channel=card.channel)
        assert (await app.message("**Write (notes)** denied by Ann", channel=card.channel)).id == card.id


async def test_somebody_who_takes_no_direct_messages_finds_the_task_in_their_list(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    fake_discord.user(ANN, deaf=True)
    fake_discord.channel(FLAT, denied=("create_public_threads", "read_message_history"))
    async with opened([done("It is painted.")]) as app:
        await fake_discord.slash(ANN, FLAT, "agent run", {"goal": "Paint the shed"})
        await (await app.task()).happened("sink.failed")
        assert (await (await app.task()).result())["reason"] == "goal_achieved"
        await fake_discord.slash(ANN, GENERAL, "agent list")
        await app.told(ANN, "Your tasks.", "**Paint the shed** · done")
