"""Accounts that are linked in a chat: what people are told, and whose tasks, costs and approvals are shown."""

import re
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from tests.bot.chat.test_receive import asked
from tests.fake_run import AGENT, ANN, Front
from tests.receiver_harness import Heard
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.adapters.memory.store import MemoryStore
from threadwork.bot.chat.commands.link import not_here
from threadwork.bot.directories import Directories
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import Access, AgentSpec, ApprovalPolicy
from threadwork.workflows.calls import Claim, Finish
from threadwork.workflows.domain.linking import WRONG
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.run_requests import EventBatch
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Principal, Status, Usage

ANN_THERE = Principal(platform="discord", workspace="7", user_id="71", name="ann")
EVE = Principal(platform="discord", workspace="7", user_id="79", name="Eve")
OURS = AGENT.model_copy(
    update={"access": Access(run=("U1", "role:ops")), "approvals": ApprovalPolicy(approvers=("U1",))}
)
EYES = OURS.model_copy(
    update={"name": "eyes", "access": Access(), "approvals": ApprovalPolicy(approvers=("U1", "71"), four_eyes=True)}
)
_keys = count(1)


async def written() -> None:
    """The platform is told."""


class Chat:
    def __init__(self, *agents: AgentSpec) -> None:
        store = MemoryStore()
        roles = MemoryDirectory({EVE.key: ["role:ops"]})
        self.front = Front(store, *agents, directory=Directories({"discord": roles}, store.people))
        self.listener = Heard(self.front.ports)

    def source(self, by: Principal, direct: bool = False) -> MessageSource:
        sink = Sink(platform=by.platform, workspace=by.workspace, channel="9")
        return MessageSource(by=by, key=f"key-{next(_keys)}", sink=sink, direct=direct)

    async def command(self, by: Principal, text: str) -> Response:
        return await self.listener.command(self.source(by), text)

    async def says(self, by: Principal, text: str, direct: bool = False) -> Response | None:
        return await self.listener.says(self.source(by, direct), text, f"{next(_keys)}", mentioned=True)

    async def code(self, by: Principal) -> str:
        found = re.search(r"/agent link (\S{4}-\S{4})`", (await self.command(by, "link")).text)
        assert found
        return found[1]

    async def link(self, one: Principal, other: Principal) -> Response:
        return await self.command(other, f"link {await self.code(one)}")

    async def task(self, by: Principal, agent: str = "default") -> str:
        await self.command(by, f"run --agent {agent} Tidy up")
        task_id = (await self.front.store.tasks.list(TaskFilter()))[0].task_id
        for row in await self.front.store.intake.lease("test", 100, 60):
            await self.front.intake_worker.process(row)
        return str(task_id)

    async def spends(self, task_id: str, nanos: int) -> None:
        batch = EventBatch(task_id=task_id, epoch=1, status=Status.RUNNING, events=())
        claim = {"batch": batch, "call_id": "1.9", "kind": "model", "name": "m", "timeout": 60, "attempt": "a"}
        await self.front.store.calls.claim(Claim(**claim))
        cost: dict[str, Any] = {"usage": Usage(prompt=1), "cost_nanos": nanos, "result": {}}
        await self.front.store.calls.finish(Finish(task_id=task_id, call_id="1.9", epoch=1, attempt="a", **cost))


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    chat = Chat(OURS, EYES)
    async with intake_running(chat.front.intake_worker):
        yield chat


# --- linking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [(ANN, ANN_THERE), (ANN_THERE, ANN)])
async def test_a_code_of_one_platform_links_the_account_on_another(
    chat: Chat, one: Principal, other: Principal
) -> None:
    told = await chat.link(one, other)
    assert told.text.startswith(f"Linked: {other.name} ({other.platform.capitalize()}), {one.name} (")
    assert "/agent link off" in told.text
    for by in (one, other):
        listed = (await chat.command(by, "link list")).text
        assert "Ann (Slack)" in listed
        assert "ann (Discord)" in listed


async def test_a_wrong_code_is_answered_by_what_to_do_and_links_nobody(chat: Chat) -> None:
    told = await chat.command(ANN_THERE, "link K7QF-M2XD")
    assert (told.tone, told.text.startswith(WRONG)) == ("warning", True)
    assert "K7QF" not in told.text
    assert "no other" in (await chat.command(ANN_THERE, "link list")).text


