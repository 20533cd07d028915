"""Rights follow the person: what an account may do, the person's other accounts may too."""

import asyncio
from typing import Any

from temporalio.client import Client

from tests.worker_harness import ANN, BOB, READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.directories import Directories
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.errors import SinkGone
from threadwork.workflows.references import RESOLVE_PRINCIPAL
from threadwork.workflows.values import LOCAL, Principal, Standing

ANN_THERE = Principal(platform="discord", workspace="7", user_id="71", name="ann")
BOB_THERE = Principal(platform="discord", workspace="7", user_id="72", name="bob")
STRANGER = Principal(platform="discord", workspace="7", user_id="79", name="zed")


class Gone:
    """A platform that tells the bot nothing, for good."""

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        raise SinkGone("The bot is not there any more.")

    async def standing(self, principal: Principal) -> Standing:
        raise SinkGone("The bot is not there any more.")


def asking(temporal: Client, policy: ApprovalPolicy, **access: Any) -> WorkerHarness:
    script = [says("", call("notes__write", name="a")), done(), done("Again.")]
    tools = MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
    spec = agent(approvals=policy, access=Access(**access))
    return WorkerHarness(temporal, script, tools=tools, agent=spec)


async def link(harness: WorkerHarness, one: Principal, other: Principal) -> None:
    await harness.store.people.join(other, await harness.store.people.offer(one))


async def objections(task: Any) -> list[str]:
    return [event.data["reason"] for event in await task.events() if event.type == "human_approval.ignored"]


async def test_an_approver_decides_with_another_account_and_an_unlinked_stranger_does_not(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(approvers=("U2",)))
    await link(harness, BOB, BOB_THERE)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=STRANGER)
        await task.happened("human_approval.ignored")
        await task.decide(asked, "approve", by=BOB_THERE)
        await task.result()
    assert await objections(task) == ["This is not yours to decide."]
    assert (await task.happened("human_approval.received")).data["by"]["user_id"] == "72"
    assert harness.tools.calls == [("notes.write", {"name": "a"})]


async def test_who_links_only_after_being_refused_may_decide_then(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(approvers=(BOB.key,)))
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=BOB_THERE)
        await task.happened("human_approval.ignored")
        await link(harness, BOB_THERE, BOB)
        await task.decide(asked, "approve", by=BOB_THERE)
        await task.result()
    assert len(harness.tools.calls) == 1


async def test_four_eyes_sees_the_requester_behind_another_account(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(four_eyes=True))
    await link(harness, ANN, ANN_THERE)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN_THERE)
        await task.happened("human_approval.ignored")
        assert harness.tools.calls == []
        await task.decide(asked, "approve", by=STRANGER)
        await task.result()
    assert await objections(task) == ["You asked for this yourself: somebody else must approve it."]


async def test_four_eyes_sees_one_person_in_two_servers_of_a_platform(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(four_eyes=True))
    async with harness.workers():
        task = await harness.start(by=ANN_THERE)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN_THERE.model_copy(update={"workspace": "8"}))
        await task.happened("human_approval.ignored")
        await task.decide(asked, "deny", by=ANN_THERE)
        await task.result()
    assert harness.tools.calls == []


async def test_two_accounts_of_one_person_count_once_in_a_quorum(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(quorum=2))
    await link(harness, ANN, ANN_THERE)
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN)
        await task.happened("human_approval.received")
        await task.decide(asked, "approve", by=ANN_THERE)
        await task.happened("human_approval.ignored")
        assert harness.tools.calls == []
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    assert await objections(task) == ["You have approved this already; somebody else must approve it too."]


async def test_groups_of_another_account_count_and_a_platform_that_is_gone_holds_up_nobody(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(approvers=("group:ops",)))
    await link(harness, BOB, BOB_THERE)
    groups = MemoryDirectory({BOB.key: ["group:ops"]})
    harness.use(directory=Directories({"slack": groups, "discord": Gone()}, harness.store.people))
    await link(harness, LOCAL, BOB)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=LOCAL)
        await task.result()
    assert len(harness.tools.calls) == 1


async def test_the_requester_stops_the_task_with_another_account_and_a_stranger_does_not(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(), control=("nobody",))
    await link(harness, ANN, ANN_THERE)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await task.happened("human_approval.requested")
        await task.stop(STRANGER)
        await task.happened("click.refused")
        await task.stop(ANN_THERE)
        assert (await task.result())["reason"] == "cancelled"


async def test_a_reply_of_another_account_after_the_end_makes_the_task_go_on(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(), run=("U1",))
    await link(harness, ANN, ANN_THERE)
    async with harness.workers():
        task = await harness.start(by=BOB)
        await task.decide(await task.happened("human_approval.requested"), "approve", by=ANN)
        await task.result()
        await task.reply("Once more.", by=ANN_THERE)
        result = await task.result()
    assert result["answer"] == "Again."
    assert "click.refused" not in await task.types()


async def test_a_reply_whose_author_is_still_looked_up_keeps_the_run_from_closing(temporal: Client) -> None:
    harness = asking(temporal, ApprovalPolicy(), run=("U1",))
    await link(harness, ANN, ANN_THERE)
    slow = Slow(harness.store.people)
    harness.use(directory=slow)
    async with harness.workers():
        task = await harness.start(by=BOB)
        asked = await task.happened("human_approval.requested")
        await task.reply("And then?", by=ANN_THERE)
        await asyncio.wait_for(slow.asked.wait(), 30)
        await task.decide(asked, "approve", by=ANN)
        await task.happened("workflow.completed")
        await nothing_else_is_under_way(task)
        slow.answers.set()
        assert (await task.result())["answer"] == "Again."
    assert (await task.types()).count("follow_up.received") == 1


async def nothing_else_is_under_way(task: Actor) -> None:
    """But the look-up; and the run has heard of the end of everything before."""
    async with asyncio.timeout(30):
        while await activities(task) != [RESOLVE_PRINCIPAL.name]:
            await asyncio.sleep(0.02)
    await task.state()  # a query is answered after all that came before it


async def activities(task: Actor) -> list[str]:
    return [one.activity_type.name for one in (await task.handle.describe()).raw_description.pending_activities]


class Slow(Directories):
    """Says that it was asked, and answers when it is told to."""

    def __init__(self, people: Any) -> None:
        super().__init__({}, people)
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def names(self, principal: Principal) -> tuple[str, ...]:
        self.asked.set()
        await self.answers.wait()
        return await super().names(principal)
