"""Delegation where people, budgets and levels get in each other's way."""

from collections.abc import Mapping
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from tests.worker_harness import ANN, BOB, Actor, WorkerHarness, agent, call, done
from tests.workflows.test_delegation import LEAD, SCOUT, child_of, delegating, goal, harness, results, step, writing
from threadwork.activities.thread_reader import ThreadReader
from threadwork.adapters.memory.model import says
from threadwork.workflows import family
from threadwork.workflows.agents import Access, BudgetSpec
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.events import EventType
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Usage

FREE = BudgetSpec(usd=None, tokens=None)


async def view_of(on: WorkerHarness, task: Actor) -> ThreadView:
    return await ThreadReader(on.store.events, on.store.views, task.task_id).view()


def click(number: int, **more: Any) -> Mapping[str, Any]:
    return {"click_id": f"c{number}", "by": ANN.model_dump()} | more


async def test_one_of_five_that_is_stopped_by_itself_is_told_of_and_the_others_answer(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        return says("", call("ask_user", question="Well?")) if goal(request) == "3" else done(f"{goal(request)}.")

    on = harness(temporal, [delegating("1", "2", "3", "4", "5"), done()], child)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("question.asked")
        await on.actor(asked.data["child_task_id"]).stop(BOB, reason="Not that one.")
        result = await task.result()
        view = await view_of(on, task)
    assert result["status"] == "completed"
    assert sorted(results(on)) == ["1.", "2.", "4.", "5.", "scout was stopped: Not that one."]
    assert [card.state for card in view.cards if card.kind == "question"] == ["superseded"]
    assert sorted(line for line in view.status.log if line[0] in "✓✗")[-2:] == ["✓ scout", "✗ scout failed"]


async def test_what_people_approved_for_a_child_is_told_to_have_run_two_levels_up(temporal: Client) -> None:
    middle, leaf = agent(name="scout", delegates=("writer",)), agent(name="writer")

    def child(request: ModelRequest) -> Delta:
        if goal(request) == "Write.":
            return writing(request)
        return delegating("Write.", agent="writer") if step(request) == 1 else done("Written.")

    on = harness(temporal, [delegating("Middle."), done()], child, LEAD, middle, leaf)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=BOB)
        await task.result()
        cards = [card for card in (await view_of(on, task)).cards if card.kind == "approval"]
        lines = (await view_of(on, task)).status.children
    assert [(card.tool, card.state, card.outcome) for card in cards] == [("scout/writer/notes.write", "approved", "ok")]
    assert [(line.agent, line.status.value) for line in lines] == [("scout", "completed")]


async def test_what_a_grandchild_asked_is_closed_when_the_child_between_is_stopped(temporal: Client) -> None:
    middle, leaf = agent(name="scout", delegates=("writer",)), agent(name="writer")

    def child(request: ModelRequest) -> Delta:
        if goal(request) == "Leaf.":
            return says("", call("ask_user", question="Well?"))
        return delegating("Leaf.", agent="writer")

    on = harness(
        temporal, [delegating("Middle."), says("", call("ask_user", question="And now?"))], child, LEAD, middle, leaf
    )
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("question.asked")
        await (await child_of(task)).stop(ANN)
        await task.happened("question.asked", times=2)
        view = await view_of(on, task)
        await task.stop()
        await task.result()
    assert [card.state for card in view.cards if card.kind == "question"] == ["superseded", "open"]


