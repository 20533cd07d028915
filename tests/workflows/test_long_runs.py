"""Hundreds of iterations: history stays flat, continue-as-new loses nothing."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType as HistoryEventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tests.sqlite_file import migrated
from tests.worker_harness import READ, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest
from threadwork.workflows.values import Usage

FACTS = ModelFacts(name="m", context_window=100_000, prompt_nanos=7, completion_nanos=11)


@pytest.mark.slow
@pytest.mark.timeout(280)
@pytest.mark.parametrize("iterations", [500, pytest.param(1_000, marks=pytest.mark.fire)])
async def test_hundreds_of_iterations_cost_the_same_history_each_and_lose_nothing(
    temporal: Client, tmp_path: Path, iterations: int
) -> None:
    database = Database(migrated(tmp_path / "long.db"))
    budget = BudgetSpec(usd=None, tokens=None, iterations=iterations + 1)
    harness = WorkerHarness(
        temporal,
        MemoryModel(_scripted(iterations), FACTS),
        store=SqlStore(database),
        tools=MemoryToolBox((READ, lambda a: "y" * 1_000)),
        agent=agent(budget=budget),
    )
    async with harness.workers():
        task = await harness.start()
        result = await harness.client.get_workflow_handle(task.task_id).result()
    sizes, runs = await _bytes_by_iteration(task)
    early, late = sum(sizes[10:110]) / 100, sum(sizes[iterations - 100 : iterations]) / 100
    print(f"runs {runs}, bytes an iteration: {early:.0f} early, {late:.0f} late")
    assert runs > 1, "it must have continued as new"
    assert abs(late / early - 1) < 0.05
    completed = [e.data for e in await task.events() if e.type == "llm_call.completed"]
    summaries = (await task.types()).count("context.compacted")
    assert iterations / 200 < summaries < iterations / 25, "the newest turns stay, so they come the sooner"
    assert len(completed) == iterations + 1 + summaries
    assert result["spent"]["tokens"] == sum(c["usage"]["prompt"] + c["usage"]["completion"] for c in completed)
    assert result["spent"]["nanos"] == sum(7 * c["usage"]["prompt"] + 11 * c["usage"]["completion"] for c in completed)
    await database.close()


def _scripted(iterations: int) -> Callable[[ModelRequest], Delta]:
    """Reads that often, and summarises whenever the conversation fills three quarters of the window."""
    turns = count(1)

    def script(request: ModelRequest) -> Delta:
        usage = Usage(prompt=500 * len(request.messages), completion=20)
        if not request.tools:
            return says("We read on.", usage=usage)
        if (turn := next(turns)) > iterations:
            return done().model_copy(update={"usage": usage})
        return says("x" * 1_000, call("notes__read", name=f"{turn:04}"), usage=usage)  # else it goes in circles

    return script


async def _bytes_by_iteration(task: Actor) -> tuple[list[int], int]:
    """Bytes of history from one model call's schedule to the next, over all runs of the task."""
    sizes, runs, run_id = [0], 0, task.handle.first_execution_run_id
    while run_id:
        handle = task.harness.client.get_workflow_handle(task.task_id, run_id=run_id)
        runs, run_id = runs + 1, None
        async for event in handle.fetch_history_events():
            if _schedules_a_model_call(event):
                sizes.append(0)
            sizes[-1] += event.ByteSize()
            run_id = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or run_id
    return sizes, runs


def _schedules_a_model_call(event: HistoryEvent) -> bool:
    scheduled = event.activity_task_scheduled_event_attributes
    return (
        event.event_type == HistoryEventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and scheduled.activity_type.name == "call_llm_activity"
    )
