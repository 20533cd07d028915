"""Continue-as-new in the middle of what people do, and the wake after the end."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from temporalio.client import Client

from tests.replay.stories.knowing import Slow
from tests.replay.stories.stages import ANN_THERE, CAT, ZED, answered, approve, asks, control, harness, link, writes
from tests.worker_harness import ANN, BOB, Actor, call, done
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.sinks import Sink

SMALL = 60  # events of a history after which a run continues as new
_ids = itertools.count(1)


async def continued_with_half_a_quorum(client: Client) -> Actor:
    """One of two has approved, for the rest of the task; the second does so in the next execution, only once."""
    on = harness(client, writes("a", "b"), writes("c"), done(), policy=ApprovalPolicy(quorum=2, four_eyes=True))
    async with on.workers():
        task = await on.start(by=CAT, sink=Sink(platform="memory", channel="C1"))
        await approve(task, 1, (ANN, "task"))
        await continued(task, lambda: misses(task))
        await approve(task, 1, (ANN, "task"), (CAT, "once"), (BOB, "once"))
        await approve(task, 2, (ANN, "once"), (BOB, "task"))
        await task.result()
    return task


async def continued_with_people_to_look_up(client: Client) -> Actor:
    """A decision, a reply, a stop by a stranger and a question's answer wait in the inbox meanwhile."""
    policy, access = ApprovalPolicy(approvers=("U1", "U2")), Access(run=("U1",), control=("U1",))
    on = harness(client, asks(call("notes__write", name="a")), writes("b"), done(), policy=policy, access=access)
    await link(on, ANN, ANN_THERE)
    slow = Slow(on)
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN_THERE, scope="task", click_id="decision")
        await task.stop(ZED, click_id="stop")
        await task.reply("Short.", by=ANN_THERE, message_id="reply")
        await asyncio.wait_for(slow.asked.wait(), 30)
        await continued(task, lambda: misses(task))
        slow.answers.set()
        for click_id in ("decision", "stop", "reply"):
            await answered(task, click_id)
        await task.result()
    return task


async def continued_with_a_tool_granted(client: Client) -> Actor:
    """Paused over it; afterwards the tool runs unasked, another call's late click is answered, and a reply comes."""
    on = harness(client, writes("a"), asks(), writes("b"), done())
    async with on.workers():
        task = await on.start(by=ANN)
        await approve(task, 1, (BOB, "task"))
        await task.happened("question.asked")
        await control(task, "pause", ANN)
        await continued(task, lambda: misses(task))
        await approve(task, 1, (CAT, "once"))
        await control(task, "resume", CAT)
        await task.reply("Long.", by=BOB)
        await task.result()
    return task


async def woken_with_a_tool_granted(client: Client) -> Actor:
    """By two people before the end; after it the tool runs unasked, another is asked for."""
    read_too = says("", call("notes__read", name="x"), call("notes__write", name="b"))
    script = (writes("a"), done(), read_too, done("Again."))
    on = harness(client, *script, policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=ANN)
        await approve(task, 1, (CAT, "once"), (BOB, "task"))
        await task.result()
        await task.reply("Once more.", by=CAT)
        await task.result()
    return task


async def continued(task: Actor, nudge: Callable[[], Awaitable[None]], size: int = SMALL) -> None:
    """Nudge the run until its history has so many events, then wait until it has continued as new."""
    handle = task.harness.client.get_workflow_handle(task.task_id)
    first = (await handle.describe()).run_id
    async with asyncio.timeout(60):
        while (now := await handle.describe()).run_id == first:
            await nudge() if now.history_length <= size else await asyncio.sleep(0.1)


async def misses(task: Actor) -> None:
    """A decision on an approval that does not exist: answered, and nothing else."""
    click = {"click_id": f"miss-{next(_ids)}", "approval_id": "99", "decision": "deny", "by": ANN.model_dump()}
    await task.signal("decide_approval", click)
    await answered(task, click["click_id"])


STORIES = (
    continued_with_half_a_quorum,
    continued_with_people_to_look_up,
    continued_with_a_tool_granted,
    woken_with_a_tool_granted,
)
