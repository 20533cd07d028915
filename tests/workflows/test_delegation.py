"""Tasks that delegate: children report by signals, so that both sides survive whatever happens to the other."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from tests.worker_harness import ANN, BOB, READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.activities.thread_reader import ThreadReader
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import Access, AgentSpec, ApprovalPolicy, BudgetSpec
from threadwork.workflows.approval_events import QuestionAsked
from threadwork.workflows.calls import Message
from threadwork.workflows.delegation import Child, ChildReport, Parent
from threadwork.workflows.execution import Execution
from threadwork.workflows.family import FamilyTies
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.outbox import Outbox
from threadwork.workflows.reports import hear
from threadwork.workflows.run import Run
from threadwork.workflows.run_requests import BeginRunRequest
from threadwork.workflows.state import RunState
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Usage, digest

LEAD = agent(name="default", delegates=("scout", "writer"))
SCOUT = agent(name="scout", description="Finds things out")


def goal(request: ModelRequest) -> str:
    return str(request.messages[1]["content"])


def step(request: ModelRequest) -> int:
    return len([m for m in request.messages if m["role"] == "assistant"]) + 1


def delegating(*goals: str, agent: str = "scout") -> Delta:
    return says("", *(call("delegate_task", agent=agent, goal=one) for one in goals))


def scripted(lead: list[Delta], child: Callable[[ModelRequest], Delta]) -> MemoryModel:
    """The lead's goal is "Do it."; everybody else is a child."""

    def tell(request: ModelRequest) -> Delta:
        return lead[min(step(request), len(lead)) - 1] if goal(request) == "Do it." else child(request)

    return MemoryModel(tell)


def harness(client: Client, lead: list[Delta], child: Any, *agents: AgentSpec, **ports: Any) -> WorkerHarness:
    tools = MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
    return WorkerHarness(
        client, scripted(lead, child), tools=tools, catalog=MemoryCatalog(*(agents or (LEAD, SCOUT))), **ports
    )


def results(on: WorkerHarness) -> list[str]:
    """What the lead was last told of its calls."""
    asked = [request for request in on.model.requests if goal(request) == "Do it."]
    return [str(m["content"]) for m in asked[-1].messages if m["role"] == "tool"]


async def child_of(task: Actor, number: int = 1) -> Actor:
    told = await task.happened("task.delegated", times=number)
    return task.harness.actor(told.data["child_task_id"])


async def test_a_delegated_task_answers_into_its_parents_conversation(temporal: Client) -> None:
    on = harness(temporal, [delegating("Look."), done("Found.")], lambda r: done("It is under the stone."))
    async with on.workers():
        task = await on.start(by=ANN)
        result = await task.result()
        child = await child_of(task)
        record = await on.store.tasks.get(child.task_id)
    assert result["answer"] == "Found."
    assert results(on) == ["It is under the stone."]
    assert (record.parent, record.by, record.agent, record.sink) == (task.task_id, ANN, "scout", None)
    types = await task.types()
    assert types.index("task.delegated") < types.index("task.reported") < types.index("tool_call.completed")
    assert types[-1] == "workflow.completed"


async def test_a_delegation_written_as_text_is_asked_for_and_its_arguments_stay(temporal: Client) -> None:
    """As NousResearch/hermes-agent#83023 has it: a model that writes its calls, and may only quote one."""
    written = json.dumps({"name": "delegate_task", "arguments": {"agent": "scout", "goal": "Look."}})
    on = harness(temporal, [says(f"<tool_call>{written}</tool_call>"), done()], lambda r: done("Under the stone."))
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        assert asked.data["tool"] == "delegate_task"
        await task.decide(asked, "approve", by=ANN, edited_ref="edited:1")
        assert "cannot be edited" in (await task.happened("human_approval.ignored")).data["reason"]
        assert "task.delegated" not in await task.types()
        await task.decide(asked, "approve", by=ANN)
        await task.result()
    assert results(on) == ["Under the stone."]


