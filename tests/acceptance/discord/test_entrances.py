"""Every way into a task but the command with its goal, and replies in its thread."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_main_path import ASKED
from tests.app_harness import until_so
from tests.discord_harness import ANN, BOB, CID, FLAT, GENERAL, AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.adapters.sql.tables import task_messages
from threadwork.workflows.agents import Access

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKS = says("", call("ask_user", question="Which colour?"))


def read(app: AppHarness) -> str:
    """What the model was given last."""
    messages: tuple[dict[str, Any], ...] = app.harness.model.requests[-1].messages
    return "\n".join(str(message.get("content")) for message in messages)


async def amended(app: AppHarness, task_id: str, *messages: str) -> None:
    """Wait until changes of these are stored: Discord's gateway acknowledges nothing."""
    conversation = task_messages.c
    changed = select(conversation.ref).where(conversation.task_id == task_id, conversation.amended_at.is_not(None))
    async with asyncio.timeout(60):
        while True:
            async with app.database.read() as connection:
                refs = (await connection.execute(changed)).scalars().all()
            if all(any(ref.endswith(f":{message}") for ref in refs) for message in messages):
                return
            await asyncio.sleep(0.05)


async def test_run_without_a_goal_opens_a_form_that_starts_a_task(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Three lines.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"budget": 2.5})
        await app.window(ANN, "Start a task", "What should the agent do?", "(Empty: the agent's own budget.): [2.5]")
        filled = {"What should the agent do?": "Count the lines of this file", "Budget in dollars": "a lot"}
        await fake_discord.submit_modal(ANN, filled)
        told = await app.told(ANN, "⚠️ “a lot” is no amount in dollars. Write it like 2.50.")
        assert "What you wrote:\n│ ```\n│ Count the lines of this file\n│ ```" in told.readable
        assert await app.tasks() == []
        await fake_discord.slash(ANN, GENERAL, "agent run")
        await fake_discord.submit_modal(ANN, {**filled, "Budget in dollars": "0.75"})
        await app.told(ANN, "Started: **Count the lines of this file**")
        await app.message("Count the lines", "of $0.75")
        await app.message("Three lines.", "[👍] [👎]", channel=None)
        assert len(await app.tasks()) == 1


