"""Records the histories that the replay test plays: `python -m tests.replay.record NAME` makes the folder NAME, with
the stories named behind it, or with all.

Those of older folders stay: a change to the workflow that an old history does not replay breaks the runs that are
under way, and wants `workflow.patched`; a new folder then keeps what runs do from there on."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client, WorkflowExecution
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from tests.conftest import FAST, TEMPORAL
from tests.replay.stories import continuing, deciding, delegating, knowing, remembering, steering
from tests.worker_harness import ANN, BOB, READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy, BudgetSpec
from threadwork.workflows.models import ModelFacts
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import LOCAL, Usage

HISTORIES = Path(__file__).parent / "histories"
Story = Callable[[Client], Awaitable[Actor]]
LARGE = 10_000  # events: no story is as long


async def main(folder: str, *names: str) -> None:
    (HISTORIES / folder).mkdir(exist_ok=bool(names))
    for size, stories in STORIES.items():
        if wanted := [story for story in stories if not names or story.__name__ in names]:
            async with _server(size) as client:
                for story in wanted:
                    await _record(HISTORIES / folder, story.__name__, await story(client))


@asynccontextmanager
async def _server(size: int) -> AsyncIterator[Client]:
    """A Temporal on which runs continue as new after so many events."""
    suggest = ["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={size}"]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=[*FAST, *suggest],
        data_converter=pydantic_data_converter,
    ) as environment:
        yield environment.client


def _tools() -> MemoryToolBox:
    return MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))


async def full_run(client: Client) -> Actor:
    """Plan, parallel tools, question, denied and approved calls, pause, follow-up, continue-as-new, wake, a thread."""
    both = (call("notes__read", name="a"), call("notes__read", name="b"))
    script = [
        says("Planning.", call("update_plan", items=[{"text": "Read", "state": "doing"}]), *both),
        says("", call("ask_user", question="Short or long?", options=["short", "long"])),
        says("", call("notes__write", name="a")),
        says("", call("notes__write", name="b")),
        *[says("", call("notes__read", name=f"c{n}")) for n in range(10)],
        done("First."),
        done("Second."),
    ]
    harness = WorkerHarness(client, script, tools=_tools(), agent=agent(approvals=ApprovalPolicy(approvers=("U2",))))
    async with harness.workers():
        task = await harness.start("Tidy up.", by=ANN, sink=Sink(platform="memory", channel="C1"))
        await task.happened("question.asked")
        await task.reply("long", by=ANN)
        first = await task.happened("human_approval.requested")
        await task.decide(first, "approve", by=ANN)
        await task.decide(first, "deny", by=BOB, reason="Not that one.")
        second = await task.happened("human_approval.requested", times=2)
        await task.signal("pause_execution", "Lunch.", ANN.model_dump(), "p1")
        await task.decide(second, "approve", by=BOB)
        await asyncio.sleep(0.3)
        await task.signal("resume_execution", "", ANN.model_dump(), "r1")
        await task.result()
        await task.reply("Once more.", by=ANN)
        await task.result()
    return task


async def stopped_run(client: Client) -> Actor:
    harness = WorkerHarness(client, [says("", call("notes__write", name="a"))], tools=_tools())
    async with harness.workers():
        task = await harness.start()
        await task.happened("human_approval.requested")
        await task.stop(ANN, reason="Enough.")
        await task.result()
    return task


async def budget_run(client: Client) -> Actor:
    usage = Usage(prompt=2_900, completion=50)
    harness = WorkerHarness(
        client,
        [says("", call("notes__read", name="a"), usage=usage), done()],
        tools=_tools(),
        agent=agent(budget=BudgetSpec(tokens=3_500, usd=None)),
    )
    harness.model._facts = ModelFacts(name="m", prompt_nanos=0, completion_nanos=0)
    async with harness.workers():
        task = await harness.start()
        await task.happened("budget.exceeded")
        await task.signal("increase_budget", {"click_id": "b", "by": LOCAL.model_dump(), "add_tokens": 9_000})
        await task.result()
    return task


async def _record(folder: Path, name: str, task: Actor) -> None:
    """One file for every run of the task, the first one first."""
    runs = await _runs(task)
    for number, run in enumerate(runs, 1):
        handle = task.harness.client.get_workflow_handle(run.id, run_id=run.run_id)
        history = (await handle.fetch_history()).to_json_dict()
        (folder / f"{name}-{number}.json").write_text(json.dumps(history, separators=(",", ":")))
    print(f"{name}: {len(runs)} runs")


async def _runs(task: Actor) -> list[WorkflowExecution]:
    """All of them: Temporal lists a run a while after it began."""
    client = task.harness.client
    last = (await client.get_workflow_handle(task.task_id).describe()).run_id
    while True:
        runs = [run async for run in client.list_workflows(f"WorkflowId = '{task.task_id}'")]
        if last in {run.run_id for run in runs}:
            return sorted(runs, key=lambda run: run.start_time)
        await asyncio.sleep(0.1)


STORIES: dict[int, tuple[Story, ...]] = {
    continuing.SMALL: (full_run, stopped_run, budget_run, *continuing.STORIES, *delegating.STORIES),
    LARGE: (*deciding.STORIES, *steering.STORIES, *knowing.STORIES, *remembering.STORIES),
}


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