async def test_several_in_one_turn_work_side_by_side_and_are_joined(temporal: Client) -> None:
    both = asyncio.Barrier(2)  # neither goes on alone

    async def met(_: Any) -> str:
        await both.wait()
        return "met"

    def child(request: ModelRequest) -> Delta:
        return says("", call("notes__read", name="a")) if step(request) == 1 else done(f"{goal(request)} done.")

    on = harness(temporal, [delegating("One", "Two"), done()], child)
    on.use(tools=MemoryToolBox((READ, met)))
    async with on.workers():
        task = await on.start()
        await task.result()
    assert sorted(results(on)) == ["One done.", "Two done."]


async def test_a_child_that_fails_is_a_tool_error_with_the_reason(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        return says("", usage=None)

    on = harness(temporal, [delegating("Look."), done()], child)
    async with on.workers():
        task = await on.start()
        result = await task.result()
        failed = await task.happened("tool_call.failed")
    assert result["status"] == "completed"
    assert failed.data["outcome"] == "error"
    assert results(on)[0].startswith("scout failed: The model memory/scripted answered nothing 3 times")


async def test_a_long_answer_is_read_on_from_the_parents_conversation(temporal: Client) -> None:
    long = "word " * 10_000
    on = harness(
        temporal,
        [delegating("Look."), says("", call("read_output", id="output:1.5", offset=49_990)), done()],
        lambda r: done(long),
    )
    async with on.workers():
        task = await on.start()
        started = await task.happened("tool_call.started", where=lambda e: e.data["tool"] == "delegate_task")
        await task.result()
    shown = next(text for text in results(on) if "read_output" in text)
    assert f'read_output(id="output:{started.data["call_id"]}"' in shown


async def test_nobody_is_offered_or_given_an_agent_that_was_not_named_or_may_not_be_run(temporal: Client) -> None:
    secret = agent(name="writer", access=Access(run=("U9",)))
    other = agent(name="other")
    on = harness(
        temporal,
        [delegating("a", agent="writer"), delegating("b", agent="other"), delegating("c", agent="nobody"), done()],
        lambda r: done("Never."),
        LEAD,
        SCOUT,
        secret,
        other,
    )
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    offered = next(t for t in on.model.requests[0].tools if t["function"]["name"] == "delegate_task")
    assert offered["function"]["description"].endswith("- scout: Finds things out")
    assert [text.split(":")[0] for text in results(on)] == ["Not started"] * 3
    assert "task.delegated" not in await task.types()


async def test_an_agent_that_names_nobody_is_not_offered_the_tool(temporal: Client) -> None:
    on = harness(temporal, [delegating("a"), done()], lambda r: done("Never."), agent(name="default"), SCOUT)
    async with on.workers():
        task = await on.start()
        await task.result()
    assert "delegate_task" not in [t["function"]["name"] for t in on.model.requests[0].tools]
    assert results(on)[0].startswith("Not started")


async def test_a_question_of_a_child_is_answered_in_the_parents_thread(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        if step(request) == 1:
            return says("", call("ask_user", question="Short or long?", options=["short", "long"]))
        return done(str(request.messages[-1]["content"]))

    on = harness(temporal, [delegating("One"), delegating("Two"), done()], child)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("question.asked")
        assert (await task.state())["status"] == "waiting_answer"
        click = {"click_id": "q1", "question_id": asked.data["question_id"], "by": BOB.model_dump(), "answer": "long"}
        await task.signal("answer_question", click)
        await task.signal("answer_question", click)
        await task.happened("question.asked", times=2)
        await task.reply("short", by=ANN)
        await task.result()
        answered = [event.data for event in await task.events() if event.type == "question.answered"]
    assert asked.data["question"] == "scout asks: Short or long?"
    assert [(one["question_id"], one["answer"], one["by"]["name"]) for one in answered] == [
        ("1", "long", "Bob"),
        ("2", "short", "Ann"),
    ]
    assert results(on) == ["Bob answered: long", "Ann answered: short"]


def writing(request: ModelRequest) -> Delta:
    """A child that writes one note."""
    if step(request) == 1:
        return says("I must.", call("notes__write", name="a"))
    return done(str(request.messages[-1]["content"]))


async def test_an_approval_of_a_child_is_decided_in_the_parents_thread_by_the_childs_policy(temporal: Client) -> None:
    policy = ApprovalPolicy(approvers=("U1", "U2", "U3"), quorum=2, four_eyes=True)
    careful = agent(name="scout", approvals=policy)
    cat = BOB.model_copy(update={"user_id": "U3", "name": "Cat"})
    on = harness(temporal, [delegating("Write."), done()], writing, LEAD, careful)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN, click_id="own")
        await task.decide(asked, "approve", by=BOB, click_id="first")
        await task.decide(asked, "approve", by=BOB, click_id="again")
        await task.happened("human_approval.ignored", times=2)
        await task.decide(asked, "approve", by=cat, click_id="second", scope="task")
        await task.result()
        received = [event.data for event in await task.events() if event.type == "human_approval.received"]
        ignored = [event.data for event in await task.events() if event.type == "human_approval.ignored"]
        whole = await on.store.transcript.get(task.task_id, asked.data["arguments_ref"])
        begun = await on.store.runs.begin(
            BeginRunRequest(task_id=task.task_id, chain_id="next", chain_started_at=datetime.now(UTC))
        )
    assert (asked.data["tool"], asked.data["quorum"], asked.data["approvers"]) == (
        "scout/notes.write",
        2,
        ["U1", "U2", "U3"],
    )
    assert whole.body["content"] == '{"name": "a"}'
    assert [(one["click_id"], one["reason"].split(":")[0]) for one in ignored] == [
        ("own", "You asked for this yourself"),
        ("again", "You have approved this already; somebody else must approve it too."),
    ]
    assert [(one["click_id"], one.get("final")) for one in received] == [("first", False), ("second", True)]
    assert on.tools.calls == [("notes.write", {"name": "a"})]
    assert begun.granted_tools == ()  # what a child may do is not what its parent may do


async def test_edited_arguments_reach_the_child_and_run(temporal: Client) -> None:
    on = harness(temporal, [delegating("Write."), done()], writing)
    edited = '{"name": "b"}'
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await on.store.transcript.put(task.task_id, Message(ref="edit:1", kind="text", body={"content": edited}))
        await task.decide(
            asked,
            "approve",
            by=BOB,
            digest=digest({"name": "b"}),
            seen=asked.data["digest"],
            edited_ref="edit:1",
            rules=2,
        )
        await task.result()
    assert on.tools.calls == [("notes.write", {"name": "b"})]


async def test_a_denied_call_of_a_child_does_not_run(temporal: Client) -> None:
    on = harness(temporal, [delegating("Write."), done()], writing)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "deny", by=BOB, reason="Not on a Friday.")
        await task.result()
    assert on.tools.calls == []
    assert "Not on a Friday." in results(on)[0]


