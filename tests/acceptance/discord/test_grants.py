"""Calls that are allowed for good, or kept from who reads the thread: as people see it."""

from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_buttons import asked
from tests.acceptance.discord.test_main_path import ASKED
from tests.discord_harness import ANN, BOB, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
SECRET = "hunter2"
WRITES = says("", call("notes__write", name=SECRET))


async def test_always_allow_asks_whose_tasks_and_until_when_and_is_taken_back(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("One."), WRITES, done("Two.")]) as app:
        card = await asked(app, fake_discord, ASKED)
        await fake_discord.click(BOB, card.id, "More …")
        menu = await app.told(BOB, "Decide in another way:", "[Always allow …]")
        await fake_discord.click(BOB, menu.id, "Always allow …")
        question = await app.told(BOB, "Always allow", f"name: {SECRET}", "[Choose …]")
        await fake_discord.click(BOB, question.id, "Choose …")
        assert app.harness.tools.calls == []
        await fake_discord.submit_modal(BOB, {"For whose tasks?": "everybody", "For how long?": "week"})
        await app.told(BOB, "Allowed from now on: ")
        await app.message("One.", channel=card.channel)
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write another"})
        await app.message("Two.", channel=None)
        assert len(app.harness.tools.calls) == 2
        await fake_discord.slash(BOB, GENERAL, "agent grants")
        listed = await app.told(BOB, "One tool is allowed for good.", "[Take back]")
        await fake_discord.click(BOB, listed.id, "Take back")
        await app.told(BOB, "Taken back: ")


async def test_private_arguments_are_told_to_who_may_decide_alone(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    only_bob = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=("discord:500:202",), show="private")))
    async with opened([WRITES, done("Written.")], catalog=only_bob) as app:
        card = await asked(app, fake_discord, ASKED, "The arguments are shown to those who may decide.")
        await fake_discord.click(ANN, card.id, "Look and decide")
        await app.told(ANN, "those alone who may decide")
        await fake_discord.click(BOB, card.id, "Look and decide")
        shown = await app.told(BOB, f"name: {SECRET}", "[Allow once] [Deny]")
        await fake_discord.click(BOB, shown.id, "Allow once")
        await app.message("allowed by Bob", "it ran", channel=card.channel)
        assert app.harness.tools.calls == [("notes.write", {"name": SECRET})]