async def test_money_for_two_that_wait_reaches_both_and_one_that_asks_something_gets_none(temporal: Client) -> None:
    """A raise of one token is no raise of half a token, and what waits for an answer waits for no money."""

    def child(request: ModelRequest) -> Delta:
        if goal(request) == "Ask.":
            return says("", call("ask_user", question="Well?")) if step(request) == 1 else done("Asked.")
        if step(request) < 3:
            return says("", call("notes__read", name="a"), usage=Usage(prompt=1_900, completion=100))
        return done("Read.")

    lead = LEAD.model_copy(update={"budget": BudgetSpec(usd=None, tokens=10_000)})
    on = harness(temporal, [delegating("One.", "Ask.", "Two."), done()], child, lead, SCOUT)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("budget.exceeded", times=2)
        asked = await task.happened("question.asked")
        await task.signal("increase_budget", click(1, add_tokens=1))
        await task.happened("budget.increased")
        await task.happened("budget.exceeded", times=4)
        await task.signal("increase_budget", click(2, add_tokens=30_001))
        await task.signal("answer_question", click(3, question_id=asked.data["question_id"], answer="yes"))
        await task.result()
        children = await on.store.tasks.list(TaskFilter(parent=task.task_id))
        raised = {
            one.goal: [
                e.data["add_tokens"] for e in await on.actor(one.task_id).events() if e.type == "budget.increased"
            ]
            for one in children
        }
        refused = [e for e in await task.events() if e.type == "click.refused"]
    assert raised == {"One.": [1, 15_001], "Ask.": [], "Two.": [1, 15_001]}
    assert refused == []


async def test_a_reply_while_children_work_is_told_to_the_model_behind_their_results(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        return writing(request)

    on = harness(temporal, [delegating("Write."), done()], child)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.reply("Mind the margins.", by=ANN)
        await task.happened("follow_up.received")
        assert (await task.state())["status"] == "waiting_approval"
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    last = [request for request in on.model.requests if goal(request) == "Do it."][-1]
    told = [str(m["content"]) for m in last.messages if m["role"] in ("tool", "user")]
    assert any("written" in text for text in told)
    assert "Mind the margins." in str(last.messages)


async def test_whoever_may_not_run_an_agent_is_told_that_there_is_none(temporal: Client) -> None:
    closed = SCOUT.model_copy(update={"access": Access(run=("U9",))})
    on = harness(temporal, [delegating("Look."), done()], lambda r: done(), LEAD, closed)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    assert not any("delegate_task" in str(request.tools) for request in on.model.requests)
    assert results(on)[0].startswith(("Not started", "There is no tool"))
    assert await on.store.tasks.list(TaskFilter(parent=task.task_id)) == []


async def test_nothing_is_delegated_with_a_grant_of_nothing_and_without_limits_there_is_none(temporal: Client) -> None:
    poor = LEAD.model_copy(update={"budget": BudgetSpec(usd=None, tokens=2_100)})
    on = harness(temporal, [delegating("Look."), done()], lambda r: done(), poor, SCOUT)
    free = harness(
        temporal,
        [delegating("Look."), done()],
        lambda r: done("Free."),
        *(one.model_copy(update={"budget": FREE}) for one in (LEAD, SCOUT)),
    )
    async with on.workers(), free.workers():
        task, other = await on.start(by=ANN), await free.start(by=ANN)
        await task.result()
        await other.result()
        started = await (await child_of(other)).happened(EventType.WORKFLOW_STARTED)
    assert results(on) == ["Not started: too little of the budget is left for another agent."]
    assert results(free) == ["Free."]
    assert (started.data.get("usd_limit"), started.data.get("tokens_limit")) == (None, None)


@pytest.mark.parametrize(("failures", "arrives"), [(0, True), (1, True), (2, False)])
async def test_a_signal_that_finds_nobody_is_sent_once_more(
    monkeypatch: pytest.MonkeyPatch, failures: int, arrives: bool
) -> None:
    """One failure is no proof that a parent is gone, and whoever hears twice knows it by the number."""
    left, sent = [ApplicationError("Not found.")] * failures, []

    class Handle:
        async def signal(self, name: str, args: list[object]) -> None:
            sent.append((name, args))
            if left:
                raise left.pop()

    monkeypatch.setattr(family, "SIGNAL_RETRY_INTERVAL", 0)
    monkeypatch.setattr(family.workflow, "get_external_workflow_handle", lambda task_id: Handle())
    assert await family._signalled("above", "child_reported", "report") is arrives
    assert sent == [("child_reported", ["report"])] * min(failures + 1, 2)
