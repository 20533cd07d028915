"""One person with accounts on both platforms: linking them, and what follows from it."""

import asyncio
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal, cast

import pytest

from tests.acceptance.both.conftest import Opened
from tests.both_harness import AppHarness
from tests.discord_harness import ANN, BOB, GENERAL
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.workflows.agents import Access, ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
FOUR_EYES = agent(approvals=ApprovalPolicy(four_eyes=True))
JOINED = (("slack", "T1"), ("discord", "500"))
WRITES = says("", call("notes__write", name="b"))
OPS = "103"
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
WRONG = "This code is wrong, was used, or is older than ten minutes."
Platform = Literal["slack", "discord"]
OTHER: dict[Platform, Platform] = {"slack": "discord", "discord": "slack"}
ONE_MAY_RUN: dict[Platform, str] = {"slack": "slack:T1:U1", "discord": f"discord:500:{ANN}"}


class Person:
    """Types commands on both platforms, and reads what they are told alone."""

    def __init__(self, app: AppHarness, slack: str, discord: str) -> None:
        self._house = app
        self._slack = slack
        self._discord = discord
        self._seen = count(1)

    async def types(self, platform: Platform, words: str, *told: str) -> str:
        """The newest answer; waits until it has all the words of `told`."""
        before = self._answers(platform)
        if platform == "slack":
            await self._house.slack.slash(self._slack, "C1", "/agent", words)
        else:
            word, _, rest = words.partition(" ")
            names = {"run": "goal", "link": "code", "list": "which"}
            await self._house.discord.slash(
                self._discord, GENERAL, f"agent {word}", {names[word]: rest} if rest else {}
            )
        async with asyncio.timeout(20):
            while len(after := self._answers(platform)) <= len(before) or not all(one in after[-1] for one in told):
                await asyncio.sleep(0.1)
        return after[-1]

    async def code(self, platform: Platform) -> str:
        found = CODE.search(await self.types(platform, "link", "Your code is"))
        assert found
        return found[0]

    async def links(self, from_: Platform) -> str:
        return await self.types(OTHER[from_], f"link {await self.code(from_)}", "Linked:")

    def _answers(self, platform: Platform) -> list[str]:
        if platform == "slack":
            return [m.readable for m in self._house.slack.messages("C1") if m.visible_to == self._slack]
        shown = [m for m in self._house.discord.messages(GENERAL) if m.visible_to == self._discord and not m.waiting]
        return [m.readable for m in shown]


def ann(app: AppHarness) -> Person:
    return Person(app, "U1", ANN)


def bob(app: AppHarness) -> Person:
    return Person(app, "U2", BOB)


@pytest.fixture(params=["slack", "discord"])
def first(request: pytest.FixtureRequest) -> Platform:
    """Where the code is asked for; it is used on the other platform."""
    return cast(Platform, request.param)


# --- what follows the person ------------------------------------------------------------------------------


async def test_what_only_one_account_may_run_the_linked_one_runs_until_it_is_unlinked(
    opened: Callable[..., Opened], first: Platform
) -> None:
    only_one = MemoryCatalog(agent(access=Access(run=(ONE_MAY_RUN[first],))))
    async with opened(MemoryModel(lambda request: done("Ready.")), catalog=only_one) as app:
        second = OTHER[first]
        assert "You may not run the agent" in await ann(app).types(second, "run Paint")
        linked = await ann(app).links(first)
        assert "(Slack)" in linked
        assert "(Discord)" in linked
        assert "Started" in await ann(app).types(second, "run Paint")
        await (await app.task()).result()
        assert "You may not run the agent" in await bob(app).types(second, "run Paint")
        for platform in (first, second):
            assert "Your accounts: " in await ann(app).types(platform, "link list")
        assert "stands for itself again" in await ann(app).types(second, "link off")
        assert "You may not run the agent" in await ann(app).types(second, "run Paint")
        assert "linked with no other" in await ann(app).types(first, "link list")


async def test_tasks_and_costs_of_both_accounts_are_shown_on_either(opened: Callable[..., Opened]) -> None:
    async def dear(app: AppHarness, platform: Platform, goal: str, number: int) -> None:
        await ann(app).types(platform, f"run {goal}", "Started")
        async with asyncio.timeout(30):
            while len(tasks := await app.tasks()) < number:
                await asyncio.sleep(0.1)
        await tasks[-1].result()

    script = [done("Ready.").model_copy(update={"cost_nanos": nanos * 10**9}) for nanos in (1, 2)]
    catalog = MemoryCatalog(agent(budget=agent().budget.model_copy(update={"usd": None})))
    async with opened(script, catalog=catalog) as app:
        await dear(app, "slack", "Paint", 1)
        await dear(app, "discord", "Wash", 2)
        assert "$1.00" in await ann(app).types("slack", "cost")
        assert "$2.00" in await ann(app).types("discord", "cost")
        await ann(app).links("slack")
        for platform in ("slack", "discord"):
            assert "$3.00" in await ann(app).types(platform, "cost")
            listed = await ann(app).types(platform, "list")
            assert "Paint" in listed
            assert "Wash" in listed
            assert listed.count("Open") == 2, "each has a way to its thread, wherever that is"
        assert "Paint" not in await bob(app).types("discord", "list")


