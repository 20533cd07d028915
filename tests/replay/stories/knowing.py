"""People whom the run must look up first: other accounts of theirs, and groups."""

import asyncio
from collections.abc import Mapping, Sequence

from temporalio.client import Client

from tests.replay.stories.stages import (
    ANN_THERE,
    BOB_THERE,
    CAT,
    ZED,
    answered,
    approve,
    asks,
    control,
    harness,
    link,
    raises,
    writes,
)
from tests.worker_harness import ANN, BOB, Actor, WorkerHarness, done
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.bot.directories import Directories
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.values import Principal


async def linked_requester_steers(client: Client) -> Actor:
    """By another account; a stranger there is looked up too, and refused."""
    nobody = ("nobody",)
    on = harness(client, writes("a"), done(), access=Access(run=nobody, control=nobody, budget=nobody))
    await link(on, ANN, ANN_THERE)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("human_approval.requested")
        for verb, by in (("pause", ZED), ("pause", ANN_THERE), ("resume", ZED), ("resume", ANN)):
            await control(task, verb, by)
        await raises(task, ANN_THERE, add_usd=1)
        await task.reply("From a stranger.", by=ZED, message_id="zed")
        await answered(task, "zed")
        await control(task, "stop", ZED)
        await control(task, "stop", ANN_THERE, reason="Enough.")
        await task.result()
    return task


async def linked_four_eyes(client: Client) -> Actor:
    """The requester by another account, then somebody by theirs; and the requester's denial by it."""
    on = harness(client, writes("a"), writes("b"), done(), policy=ApprovalPolicy(four_eyes=True))
    await link(on, ANN, ANN_THERE)
    async with on.workers():
        task = await on.start(by=ANN)
        await approve(task, 1, (ANN_THERE, "task"), (ANN, "once"), (BOB_THERE, "once"))
        await approve(task, 2, (ANN_THERE, "once"))
        await task.decide(await task.happened("human_approval.requested", times=2), "deny", by=ANN_THERE)
        await task.result()
    return task


async def unlinked_meanwhile(client: Client) -> Actor:
    """What one account was refused, or allowed, for another's sake, when the two are linked no longer."""
    policy, access = ApprovalPolicy(four_eyes=True), Access(control=("nobody",))
    on = harness(client, writes("a"), done(), policy=policy, access=access)
    await link(on, ANN, ANN_THERE)
    async with on.workers():
        task = await on.start(by=ANN)
        await approve(task, 1, (ANN_THERE, "task"))
        await control(task, "pause", ANN_THERE)
        await on.store.people.leave(ANN_THERE)
        await control(task, "resume", ANN_THERE)
        await control(task, "resume", ANN)
        await approve(task, 1, (ANN_THERE, "task"))
        await task.result()
    return task


async def linked_quorum(client: Client) -> Actor:
    """Two accounts of one person count once, whichever comes first; approvers are named by the other account."""
    policy = ApprovalPolicy(quorum=2, approvers=("U1", BOB.key))
    on = harness(client, writes("a"), writes("b"), done(), policy=policy)
    await link(on, ANN, ANN_THERE)
    await link(on, BOB, BOB_THERE)
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (ANN_THERE, "once"), (ANN, "task"), (ZED, "task"), (BOB_THERE, "task"))
        await task.result()
    return task


async def a_reply_looked_up_while_the_task_ends(client: Client) -> Actor:
    """The run stays open for it, and goes on."""
    on = harness(client, writes("a"), done(), done("Again."), access=Access(run=("U1",)))
    await link(on, ANN, ANN_THERE)
    slow = Slow(on)
    async with on.workers():
        task = await on.start(by=BOB)
        asked = await task.happened("human_approval.requested")
        await task.reply("And then?", by=ANN_THERE)
        await asyncio.wait_for(slow.asked.wait(), 30)
        await task.decide(asked, "approve", by=ANN, scope="task")
        await task.happened("workflow.completed")
        slow.answers.set()
        await task.happened("workflow.completed", times=2)
        await task.result()
    return task


async def groups_looked_up(client: Client) -> Actor:
    """Approvers and lists of groups and roles; who is in none is refused, and so is a word to a call withdrawn."""
    policy = ApprovalPolicy(quorum=2, approvers=("group:ops", "role:lead"))
    access = Access(run=("group:ops",), control=("role:lead",), budget=("group:ops",))
    on = harness(client, writes("a"), writes("b"), asks(), done(), policy=policy, access=access)
    _members(on, {BOB.key: ("group:ops",), ANN.key: ("role:lead",)})
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (CAT, "once"), (BOB, "once"))
        for verb, by in (("pause", BOB), ("pause", ANN), ("resume", ANN)):
            await control(task, verb, by)
        await approve(task, 1, (BOB, "once"), (ANN, "task"))
        await raises(task, ANN, add_usd=1)
        await raises(task, BOB, add_usd=1)
        await task.happened("question.asked")
        await task.reply("From outside.", by=ANN, message_id="outside")
        await answered(task, "outside")
        await task.reply("Short.", by=BOB)
        await task.result()
    return task


async def groups_looked_up_in_vain_at_first(client: Client) -> Actor:
    """The decision waits until the platform answers; what came after it waits behind it, or
    overtakes it; the decision itself comes twice."""
    on = harness(client, writes("a"), done(), policy=ApprovalPolicy(approvers=("group:ops",)))
    failing = _members(on, {BOB.key: ("group:ops",)}, failures=2)
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=BOB, scope="task", click_id="waiting")
        await asyncio.wait_for(failing.failed.wait(), 30)
        await control(task, "pause", CAT)
        await task.decide(asked, "approve", by=BOB, scope="task", click_id="waiting")
        await task.decide(asked, "deny", by=ANN, click_id="behind")
        await control(task, "resume", CAT)
        await answered(task, "waiting")
        await answered(task, "behind")
        await task.result()
    return task


class Failing(MemoryDirectory):
    """Does not answer the first times."""

    def __init__(self, groups: Mapping[str, Sequence[str]], failures: int) -> None:
        super().__init__(groups)
        self.failed = asyncio.Event()
        self._failures = failures

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        if self._failures:
            self._failures -= 1
            self.failed.set()
            raise ConnectionError("The platform does not answer.")
        return await super().groups(principal)


class Slow(Directories):
    """Says that it was asked, and answers when it is told to."""

    def __init__(self, on: WorkerHarness) -> None:
        super().__init__({}, on.store.people)
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        on.use(directory=self)

    async def names(self, principal: Principal) -> tuple[str, ...]:
        self.asked.set()
        await self.answers.wait()
        return await super().names(principal)


def _members(on: WorkerHarness, groups: Mapping[str, Sequence[str]], failures: int = 0) -> Failing:
    failing = Failing(groups, failures)
    on.use(directory=Directories({"slack": failing}, on.store.people))
    return failing


STORIES = (
    linked_requester_steers,
    linked_four_eyes,
    unlinked_meanwhile,
    linked_quorum,
    a_reply_looked_up_while_the_task_ends,
    groups_looked_up,
    groups_looked_up_in_vain_at_first,
)
