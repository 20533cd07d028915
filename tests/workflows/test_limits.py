"""Budgets, iterations and time: where a run ends, and what is told before."""

import asyncio
from itertools import count

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.worker_harness import READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy, BudgetSpec
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest
from threadwork.workflows.values import LOCAL, NANOS, Usage

FREE = ModelFacts(name="memory/scripted", prompt_nanos=0, completion_nanos=0)
PRICED = ModelFacts(name="memory/scripted", prompt_nanos=10_000, completion_nanos=10_000, max_output=2_000)


def reading(usage: Usage | None = None) -> MemoryModel:
    """Reads for ever, another note each time: whoever repeats itself is asked about."""
    numbers = count()
    return MemoryModel(lambda _: says("", call("notes__read", name=str(next(numbers))), usage=usage), facts=FREE)


def tools() -> MemoryToolBox:
    return MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))


@pytest.mark.parametrize("limit", [1, 3])
async def test_n_iterations_mean_exactly_n(temporal: Client, limit: int) -> None:
    budget = BudgetSpec(iterations=limit, tokens=None, usd=None)
    harness = WorkerHarness(temporal, reading(), tools=tools(), agent=agent(budget=budget))
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert (result["reason"], result["iterations"]) == ("max_iterations_reached", limit)
    assert (await task.types()).count("iteration.completed") == limit
    assert len(harness.model.requests) == limit
    assert len(harness.tools.calls) == limit


async def test_a_token_budget_warns_twice_and_stops_the_run(temporal: Client) -> None:
    budget = BudgetSpec(tokens=20_000, usd=None, on_exceeded="stop")
    harness = WorkerHarness(
        temporal, reading(Usage(prompt=2_000, completion=500)), tools=tools(), agent=agent(budget=budget)
    )
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    events = await task.events()
    shares = [round(e.data["share"], 2) for e in events if e.type == "budget.warning"]
    assert shares == [0.5, 0.88]
    assert result["reason"] == "budget_exceeded"
    assert (await task.types()).count("budget.exceeded") == 1
    assert result["spent"]["tokens"] <= 20_000


async def test_a_dollar_budget_is_never_overshot(temporal: Client) -> None:
    model = MemoryModel(
        lambda r: says("", call("notes__read", name="a"), usage=Usage(prompt=1_000, completion=r.max_output)),
        facts=PRICED,
    )
    harness = WorkerHarness(
        temporal, model, tools=tools(), agent=agent(budget=BudgetSpec(usd=0.10, on_exceeded="stop"))
    )
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["reason"] == "budget_exceeded"
    assert 0.05 * NANOS < result["spent"]["nanos"] <= 0.11 * NANOS, "at most one call's error of estimate"
    outputs = [request.max_output for request in model.requests]
    assert min(outputs) >= 1_024
    assert max(outputs) == 2_000


async def test_a_budget_of_zero_spends_nothing(temporal: Client) -> None:
    budget = BudgetSpec(usd=0, on_exceeded="stop")
    harness = WorkerHarness(temporal, MemoryModel([done()], facts=PRICED), agent=agent(budget=budget))
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["reason"] == "budget_exceeded"
    assert harness.model.requests == []
    assert result["spent"] == {"nanos": 0, "tokens": 0}


async def test_an_exceeded_budget_waits_for_somebody_to_raise_it(temporal: Client) -> None:
    script = [says("", call("notes__read", name="a"), usage=Usage(prompt=2_900, completion=50)), done()]
    harness = WorkerHarness(
        temporal, MemoryModel(script, facts=FREE), tools=tools(), agent=agent(budget=BudgetSpec(tokens=3_500, usd=None))
    )
    async with harness.workers():
        task = await harness.start()
        await task.happened("budget.exceeded")
        assert (await task.state())["status"] == "waiting_budget"
        click = {"click_id": "b1", "by": LOCAL.model_dump(), "add_tokens": 10_000}
        await task.signal("increase_budget", click)
        await task.signal("increase_budget", click)
        result = await task.result()
    raised = [e for e in await task.events() if e.type == "budget.increased"]
    assert [e.data["tokens_limit"] for e in raised] == [13_500]
    assert (result["status"], result["iterations"]) == ("completed", 2)


