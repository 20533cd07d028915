"""Records the histories that the replay test plays: `python -m tests.replay.record NAME` makes the folder NAME.

Those of older folders stay: a change to the workflow that an old history does not replay breaks the runs that are
under way, and wants `workflow.patched`; a new folder then keeps what runs do from there on."""

import asyncio
import sys
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from adapters.memory.model import says
from adapters.memory.tools import MemoryToolBox
from tests.conftest import FAST, TEMPORAL
from tests.stage import ANN, BOB, LOCAL, READ, WRITE, Actor, Stage, agent, call, done
from workflows.agents import ApprovalPolicy, BudgetSpec
from workflows.chat import Sink
from workflows.models import ModelFacts
from workflows.values import Usage

HISTORIES = Path(__file__).parent / "histories"
SMALL = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60"]  # continues as new soon


async def main() -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=[*FAST, *SMALL],
        data_converter=pydantic_data_converter,
    ) as environment:
        (HISTORIES / sys.argv[1]).mkdir()
        for story in (full_run, stopped_run, budget_run):
            await _record(story.__name__, await story(environment))


def _tools() -> MemoryToolBox:
    return MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))


async def full_run(environment: WorkflowEnvironment) -> Actor:
    """Plan, parallel tools, question, denied and approved calls, pause, follow-up, continue-as-new, wake, a thread."""
    both = (call("notes__read", name="a"), call("notes__read", name="b"))
    script = [
        says("Planning.", call("update_plan", items=[{"text": "Read", "state": "doing"}]), *both),
        says("", call("ask_user", question="Short or long?", options=["short", "long"])),
        says("", call("notes__write", name="a")),
        says("", call("notes__write", name="b")),
        *[says("", call("notes__read", name="c"))] * 10,
        done("First."),
        done("Second."),
    ]
    stage = Stage(environment.client, script, tools=_tools(), agent=agent(approvals=ApprovalPolicy(approvers=("U2",))))
    async with stage.workers():
        task = await stage.start("Tidy up.", by=ANN, sink=Sink(platform="memory", channel="C1"))
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


async def stopped_run(environment: WorkflowEnvironment) -> Actor:
    stage = Stage(environment.client, [says("", call("notes__write", name="a"))], tools=_tools())
    async with stage.workers():
        task = await stage.start()
        await task.happened("human_approval.requested")
        await task.stop(ANN, reason="Enough.")
        await task.result()
    return task


async def budget_run(environment: WorkflowEnvironment) -> Actor:
    usage = Usage(prompt=2_900, completion=50)
    stage = Stage(
        environment.client,
        [says("", call("notes__read", name="a"), usage=usage), done()],
        tools=_tools(),
        agent=agent(budget=BudgetSpec(tokens=3_500, usd=None)),
    )
    stage.model._facts = ModelFacts(name="m", prompt_nanos=0, completion_nanos=0)
    async with stage.workers():
        task = await stage.start()
        await task.happened("budget.exceeded")
        await task.signal("increase_budget", {"click_id": "b", "by": LOCAL.model_dump(), "add_tokens": 9_000})
        await task.result()
    return task


async def _record(name: str, task: Actor) -> None:
    """One file for every run of the task."""
    number = 0
    async for run in task.stage.client.list_workflows(f"WorkflowId = '{task.task_id}'"):
        number += 1
        handle = task.stage.client.get_workflow_handle(run.id, run_id=run.run_id)
        (HISTORIES / sys.argv[1] / f"{name}-{number}.json").write_text((await handle.fetch_history()).to_json())
    print(f"{name}: {number} runs")


if __name__ == "__main__":
    asyncio.run(main())
