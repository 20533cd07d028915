"""Approvals: quorums and their scope, four eyes, edited arguments, silence, and every click doubled."""

import asyncio

from temporalio.client import Client

from tests.replay.stories.stages import (
    ANN_IN_T2,
    CAT,
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
from threadwork.workflows.agents import ApprovalPolicy, Escalation
from threadwork.workflows.calls import Claim, Claimed, Message
from threadwork.workflows.values import Principal, digest


async def quorum_once_then_task(client: Client) -> Actor:
    """Two approve, only the last of them for the rest of the task; the tool is called again, in the turn and later."""
    on = harness(client, writes("a", "b"), writes("c"), done(), policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (ANN, "once"), (BOB, "task"))
        await task.result()
    return task


async def quorum_task_then_once(client: Client) -> Actor:
    """Only the first of two says it, then nobody, then both; the tool is called after each."""
    on = harness(client, writes("a", "b"), writes("c"), writes("d"), done(), policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (ANN, "task"), (BOB, "once"))
        await approve(task, 2, (BOB, "once"), (ANN, "once"))
        await approve(task, 3, (ANN, "task"), (BOB, "task"))
        await task.result()
    return task


async def quorum_by_one_id_of_two_teams(client: Client) -> Actor:
    """One user id under two teams, and the same one twice; on Discord two servers are no two people."""
    on = harness(client, writes("a"), writes("b"), done(), policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (ANN, "once"), (ANN, "once"), (ANN_IN_T2, "once"))
        await approve(task, 2, (ZED, "once"), (ZED.model_copy(update={"workspace": "8"}), "once"))
        await task.decide(await task.happened("human_approval.requested", times=2), "deny", by=ANN, reason="Enough.")
        await task.result()
    return task


async def four_eyes(client: Client) -> Actor:
    """The requester's own word, under another team's id too; somebody else's; the requester's denial."""
    on = harness(client, writes("a"), writes("b"), writes("c"), done(), policy=ApprovalPolicy(four_eyes=True))
    async with on.workers():
        task = await on.start(by=ANN)
        await approve(task, 1, (ANN, "once"), (ANN_IN_T2, "once"))
        await approve(task, 2, (ANN, "task"), (BOB, "once"))
        await task.decide(await task.happened("human_approval.requested", times=3), "deny", by=ANN)
        await task.result()
    return task


async def task_scope(client: Client) -> Actor:
    """One person, for the rest of the task: several calls in the turn, and in later ones beside others."""
    mixed = says("", call("notes__read", name="x"), call("notes__write", name="e"), call("notes__read", name="y"))
    on = harness(client, writes("a", "b", "c"), writes("d"), mixed, done())
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 2, (ANN, "once"))
        await approve(task, 1, (BOB, "task"))
        await task.result()
    return task


async def edited_arguments(client: Client) -> Actor:
    """Edited, edited over others than were shown, and approved with a digest that was not shown."""
    on = harness(client, writes("a", "b", "c"), done())
    async with on.workers():
        task = await on.start(by=CAT)
        first, second, third = [await task.happened("human_approval.requested", times=n) for n in (1, 2, 3)]
        edit = await _edited(on, task, "z")
        await task.decide(first, "approve", by=ANN, **edit, seen=first.data["digest"])
        await task.decide(second, "approve", by=ANN, **edit, seen="of-others", click_id="over others")
        await task.decide(third, "approve", by=BOB, digest="of-others", click_id="not shown")
        await answered(task, "not shown")
        await task.decide(second, "approve", by=ANN)
        await task.decide(third, "deny", by=BOB, reason="Not that.")
        await task.result()
    return task


async def quorum_takes_no_edits(client: Client) -> Actor:
    on = harness(client, writes("a"), done(), policy=ApprovalPolicy(quorum=2, approvers=("U1", "U2")))
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN, **await _edited(on, task, "z"), click_id="edited")
        await answered(task, "edited")
        await approve(task, 1, (CAT, "task"), (ANN, "task"), (BOB, "once"))
        await task.result()
    return task


async def nobody_decides(client: Client) -> Actor:
    """A reminder, and the end; half a quorum does not help, nor does a click that is late."""
    on = harness(client, writes("a"), asks(), done(), policy=ApprovalPolicy(quorum=2, expire=3))
    async with on.workers():
        task = await on.start(by=CAT)
        await approve(task, 1, (ANN, "task"))
        asked = await task.happened("human_approval.requested")
        await task.happened("question.asked")
        await task.decide(asked, "approve", by=BOB, click_id="late")
        await answered(task, "late")
        await answers(task, BOB, "short")
        await task.result()
    return task


async def allowed_for_good(client: Client) -> Actor:
    """By a task before: one call runs by it, the next is asked for as it was taken back; then others are asked."""
    policy = ApprovalPolicy(escalate=Escalation(after=0.5, to=("U2",)), expire=None)
    on = harness(client, writes("z"), done(), writes("a"), writes("b", "c"), done(), policy=policy)
    async with on.workers():
        before = await on.start(by=CAT)
        await _always(before, ANN, 1)
        await before.result()
        grant_id = f"{before.task_id}.1"
        claim = on.store.calls.claim

        async def taken_back(wanted: Claim) -> Claimed:
            if wanted.grant_id and len(on.tools.calls) == 2:
                await on.store.grants.revoke(grant_id, ANN)
            return await claim(wanted)

        on.store.calls.claim = taken_back  # type: ignore[method-assign]
        task = await on.start(by=CAT)
        await task.happened("human_approval.escalated")
        await _always(task, BOB, 1)
        await task.result()
    return task


async def every_click_twice(client: Client) -> Actor:
    """Each under the same id as before, once at once and once when it has long taken effect."""
    on = harness(client, writes("a"), asks(), writes("b"), writes("c"), done())
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        for _ in range(2):
            await control(task, "pause", ANN, click_id="pause")
            await control(task, "resume", BOB, click_id="resume")
        for _ in range(2):
            await task.decide(asked, "approve", by=ANN, click_id="approve")
        await task.happened("question.asked")
        for _ in range(2):
            await answers(task, BOB, "long", click_id="answer")
            await raises(task, ANN, add_usd=1, click_id="raise")
        await task.happened("human_approval.requested", times=2)
        await task.reply("Something else.", by=ANN, message_id="reply")
        await task.happened("human_approval.requested", times=3)
        await task.reply("Something else.", by=ANN, message_id="reply")
        await task.decide(asked, "approve", by=ANN, click_id="approve")
        await asyncio.gather(task.stop(BOB, click_id="stop"), task.stop(BOB, click_id="stop"))
        await task.result()
    return task


async def _always(task: Actor, by: Principal, number: int) -> None:
    asked = await task.happened("human_approval.requested", times=number)
    await task.decide(asked, "approve", by=by, scope="always", rules=3, grant={"scope": "everybody"})


async def _edited(on: WorkerHarness, task: Actor, name: str) -> dict[str, str]:
    """Arguments as somebody rewrote them, stored as the bot does it."""
    body = {"content": f'{{"name": "{name}"}}'}
    await on.store.transcript.put(task.task_id, Message(ref=f"edited:{name}", kind="text", body=body))
    return {"edited_ref": f"edited:{name}", "digest": digest({"name": name})}


STORIES = (
    quorum_once_then_task,
    quorum_task_then_once,
    quorum_by_one_id_of_two_teams,
    four_eyes,
    task_scope,
    edited_arguments,
    quorum_takes_no_edits,
    nobody_decides,
    allowed_for_good,
    every_click_twice,
)