async def test_an_approver_decides_with_the_linked_account(opened: Callable[..., Opened]) -> None:
    only_ann = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=("slack:T1:U1",))))
    async with opened([WRITES, done("Written.")], catalog=only_ann) as app:
        await ann(app).links("slack")
        await app.discord.slash(BOB, GENERAL, "agent run", {"goal": "Write"})
        card = await app.in_discord.message("notes.write", "[Allow once]", channel=None)
        await approves(app, BOB, card.id)
        await app.in_discord.told(BOB, "This is not yours to decide.")
        await approves(app, ANN, card.id)
        await app.in_discord.message("allowed by Ann", "it ran", channel=card.channel)


async def test_four_eyes_are_not_the_two_accounts_of_one_person(opened: Callable[..., Opened]) -> None:
    four_eyes = MemoryCatalog(FOUR_EYES, together=JOINED)
    async with opened([WRITES, done("Written.")], catalog=four_eyes) as app:
        await ann(app).links("discord")
        await app.discord.slash(BOB, OPS, "agent notify", {"act": "on", "of": "approval"})
        await app.slack.slash("U1", "C1", "/agent", "run Write")
        card = await app.in_discord.message("notes.write", "[Allow once]", channel=OPS)
        await approves(app, ANN, card.id)
        await app.in_discord.told(ANN, "You asked for this yourself: somebody else must allow it.")
        assert app.harness.tools.calls == []
        await approves(app, BOB, card.id)
        await app.in_slack.message("allowed by Bob", "it ran")


async def test_who_was_one_person_when_a_task_began_stays_one_in_it(opened: Callable[..., Opened]) -> None:
    """To take the link off is no way to approve what one asked for."""
    four_eyes = MemoryCatalog(FOUR_EYES, together=JOINED)
    async with opened([WRITES, done("Written.")], catalog=four_eyes) as app:
        await ann(app).links("discord")
        await app.discord.slash(BOB, OPS, "agent notify", {"act": "on", "of": "approval"})
        await app.slack.slash("U1", "C1", "/agent", "run Write")
        card = await app.in_discord.message("notes.write", "[Allow once]", channel=OPS)
        assert "stands for itself" in await ann(app).types("discord", "link off")
        await approves(app, ANN, card.id)
        await app.in_discord.told(ANN, "You asked for this yourself: somebody else must allow it.")
        assert app.harness.tools.calls == []
        await approves(app, BOB, card.id)
        await app.in_slack.message("allowed by Bob", "it ran")


async def approves(app: AppHarness, user: str, message: str) -> None:
    asked = {m.id for m in app.discord.messages() if m.visible_to == user}
    await app.discord.click(user, message, "Allow once")
    (question,) = [m for m in app.discord.messages() if m.visible_to == user and m.id not in asked]
    await app.discord.click(user, question.id, "Yes, allow")


# --- codes ------------------------------------------------------------------------------------------------


async def test_a_code_works_once_and_leads_nobody_else_into_the_pair(
    opened: Callable[..., Opened], first: Platform
) -> None:
    async with opened([]) as app:
        second = OTHER[first]
        code = await ann(app).code(first)
        assert "this very account" in await ann(app).types(first, f"link {code}")
        assert "Linked:" in await ann(app).types(second, f"link {code}")
        assert WRONG in await bob(app).types(second, f"link {code}")
        assert WRONG in await bob(app).types(first, f"link {code}")
        fresh = await ann(app).code(first)
        assert "Two accounts of one workspace are two people." in await bob(app).types(second, f"link {fresh}")
        assert "linked with no other" in await bob(app).types(second, "link list")


async def test_a_code_ends_after_ten_minutes(opened: Callable[..., Opened], first: Platform) -> None:
    later = timedelta()
    async with opened([], clock=lambda: datetime.now(UTC) + later) as app:
        old = await ann(app).code(first)
        later = timedelta(minutes=10, seconds=1)
        assert WRONG in await ann(app).types(OTHER[first], f"link {old}")
        fresh = await ann(app).code(first)
        later += timedelta(minutes=9)
        assert "Linked:" in await ann(app).types(OTHER[first], f"link {fresh}")


async def test_the_terminal_of_this_machine_is_linked_by_a_code_either_way(
    opened: Callable[..., Opened], first: Platform
) -> None:
    async with opened([]) as app:
        given = CODE.search(await threadwork(app, "link"))
        assert given
        assert "(terminal)" in await ann(app).types(first, f"link {given[0]}", "Linked:")
        assert first.capitalize() in await threadwork(app, "link", "list")
        await threadwork(app, "link", "off")
        code = await bob(app).code(OTHER[first])
        assert f"({OTHER[first].capitalize()})" in await threadwork(app, "link", code)
        assert "(terminal)" in await bob(app).types(OTHER[first], "link list")


async def threadwork(app: AppHarness, *words: str) -> str:
    """What the command line says."""
    (url,) = app.urls
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "threadwork.bot",
        *words,
        env={"PATH": os.environ["PATH"], "THREADWORK_HTTP": url.removeprefix("http://")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()