async def test_link_off_takes_the_account_out(chat: Chat) -> None:
    await chat.link(ANN, ANN_THERE)
    assert "for itself again" in (await chat.command(ANN, "link off")).text
    assert "no other" in (await chat.command(ANN_THERE, "link off")).text


async def test_a_code_is_never_told_where_others_can_read_it(chat: Chat) -> None:
    for text in ("<@UBOT> link", "<@UBOT> link list"):
        assert await chat.says(ANN, text) == not_here()
    direct = await chat.says(ANN, "link", direct=True)
    assert direct
    assert "Your code is" in direct.text


async def test_a_code_typed_where_others_can_read_it_is_used_at_once_and_starts_no_task(chat: Chat) -> None:
    code = await chat.code(ANN)
    told = await chat.says(ANN_THERE, f"<@UBOT> link {code.replace('-', '—')}")
    assert told
    assert told.text.startswith("Linked:")
    assert WRONG in (await chat.command(EVE, f"link {code}")).text
    assert await chat.front.store.tasks.list(TaskFilter()) == []


async def test_a_goal_that_begins_with_the_word_is_a_goal(chat: Chat) -> None:
    assert await chat.says(ANN, "<@UBOT> link branches") is None
    assert len(await chat.front.store.tasks.list(TaskFilter())) == 1


# --- what follows the person ---------------------------------------------------------------------------


async def test_a_person_may_run_with_one_account_what_another_may(chat: Chat) -> None:
    assert "may not run" in (await chat.command(ANN_THERE, "run Tidy up")).text
    await chat.link(ANN, ANN_THERE)
    assert (await chat.command(ANN_THERE, "run Tidy up")).text.startswith("Started")


async def test_a_role_of_one_account_counts_for_the_other(chat: Chat) -> None:
    bob = ANN.model_copy(update={"user_id": "U2"})
    assert "may not run" in (await chat.command(bob, "run Tidy up")).text
    await chat.link(EVE, bob)
    assert (await chat.command(bob, "run Tidy up")).text.startswith("Started")


async def test_tasks_and_costs_of_all_accounts_are_shown_on_each_and_nobody_elses(chat: Chat) -> None:
    mine = await chat.task(ANN, "eyes")
    theirs = await chat.task(ANN_THERE, "eyes")
    other = await chat.task(EVE, "eyes")
    for task_id, dollars in ((mine, 1), (theirs, 2), (other, 4)):
        await chat.spends(task_id, dollars * 10**9)
    assert "$1.00" in (await chat.command(ANN, "cost")).text
    await chat.link(ANN, ANN_THERE)
    for by in (ANN, ANN_THERE):
        listed = "".join(item.text for item in (await chat.command(by, "list")).items)
        assert [task_id in listed for task_id in (mine, theirs, other)] == [True, True, False]
        assert "$3.00" in (await chat.command(by, "cost")).text
        home = await chat.listener.home(by)
        assert (len(home.running), home.spent_week) == (2, 3.0)


async def test_an_approval_waits_for_its_approver_on_every_account(chat: Chat) -> None:
    task_id = await chat.task(ANN)
    await chat.front.fake_run.tell(task_id, asked(approvers=("U1",)), status=Status.WAITING_APPROVAL)
    assert (await chat.command(ANN_THERE, "approvals")).items == ()
    await chat.link(ANN, ANN_THERE)
    assert len((await chat.command(ANN_THERE, "approvals")).items) == 1
    assert len((await chat.listener.home(ANN_THERE)).approvals) == 1


async def test_where_four_eyes_are_wanted_an_approval_does_not_wait_for_its_requesters_other_account(
    chat: Chat,
) -> None:
    task_id = await chat.task(ANN, "eyes")
    await chat.front.fake_run.tell(task_id, asked(approvers=("U1", "71")), status=Status.WAITING_APPROVAL)
    assert len((await chat.command(ANN_THERE, "approvals")).items) == 1
    await chat.link(ANN, ANN_THERE)
    assert (await chat.command(ANN_THERE, "approvals")).items == ()