async def test_what_is_left_of_the_budget_stays_after_a_wake(temporal: Client) -> None:
    script = [says("First.", usage=Usage(prompt=2_900, completion=50)), says("Second.")]
    harness = WorkerHarness(
        temporal,
        MemoryModel(script, facts=FREE),
        agent=agent(budget=BudgetSpec(tokens=3_000, usd=None, on_exceeded="stop")),
    )
    async with harness.workers():
        task = await harness.start()
        await task.result()
        await task.reply("More.")
        await task.happened("workflow.continued")
        await task.happened("budget.exceeded", where=lambda event: event.seq > 8)
        assert (await task.state())["status"] == "waiting_budget"
        await task.stop()
        await task.result()
    assert len(harness.model.requests) == 1


async def test_a_budget_of_zero_is_told_before_it_waits(temporal: Client) -> None:
    harness = WorkerHarness(temporal, MemoryModel([done()], facts=PRICED), agent=agent(budget=BudgetSpec(usd=0)))
    async with harness.workers():
        task = await harness.start()
        await task.happened("budget.exceeded")
        assert (await task.state())["status"] == "waiting_budget"
        await task.signal("increase_budget", {"click_id": "b", "by": LOCAL.model_dump(), "add_usd": 1})
        assert (await task.result())["status"] == "completed"


async def test_a_summary_that_is_over_budget_waits_like_any_call(temporal: Client) -> None:
    def script(request: ModelRequest) -> Delta:
        if not request.tools:
            return says("Summary.")
        return says("", call("notes__read", name="a"), usage=Usage(prompt=2_900, completion=10))

    facts = ModelFacts(name="m", context_window=3_000, prompt_nanos=0, completion_nanos=0)
    harness = WorkerHarness(
        temporal,
        MemoryModel(script, facts),
        tools=tools(),
        agent=agent(budget=BudgetSpec(tokens=3_500, usd=None)),
    )
    async with harness.workers():
        task = await harness.start()
        await task.happened("budget.exceeded")
        assert (await task.state())["status"] == "waiting_budget"
        await task.stop()
        await task.result()
    assert "workflow.failed" not in await task.types()


async def test_silence_on_a_budget_ends_the_run_after_a_day(time_skipping: WorkflowEnvironment) -> None:
    harness = WorkerHarness(
        time_skipping.client, MemoryModel([done()], facts=PRICED), agent=agent(budget=BudgetSpec(usd=0))
    )
    async with harness.workers():
        result = await (await harness.start()).result()
    assert result["reason"] == "budget_exceeded"


async def test_waiting_for_a_person_does_not_count_as_time(time_skipping: WorkflowEnvironment) -> None:
    """The approval expires after a day; the run has two hours, and yet ends by itself."""
    harness = WorkerHarness(
        time_skipping.client,
        [says("", call("notes__write", name="a")), done("Without it.")],
        tools=tools(),
        agent=agent(approvals=ApprovalPolicy(expire=86_400)),
    )
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["reason"] == "goal_achieved"
    types = await task.types()
    assert types.index("human_approval.reminded") < types.index("human_approval.expired")
    assert harness.tools.calls == []
    assert "counts as a denial" in str(harness.model.requests[-1].messages[-1])


async def test_work_beyond_the_time_out_ends_the_run(temporal: Client) -> None:
    class Dawdling(MemoryModel):
        async def stream(self, request):  # type: ignore[no-untyped-def]
            await asyncio.sleep(0.6)
            async for delta in super().stream(request):
                yield delta

    model = Dawdling(lambda _: says("", call("notes__read", name="a")), facts=FREE)
    harness = WorkerHarness(temporal, model, tools=tools(), agent=agent(budget=BudgetSpec(timeout=1, usd=None)))
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["reason"] == "timeout_exceeded"
    assert 1 <= len(model.requests) <= 3


async def test_the_ledger_equals_the_recorded_usage(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [*[says("", call("notes__read", name="a"))] * 5, done()], tools=tools())
    async with harness.workers():
        task: Actor = await harness.start()
        result = await task.result()
    completed = [e.data for e in await task.events() if e.type == "llm_call.completed"]
    assert len(completed) == 6
    assert result["spent"]["tokens"] == sum(c["usage"]["prompt"] + c["usage"]["completion"] for c in completed)
    assert result["spent"]["nanos"] == round(sum(c["cost_usd"] for c in completed) * NANOS)