async def test_a_child_spends_its_grant_and_asks_for_more_in_the_parents_thread(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        if step(request) < 3:
            return says("", call("notes__read", name="a"), usage=Usage(prompt=2_800, completion=100))
        return done("Read.")

    lead = LEAD.model_copy(update={"budget": BudgetSpec(usd=None, tokens=10_000)})
    on = harness(temporal, [delegating("Read."), done()], child, lead, SCOUT)
    async with on.workers():
        task = await on.start(by=ANN)
        exceeded = await task.happened("budget.exceeded")
        child_task = await child_of(task)
        assert (await task.state())["status"] == "waiting_budget"
        await task.signal("increase_budget", {"click_id": "b", "by": ANN.model_dump(), "add_tokens": 20_000})
        await task.signal("increase_budget", {"click_id": "b", "by": ANN.model_dump(), "add_tokens": 20_000})
        await task.result()
        state, started = await task.state(), await child_task.happened("workflow.started")
        spent = await on.store.spend.by_person([ANN.account], datetime.min.replace(tzinfo=UTC))
        view = await ThreadReader(on.store.events, on.store.views, task.task_id).view()
    assert exceeded.data["agent"] == "scout"
    assert started.data["tokens_limit"] == (10_000 - 120) // 2  # one half stays with the parent
    own, below = 2 * 120, 2 * 2_900 + 120
    assert state["budget"] == {"usd": state["budget"]["usd"], "usd_limit": None, "tokens": own + below} | {
        "tokens_limit": 30_000
    }
    assert spent.tokens == own + below  # counted once
    assert view.status.tokens == own + below
    assert [card.state for card in view.cards if card.kind == "budget" and card.child] == ["increased"]


async def test_what_children_spent_is_gone_from_the_parents_budget(temporal: Client) -> None:
    lead = LEAD.model_copy(update={"budget": BudgetSpec(usd=None, tokens=6_000, on_exceeded="stop")})
    heavy = says("", call("complete_task", answer="Read."), usage=Usage(prompt=2_500, completion=400))
    on = harness(
        temporal,
        [delegating("Read."), delegating("Again."), delegating("Once more."), done()],
        lambda r: heavy,
        lead,
        SCOUT,
    )
    async with on.workers():
        task = await on.start(by=ANN)
        result = await task.result()
    assert result["reason"] == "budget_exceeded"


async def test_a_stop_reaches_the_children_and_their_children(temporal: Client) -> None:
    middle = agent(name="scout", delegates=("writer",))
    leaf = agent(name="writer")

    def child(request: ModelRequest) -> Delta:
        if goal(request) == "Middle.":
            return delegating("Leaf.", agent="writer")
        return says("", call("ask_user", question="Well?"))

    on = harness(temporal, [delegating("Middle."), done()], child, LEAD, middle, leaf)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("question.asked")
        below = await child_of(task)
        lowest = await child_of(below)
        await task.stop(ANN)
        await task.result()
        ends = [(await one.result())["status"] for one in (below, lowest)]
        view = await ThreadReader(on.store.events, on.store.views, task.task_id).view()
    assert asked.data["question"] == "scout asks: writer asks: Well?"
    assert ends == ["cancelled", "cancelled"]
    assert [line.status for line in view.status.children] == ["cancelled"]
    assert [card.state for card in view.cards if card.kind == "question"] == ["superseded"]


async def test_pause_and_resume_reach_down(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        return says("", call("ask_user", question="Well?")) if step(request) == 1 else done("Well.")

    on = harness(temporal, [delegating("Look."), done()], child)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("question.asked")
        below = await child_of(task)
        await task.signal("pause_execution", "Lunch.", ANN.model_dump(), "p")
        await below.happened("workflow.paused")
        click = {"click_id": "q", "question_id": asked.data["question_id"], "by": ANN.model_dump(), "answer": "yes"}
        await task.signal("answer_question", click)
        await task.happened("question.answered")
        assert (await below.types()).count("llm_call.started") == 1
        await task.signal("resume_execution", "", ANN.model_dump(), "r")
        result = await task.result()
        paused = await below.happened("workflow.paused")
    assert result["status"] == "completed"
    assert paused.data["reason"] == "Ann: Lunch."


async def test_delegation_ends_at_its_depth_and_breadth(temporal: Client) -> None:
    lead = agent(name="default", delegates=("*",))
    again = agent(name="scout", delegates=("*",))

    def child(request: ModelRequest) -> Delta:
        if goal(request).startswith("Side"):
            return done("Side.")
        if step(request) > 1:
            return done(str(request.messages[-1]["content"]))
        own = 'agent "scout"' in str(request.messages[0]["content"])
        return delegating("Deeper.", agent="default" if own else "scout")

    wide = delegating("Start.", *(f"Side {n}" for n in range(6)))
    on = harness(temporal, [wide, done()], child, lead, again)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result(within=120)
        records = await on.store.tasks.list(TaskFilter(parent=task.task_id))
        roots = await on.store.tasks.list(TaskFilter())
    told = results(on)
    assert sum(text.startswith("Not started: at most 5 agents") for text in told) == 2
    assert len(records) == 5
    assert [record.task_id for record in roots] == [task.task_id]
    deep = [r for r in on.model.requests if goal(r) == "Deeper." and "delegate_task" in str(r.tools)]
    assert len(told) == 7
    assert deep  # the second level may delegate, the third may not
    assert any("there is no agent" in str(r.messages[-1]["content"]) for r in on.model.requests if goal(r) == "Deeper.")


async def test_a_child_that_was_terminated_is_noticed_and_told_of(temporal: Client) -> None:
    def child(request: ModelRequest) -> Delta:
        return says("", call("ask_user", question="Well?"))

    on = harness(temporal, [delegating("Look."), done()], child)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("question.asked")
        below = await child_of(task)
        await temporal.get_workflow_handle(below.task_id).terminate()
        click = {"click_id": "q", "question_id": asked.data["question_id"], "by": ANN.model_dump(), "answer": "yes"}
        await task.signal("answer_question", click)  # nobody hears it: so the parent learns that the child is gone
        result = await task.result()
    assert result["status"] == "completed"
    assert "sent nothing" in results(on)[0]


async def test_a_child_whose_parent_was_terminated_ends_by_itself(temporal: Client) -> None:
    alone = asyncio.Event()

    async def slow(_: Any) -> str:
        await alone.wait()
        return "late"

    def child(request: ModelRequest) -> Delta:
        return says("", call("notes__read", name="a"))

    on = harness(temporal, [delegating("Look."), done()], child)
    on.use(tools=MemoryToolBox((READ, slow)))
    async with on.workers():
        task = await on.start(by=ANN)
        below = await child_of(task)
        await below.happened("tool_call.started")
        await temporal.get_workflow_handle(task.task_id).terminate()
        alone.set()
        cancelled = await below.happened("workflow.cancelled", within=40)
    assert cancelled.data["reason"] == "The task that asked for this has ended."


async def test_a_parent_that_fails_stops_its_children_and_says_so_to_nobody_twice(temporal: Client) -> None:
    """The second run of a terminated parent knows its children from the database, and ends them."""

    def child(request: ModelRequest) -> Delta:
        return says("", call("ask_user", question="Well?"))

    on = harness(temporal, [delegating("Look."), done("Done without.")], child)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("question.asked")
        below = await child_of(task)
        await temporal.get_workflow_handle(task.task_id).terminate()
        await task.reply("Go on.", by=ANN)
        ended = await below.happened("workflow.cancelled")
        result = await task.result()
    assert ended.data["reason"] == "The run that asked for this has ended."
    assert result["answer"] == "Done without."


def a_run(**changes: Any) -> Run:
    state = RunState(outbox=Outbox(task_id="parent"), epoch=1, **changes)
    return Run(state, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_a_report_heard_twice_or_by_nobody_changes_nothing() -> None:
    run = a_run()
    run.state.family.children["c"] = Child(child_id="c", agent="scout", call_id="1.1", tool_call_id="t")
    asked = {"question_id": "1", "question": "Well?"}
    report = ChildReport(child_id="c", number=1, type="question.asked", data=asked, status="waiting_answer")
    hear(run, report)
    hear(run, report)
    assert [event.type.value for event in run.events.tail] == ["question.asked", "task.reported"]
    hear(run, report.model_copy(update={"child_id": "stranger"}))
    hear(run, report.model_copy(update={"child_id": "other", "ended": True}))
    assert [(word.child_id, word.signal) for word in run.state.family.words] == [("stranger", "stop_execution")]


def test_a_child_that_works_on_wants_no_larger_grant_any_more() -> None:
    """One between may have children that still wait when it hears of the raise, and says nothing when they do not."""
    run = a_run()
    child = run.state.family.children["c"] = Child(child_id="c", agent="scout", call_id="1.1", tool_call_id="t")
    exceeded = {"used": 1, "limit": 1, "unit": "tokens", "share": 1}
    told = [
        ("budget.exceeded", exceeded, "running", "tokens"),  # it comes to wait
        ("budget.increased", {}, "waiting_budget", "tokens"),
        (None, {}, "waiting_approval", "tokens"),
        (None, {}, "running", None),
    ]
    for number, (kind, data, status, wants) in enumerate(told, 1):
        hear(run, ChildReport(child_id="c", number=number, type=kind, data=data, status=status))
        assert child.wants == wants


def test_a_report_that_may_have_arrived_is_sent_again_as_it_was() -> None:
    """Mere progress must not take a word along under a number that the parent knows already."""
    run = a_run(parent=Parent(task_id="above", reported=4))
    ties = FamilyTies(run, Execution(run))
    parent = run.state.parent
    assert parent
    parent.sending = ties._next_report(parent)
    run.emit(QuestionAsked(question_id="1", question="Well?"))
    again = Run(RunState.model_validate(run.state.model_dump(mode="json")), run.now)  # continued as new
    parent = again.state.parent
    assert parent
    assert parent.sending
    assert (parent.sending.number, parent.sending.type) == (5, None)
    assert [relay.type for relay in parent.relays] == ["question.asked"]
