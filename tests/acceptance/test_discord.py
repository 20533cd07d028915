"""The main job through Discord, as a person sees it."""

from pathlib import Path

import pytest
from temporalio.client import Client

from adapters.memory.model import says
from tests.discord_house import ANN, BOB, FLAT, GENERAL, House
from tests.fake_discord.client import FakeDiscord
from tests.stage import call, done

pytest_plugins = ["tests.fake_discord.fixture"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def asks() -> list[object]:
    return [
        says("Let me look.", call("notes__read", name="a")),
        says("", call("notes__write", name="b", text="Welcome!")),
        done("It is **written**."),
    ]


async def test_a_command_becomes_a_thread_that_asks_answers_and_takes_replies(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    script = [*asks(), done("And *signed*.")]
    async with House(temporal, fake_discord, tmp_path, script).open() as house:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a welcome note"})
        await house.told(ANN, "Started", "Write a welcome note")
        root = await house.message("Write a welcome note", "[Stop]")
        card = await house.message("notes.write", "[Approve]", channel=root.id)
        assert (await fake_discord.click(BOB, card.id, "Approve")).acked
        (question,) = [m for m in fake_discord.messages(root.id) if m.visible_to == BOB]
        await fake_discord.click(BOB, question.id, "Yes, approve")
        await house.told(BOB, "Approved")
        await house.message("written", channel=root.id)
        await (await house.task()).result()
        await fake_discord.say(ANN, root.id, "Sign it, too")
        await house.message("signed", channel=root.id)
        print(fake_discord.screen(ANN, GENERAL), fake_discord.screen(ANN, root.id), sep="\n\n")
    assert fake_discord.violations() == []


async def test_the_bot_is_restarted_while_an_approval_waits_and_what_was_said_meanwhile_arrives(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    script = [*asks()[:2], done("It is **written**."), done("It is *signed*.")]
    house = House(temporal, fake_discord, tmp_path, script)
    async with house.open(bots=0):
        async with house.bot():
            await fake_discord.mention(ANN, GENERAL, "write a welcome note")
            card = await house.message("notes.write", "[Approve]", channel=None)
        (thread,) = fake_discord.threads(GENERAL)
        assert card.channel == thread.id
        async with house.bot():
            await fake_discord.click(BOB, card.id, "Deny")
            await house.told(BOB, "Denied")
            await house.message("written", channel=thread.id)
        task = await house.task()
        await task.result()
        await fake_discord.say(ANN, thread.id, "Sign it, too")
        async with house.bot():
            await house.message("signed", channel=thread.id)
            (reply,) = [e for e in await task.events() if e.type == "follow_up.received"]
            assert reply.data["by"]["user_id"] == ANN
    assert fake_discord.violations() == []


async def test_where_there_are_no_threads_the_task_lives_in_answers(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    async with House(temporal, fake_discord, tmp_path, [done("One."), done("Two.")]).open() as house:
        await fake_discord.slash(ANN, FLAT, "agent run", {"goal": "Count"})
        first = await house.message("One.", channel=FLAT)
        await (await house.task()).result()
        await fake_discord.say(ANN, FLAT, "further", reply_to=first.id)
        await house.message("Two.", channel=FLAT)
    assert fake_discord.violations() == []


async def test_a_direct_message_starts_a_task_and_a_sign_stops_it(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    async with House(temporal, fake_discord, tmp_path, asks()).open() as house:
        await fake_discord.dm(ANN, "write a welcome note")
        direct = fake_discord.direct(ANN)
        root = await house.message("[Stop]", channel=direct)
        await house.message("[Approve]", channel=direct)
        await fake_discord.react(ANN, root.id, "🛑")
        assert (await (await house.task()).result())["status"] == "cancelled"
    assert fake_discord.violations() == []