async def test_a_goal_too_long_for_a_command_fits_the_form_and_names_its_thread_by_its_head(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    goal = "Compare the offers below and say which one is the best for us, with reasons. " + "More words. " * 300
    async with opened([done("The second.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run")
        await fake_discord.submit_modal(ANN, {"What should the agent do?": goal[:4_000]})
        card = await app.message("Compare the offers", "✅ **Done**")
        assert goal[:4_000].strip() in read(app)
        assert len(card.readable) < 1_000
        await until_so(lambda: fake_discord.threads(GENERAL))
        (thread,) = fake_discord.threads(GENERAL)
        assert len(thread.name) <= 100
        assert thread.name.startswith("Compare the offers below")


async def test_a_mention_starts_a_task_in_a_thread_below_itself(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Twelve.")]) as app:
        said = await fake_discord.mention(ANN, GENERAL, "how many files are there?", files={"list.txt": "a\nb"})
        await app.message("Asked by Ann", "✅ **Done**", channel=said)
        await app.message("Twelve.", channel=said)
        (thread,) = fake_discord.threads(GENERAL)
        assert (thread.id, thread.name) == (said, "how many files are there?")
        assert "how many files are there?" in read(app)
        assert "Attached file list.txt:\n```\na\nb\n```" in read(app)
        assert len(await app.tasks()) == 1


async def test_a_mention_in_somebodys_thread_takes_along_who_said_what(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("The disk is full.")]) as app:
        root = await fake_discord.say(ANN, GENERAL, "The build is red & I don't know why")
        thread = await fake_discord.open_thread(ANN, GENERAL, "Red build", root)
        await fake_discord.say(BOB, thread, f"<@{CID}> changed the runners")
        await fake_discord.mention(CID, thread, "can you find out?")
        card = await app.message("Asked by Cid", "✅ **Done**", channel=thread)
        await app.message("The disk is full.", channel=thread)
        said = read(app)
        earlier = r"```\nAnn, [\d: -]+ UTC: The build is red & I don't know why\nBob, [\d: -]+ UTC: @Cid changed"
        assert re.search(earlier, said)
        assert said.index("can you find out?") < said.index("Earlier in this thread:")
        assert "Earlier in this thread" not in card.readable
        await (await app.task()).result()

        await fake_discord.say(BOB, thread, "I see, thanks")
        await fake_discord.mention(BOB, thread, "and which disk?")
        await (await app.task()).happened("follow_up.received")
        events = [event for event in await (await app.task()).events() if event.type == "follow_up.received"]
        assert [event.data["preview"] for event in events] == ["and which disk?"]


async def test_a_mention_that_answers_somebody_is_about_what_they_said(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Because of the disk.")]) as app:
        asked = await fake_discord.say(BOB, GENERAL, "The build is red again")
        said = await fake_discord.mention(ANN, GENERAL, "why?", reply_to=asked)
        await app.message("Because of the disk.", channel=said)
        assert re.search(r"why\?\n\nWhat this is about:\n```\nBob, [\d: -]+ UTC: The build is red again", read(app))


async def test_a_direct_message_starts_a_task_and_a_command_word_alone_is_answered(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Hello, Ann.")]) as app:
        await fake_discord.dm(ANN, "Greet me")
        direct = fake_discord.direct(ANN)
        await app.message("Asked by Ann", "✅ **Done**", channel=direct)
        await app.message("Hello, Ann.", channel=direct)
        asked = await fake_discord.dm(ANN, "list")
        told = await app.message("Your tasks.", "**Greet me**", channel=direct)
        assert told.reply_to == asked
        await fake_discord.mention(BOB, GENERAL, "help")
        await app.message("/agent run <goal>", channel=GENERAL)


async def test_the_message_command_asks_about_a_message_and_reports_below_it(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Because of the disk.")]) as app:
        said = await fake_discord.say(BOB, GENERAL, "The build is red again")
        await fake_discord.context_menu(ANN, said, "Ask an agent")
        await app.window(ANN, "Start a task", "> The build is red again")
        await fake_discord.submit_modal(ANN, {"What should the agent do?": "Why?\n\n> The build is red again"})
        await app.told(ANN, "Started: **Why? > The build is red again**")
        await app.message("Asked by Ann", "Why?", channel=said)
        await app.message("Because of the disk.", channel=said)


# --- replies in a task's thread --------------------------------------------------------------------------


async def test_a_reply_with_a_file_is_read_by_the_agent(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Done."), done("Blue it is.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
        thread = (await app.message("Done.", "[👍] [👎]", channel=None)).channel
        await fake_discord.say(ANN, thread, "Use this one", files={"colour.txt": "blue"})
        await app.message("Blue it is.", channel=thread)
        assert "Use this one" in read(app)
        assert "Attached file colour.txt:\n```\nblue\n```" in read(app)
        assert len(await app.tasks()) == 1


async def test_what_is_edited_or_taken_back_before_it_was_read_is_not_read_as_it_was(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__write", name="b")), done("Blue it is."), done("Still blue.")]
    async with opened(script) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
        thread = (await app.message(ASKED, channel=None)).channel
        task = await app.task()
        await fake_discord.slash(ANN, thread, "agent pause")
        await app.told(ANN, "Paused: ")
        first = await fake_discord.say(ANN, thread, "Make it red")
        second = await fake_discord.say(ANN, thread, "And add a door")
        await task.happened("follow_up.received", 2)
        await fake_discord.edit_message(ANN, first, "Make it blue")
        await fake_discord.delete_message(ANN, second)
        await amended(app, task.task_id, first, second)
        await fake_discord.slash(ANN, thread, "agent resume")
        card = await app.message("[Deny and read it]", channel=thread)
        await fake_discord.click(BOB, card.id, "Deny and read it")
        await app.message("Blue it is.", channel=thread)
        assert "Make it blue" in read(app)
        assert "red" not in read(app)
        assert "add a door" not in read(app)

        await fake_discord.edit_message(ANN, first, "Make it green")
        told = await app.message(
            "The agent has already read the first version", "write what should change", channel=thread
        )
        assert told.reply_to == first


async def test_a_reply_of_somebody_the_agent_does_not_listen_to_is_turned_away(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([ASKS, done("Blue.")], catalog=MemoryCatalog(agent(access=Access(run=(ANN,))))) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
        thread = (await app.message("The agent asks", "Which colour?", channel=None)).channel
        said = await fake_discord.say(BOB, thread, "red")
        told = await app.message("⚠️ This agent does not take messages from you.", channel=thread)
        assert told.reply_to == said
        await fake_discord.say(ANN, thread, "blue")
        await app.message("Which colour?", "→ **blue** (Ann)", channel=thread)


async def test_where_there_are_no_threads_the_task_lives_in_answers(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([ASKS, done("One."), done("Two.")]) as app:
        await fake_discord.slash(ANN, FLAT, "agent run", {"goal": "Count"})
        root = await app.message("Asked by Ann", "Count", channel=FLAT)
        asked = await app.message("The agent asks", "Which colour?", channel=FLAT)
        assert asked.reply_to == root.id
        await fake_discord.say(BOB, FLAT, "Nice weather")
        await fake_discord.say(ANN, FLAT, "red", reply_to=asked.id)
        first = await app.message("One.", "[👍] [👎]", channel=FLAT)
        await (await app.task()).result()
        await fake_discord.say(ANN, FLAT, "further", reply_to=first.id)
        await app.message("Two.", channel=FLAT)
        assert "Nice weather" not in read(app)
        assert fake_discord.threads(FLAT) == []
        assert len(await app.tasks()) == 1
