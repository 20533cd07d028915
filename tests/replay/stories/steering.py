"""Replies while something waits, and who may pause, resume, stop and raise a budget."""

from temporalio.client import Client

from tests.replay.stories.stages import (
    ANN_IN_T2,
    CAT,
    FAY,
    ZED,
    answered,
    answers,
    approve,
    asks,
    control,
    harness,
    raises,
    writes,
)
from tests.worker_harness import ANN, BOB, Actor, WorkerHarness, call, done
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, ApprovalPolicy, BudgetSpec
from threadwork.workflows.models import ModelFacts
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Usage


async def reply_while_an_approval_waits(client: Client) -> Actor:
    """It withdraws both calls, a partly decided one too; the next turn's is decided."""
    on = harness(client, writes("a", "b"), writes("c"), done(), policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=CAT, sink=Sink(platform="memory", channel="C1"))
        await approve(task, 1, (ANN, "task"))
        await task.reply("Not these.", by=BOB)
        await task.happened("human_approval.requested", times=3)
        await approve(task, 1, (BOB, "task"))
        await approve(task, 3, (ANN, "once"), (BOB, "once"))
        await task.result()
    return task


async def reply_while_a_question_waits(client: Client) -> Actor:
    """It answers the question, and leaves the approval of the same turn alone; the next one withdraws that."""
    on = harness(client, asks(call("notes__write", name="a")), asks(), done())
    async with on.workers():
        task = await on.start(by=CAT)
        await task.happened("human_approval.requested")
        await task.reply("Short.", by=BOB)
        await answered(task, (await task.happened("question.answered")).data["click_id"])
        await task.reply("And leave the note.", by=ANN)
        await task.happened("question.asked", times=2)
        await answers(task, ANN, "late", question=1, click_id="late")
        await answers(task, ANN, "x" * 500, question=2)
        await task.result()
    return task


async def reply_while_a_budget_waits(client: Client) -> Actor:
    """It changes nothing; strangers may not raise the budget, and nobody lowers it."""
    on = _spending(client, budget=("U2",))
    async with on.workers():
        task = await on.start(by=CAT)
        await task.happened("budget.exceeded")
        await task.reply("Go on, please.", by=BOB)
        await task.happened("follow_up.received")
        for by, tokens in ((ANN, 9_000), (ZED, 9_000), (BOB, -5), (BOB, 9_000)):
            await raises(task, by, add_tokens=tokens)
        await task.result()
    return task


async def requester_raises_the_budget(client: Client) -> Actor:
    """Nobody is on the list: the requester may, whose id under another team may not."""
    on = _spending(client, budget=("nobody",))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("budget.exceeded")
        await raises(task, ANN_IN_T2, add_tokens=9_000)
        await raises(task, ANN, add_tokens=9_000)
        await task.result()
    return task


async def who_may_steer(client: Client) -> Actor:
    """Requester, member, strangers and the operator do; a stop has not seen the newest message."""
    on = harness(client, writes("a"), writes("b"), writes("c"), done(), access=Access(control=("U2",)))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("human_approval.requested")
        for verb, by in (("pause", ZED), ("pause", ANN), ("pause", BOB), ("resume", CAT), ("resume", BOB)):
            await control(task, verb, by)
        await control(task, "resume", ANN)
        await task.signal("pause_execution", "By the operator.")
        await task.happened("workflow.paused", times=2)
        await control(task, "resume", ANN)
        older = await task.reply("One.", by=ANN)
        await task.happened("human_approval.requested", times=2)
        newer = await task.reply("Two.", by=CAT)
        await task.happened("human_approval.requested", times=3)
        await control(task, "stop", ANN_IN_T2)
        await control(task, "stop", ANN, up_to=older.message_id)
        await control(task, "stop", ANN, up_to=newer.message_id, reason="Enough.")
        await task.result()
    return task


async def people_of_another_team(client: Client) -> Actor:
    """With `*` among approvers; and with lists that name a bare id, or a whole key, of a team's person."""
    access = Access(run=("U1", "U2"), control=("U2", CAT.key))
    on = harness(client, writes("a"), writes("b"), done(), access=access)
    bob_in_t9, cat_in_t9 = [person.model_copy(update={"workspace": "T9"}) for person in (BOB, CAT)]
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("human_approval.requested")
        for verb, by in (("pause", FAY), ("pause", cat_in_t9), ("pause", bob_in_t9), ("resume", CAT)):
            await control(task, verb, by)
        await task.reply("From elsewhere.", by=FAY, message_id="fay")
        await answered(task, "fay")
        await approve(task, 1, (FAY, "task"))
        await task.result()
    return task


async def people_of_another_team_reply(client: Client) -> Actor:
    """A bare id among those who may ask, under another team; an approver by key, and the same id elsewhere."""
    policy = ApprovalPolicy(approvers=(ANN.key,))
    on = harness(client, writes("a"), writes("b"), done(), policy=policy, access=Access(run=("U2",)))
    async with on.workers():
        task = await on.start(by=CAT)
        await task.happened("human_approval.requested")
        await task.reply("From elsewhere.", by=BOB.model_copy(update={"workspace": "T9"}))
        await task.happened("human_approval.requested", times=2)
        await approve(task, 2, (ANN_IN_T2, "once"), (FAY, "once"), (ANN, "once"))
        await task.result()
    return task


def _spending(client: Client, **access: tuple[str, ...]) -> WorkerHarness:
    usage = Usage(prompt=2_900, completion=50)
    script = (says("", call("notes__read", name="a"), usage=usage), done())
    on = harness(client, *script, budget=BudgetSpec(tokens=3_500, usd=None), access=Access(**access))
    on.model._facts = ModelFacts(name="m", prompt_nanos=0, completion_nanos=0)
    return on


STORIES = (
    reply_while_an_approval_waits,
    reply_while_a_question_waits,
    reply_while_a_budget_waits,
    requester_raises_the_budget,
    who_may_steer,
    people_of_another_team,
    people_of_another_team_reply,
)
