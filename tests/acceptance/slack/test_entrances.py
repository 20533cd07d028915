"""Every way into a task but the command: form, mention, direct message, shortcut, and replies in its thread."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import AppHarness, Transport
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKS = says("", call("ask_user", question="Which colour?"))


def read(app: AppHarness) -> str:
    """What the model was given last."""
    messages: tuple[dict[str, Any], ...] = app.harness.model.requests[-1].messages
    return "\n".join(str(message.get("content")) for message in messages)


async def test_the_bare_command_opens_a_form_that_starts_a_task(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    async with opened([done("Three lines.")], transport) as app:
        await fake_slack.slash("U1", "C1", "/agent")
        await app.window("U1", "Start a task", "What should the agent do?", "Budget in dollars", "[Start]")
        filled = {"goal": "Count the lines", "budget": "a lot", "files": {"a.txt": "one\ntwo\nthree"}}
        await fake_slack.submit_view("U1", filled)
        await app.window("U1", "“a lot” is no amount in dollars. Write it like 2.50.")
        await fake_slack.submit_view("U1", {**filled, "budget": "0.75"})
        await app.told("U1", "Started: **Count the lines**")
        await app.message("Count the lines", "of $0.75")
        await app.message("Three lines.", "[👍] [👎]")
        assert fake_slack.views("U1") == []
        assert "Attached file a.txt:\n```\none\ntwo\nthree\n```" in read(app)
        assert len(await app.tasks()) == 1


async def test_a_mention_starts_a_task_below_itself(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    async with opened([done("Twelve.")], transport) as app:
        fake_slack.change(twice=True)
        said = await fake_slack.mention("U1", "C1", "how many files are there?", files={"list.txt": "a\nb"})
        await app.shows("how many files are there?", "asked by Ann", "Twelve.", thread=said)
        assert "how many files are there?" in read(app)
        assert "Attached file list.txt:\n```\na\nb\n```" in read(app)
        assert len(await app.tasks()) == 1


async def test_a_direct_message_starts_a_task_and_a_command_word_alone_is_answered(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Hello, Ann.")]) as app:
        said = await fake_slack.say("U1", "D1", "Greet me")
        await app.shows("Greet me", "Hello, Ann.", channel="D1", thread=said)
        await fake_slack.say("U1", "D1", "list")
        await app.told("U1", "Your tasks.", "Greet me", channel="D1")
        await fake_slack.mention("U2", "C1", "help")
        await app.told("U2", "/agent run <goal>")


async def test_the_shortcut_asks_about_a_message_and_reports_below_it(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    async with opened([done("Because of the disk.")], transport) as app:
        said = await fake_slack.say("U2", "C1", "The build is red again")
        await fake_slack.shortcut("U1", "C1", said, "ask_agent")
        await app.window("U1", "> The build is red again", "[Start]")
        await fake_slack.submit_view("U1", {"goal": "Why?\n\n> The build is red again"})
        await app.shows("The build is red again", "Why?", "Because of the disk.", thread=said)


# --- replies in a task's thread --------------------------------------------------------------------------


async def test_a_reply_with_a_file_is_read_by_the_agent(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened([done("Done."), done("Blue it is.")]) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Paint the shed")
        root = (await app.message("Done.")).thread_ts
        await fake_slack.say("U1", "C1", "Use this one", thread_ts=root, files={"colour.txt": "blue"})
        await app.shows("Use this one", "Blue it is.", thread=root)
        assert "Use this one" in read(app)
        assert "Attached file colour.txt:\n```\nblue\n```" in read(app)
        assert len(await app.tasks()) == 1


async def test_what_is_edited_or_taken_back_before_it_was_read_is_not_read_as_it_was(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__write", name="b")), done("Blue it is."), done("Still blue.")]
    async with opened(script) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Paint the shed")
        root = (await app.message("Allow Write (notes)?")).thread_ts
        task = await app.task()
        await fake_slack.slash("U1", "C1", "/agent", f"pause {task.task_id}")
        await app.told("U1", "Paused: ")
        first = await fake_slack.say("U1", "C1", "Make it red", thread_ts=root)
        second = await fake_slack.say("U1", "C1", "And add a door", thread_ts=root)
        await task.happened("follow_up.received", 2)
        await fake_slack.edit_message("U1", "C1", first, "Make it blue")
        await fake_slack.delete_message("U1", "C1", second)
        await fake_slack.slash("U1", "C1", "/agent", f"resume {task.task_id}")
        card = await app.message("[Deny and read it]")
        await fake_slack.click("U2", card.ts, "Deny and read it")
        await app.message("Blue it is.")
        assert "Make it blue" in read(app)
        assert "red" not in read(app)
        assert "add a door" not in read(app)

        await fake_slack.edit_message("U1", "C1", first, "Make it green")
        await app.told("U1", "The agent has already read the first version", "write what should change")


async def test_a_reply_of_somebody_the_agent_does_not_listen_to_is_turned_away(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([ASKS, done("Blue.")], catalog=MemoryCatalog(agent(access=Access(run=("U1",))))) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Paint the shed")
        root = (await app.message("The agent asks", "Which colour?")).thread_ts
        await fake_slack.say("U2", "C1", "red", thread_ts=root)
        await app.told("U2", "⚠️ This agent does not take messages from you.")
        await fake_slack.say("U1", "C1", "blue", thread_ts=root)
        await app.message("Which colour?", "→ blue (Ann)")
