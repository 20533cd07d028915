"""Runs that go round in circles: told to the model once, then asked of people."""

from collections.abc import Callable
from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import ANN, BOB, READ, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import Access, BudgetSpec
from threadwork.workflows.loops import MAX_REMEMBERED_CALLS, MAX_SAME, STALE, LoopGuard
from threadwork.workflows.models import Delta, ModelRequest

PLENTY = BudgetSpec(usd=None, tokens=None)


def circling(client: Client, goes_on: Callable[[ModelRequest], Delta | None], **spec: Any) -> WorkerHarness:
    """A model that reads the same over and over, unless it is told otherwise."""

    def script(request: ModelRequest) -> Delta:
        return goes_on(request) or says("", call("notes__read", name="a"))

    tools = MemoryToolBox((READ, lambda a: "The same."))
    return WorkerHarness(client, MemoryModel(script), tools=tools, agent=agent(budget=PLENTY, **spec))


def heard(request: ModelRequest, words: str) -> bool:
    return any(words in str(message["content"]) for message in request.messages)


async def asked(task: Actor) -> str:
    return str((await task.happened("question.asked")).data["question_id"])


async def answer(task: Actor, text: str, by: Any = ANN) -> None:
    click = {"click_id": "k", "question_id": await asked(task), "answer": text, "by": by.model_dump()}
    await task.signal("answer_question", click)


async def test_the_same_call_with_the_same_result_three_times_is_told_to_the_model_once(temporal: Client) -> None:
    harness = circling(temporal, lambda r: done() if heard(r, "same call with the same result") else None)
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["reason"] == "goal_achieved"
    assert len(harness.tools.calls) == MAX_SAME
    assert "question.asked" not in await task.types()


async def test_whoever_goes_on_is_asked_about_and_stops_by_an_answer(temporal: Client) -> None:
    harness = circling(temporal, lambda r: None)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await asked(task)
        assert len(harness.tools.calls) == 2 * MAX_SAME
        assert (await task.state())["status"] == "waiting_answer"
        await answer(task, "Stop")
        result = await task.result()
    assert result["status"] == "cancelled"
    assert (await task.events())[-1].data["by"]["user_id"] == ANN.user_id


async def test_an_answer_is_told_to_the_model_and_counting_begins_anew(temporal: Client) -> None:
    harness = circling(temporal, lambda r: done("Read b.") if heard(r, "Read b instead") else None)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await asked(task)
        await task.reply("Read b instead.", by=ANN)
        assert (await task.result())["answer"] == "Read b."
    last = harness.model.requests[-1].messages
    assert [m["role"] for m in last if "Read b instead" in str(m["content"])] == ["user"]


async def test_whoever_may_not_stop_tasks_does_not_stop_one_by_an_answer(temporal: Client) -> None:
    access = Access(control=("slack:T1:U9",))
    harness = circling(temporal, lambda r: done() if heard(r, "answered: stop") else None, access=access)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await answer(task, "stop", by=BOB)
        assert (await task.result())["reason"] == "goal_achieved"


async def test_an_agent_that_stops_by_itself_asks_nobody_until_somebody_replied(temporal: Client) -> None:
    harness = circling(temporal, lambda r: None)
    harness.use(catalog=MemoryCatalog(agent(budget=PLENTY.model_copy(update={"on_exceeded": "stop"}))))
    async with harness.workers():
        task = await harness.start(by=ANN)
        await task.happened("workflow.failed")
        told = (await task.events())[-1].data["error"]
        assert f"same call with the same result {2 * MAX_SAME} times in a row" in told
        assert "question.asked" not in await task.types()
        await task.reply("Go on.", by=ANN)
        await asked(task)
        await task.stop()


async def test_a_tool_that_says_something_else_each_time_is_no_loop(temporal: Client) -> None:
    turns = iter(range(1_000))
    tools = MemoryToolBox((READ, lambda a: f"{next(turns)} % done"))
    script = [*([says("", call("notes__read", name="a"))] * (2 * STALE)), done()]
    harness = WorkerHarness(temporal, script, tools=tools, agent=agent(budget=PLENTY))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["reason"] == "goal_achieved"
    assert not any(heard(request, "You have") for request in harness.model.requests)


# --- the guard by itself ------------------------------------------------------------------------------


def looks(*turns: list[str], people: bool = False) -> list[str | None]:
    guard = LoopGuard()
    return [guard.look(number, turn, people) for number, turn in enumerate(turns, 1)]


def test_turns_without_anything_new_are_told_and_then_asked() -> None:
    verdicts = looks(["a"], ["b"], *([["a"], ["b"]] * STALE))
    assert verdicts.index("tell") == STALE + 1
    assert verdicts.index("ask") == 2 * STALE + 1


@pytest.mark.parametrize("turns", [[["a"], ["a"], ["b"]] * 3, [[str(n)] for n in range(40)]])
def test_what_brings_something_else_is_no_loop(turns: list[list[str]]) -> None:
    assert set(looks(*turns)) <= {None}


def test_people_who_have_a_part_in_it_are_news() -> None:
    assert set(looks(*[["a"]] * 30, people=True)) == {None}


def test_a_turn_is_counted_once_and_what_is_kept_is_bounded() -> None:
    guard = LoopGuard()
    for _ in range(9):
        assert guard.look(1, ["a"], False) is None
    for number in range(2, 2 * MAX_REMEMBERED_CALLS):
        guard.look(number, [str(number)], False)
    assert len(guard.seen) == MAX_REMEMBERED_CALLS
