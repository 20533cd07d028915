"""What lines in a thread do to a run, by the rules that they come with from now on."""

from typing import Any

from temporalio.client import Client

from tests.worker_harness import ANN, BOB, WRITE, Actor, WorkerHarness, agent, call, done, until
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.values import Principal

WRITES = says("", call("notes__write", name="a"))


def harness(temporal: Client, *script: Any, **policy: Any) -> WorkerHarness:
    tools = MemoryToolBox((WRITE, lambda arguments: "written"))
    return WorkerHarness(temporal, list(script), tools=tools, agent=agent(approvals=ApprovalPolicy(**policy)))


async def line(task: Actor, text: str, by: Principal = ANN, message_id: str = "m1", **fields: Any) -> None:
    await task.reply(text, by=by, message_id=message_id, rules=2, **fields)
    await task.happened("follow_up.received", where=lambda event: event.data["message_id"] == message_id)


async def test_a_line_withdraws_no_approval_and_is_read_once_it_is_decided(temporal: Client) -> None:
    on = harness(temporal, WRITES, done("Done."))
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await line(task, "In English, please.", by=BOB)
        await task.decide(asked, "approve", by=BOB, up_to="m1")
        assert (await task.result())["answer"] == "Done."
        assert "human_approval.superseded" not in await task.types()
        assert "In English, please." in str(on.model.requests[-1].messages)


async def test_whoever_had_not_seen_the_newest_line_of_another_is_asked_once_more(temporal: Client) -> None:
    on = harness(temporal, WRITES, done("Done."))
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await line(task, "Not this file!")
        await task.decide(asked, "approve", by=BOB, up_to="")
        refused = await task.happened("human_approval.ignored")
        assert "wrote since: “Not this file!”" in refused.data["reason"]
        assert "tool_call.started" not in await task.types()
        await task.decide(asked, "approve", by=BOB, up_to="m1")
        await task.result()
        assert (await task.types()).count("human_approval.received") == 1


async def test_nobody_is_held_back_by_lines_of_their_own_nor_from_denying(temporal: Client) -> None:
    on = harness(temporal, WRITES, WRITES, done("Done."))
    async with on.workers():
        task = await on.start(by=ANN)
        first = await task.happened("human_approval.requested")
        await line(task, "Go ahead.", by=BOB)
        await task.decide(first, "approve", by=BOB, up_to="")
        second = await task.happened("human_approval.requested", times=2)
        await line(task, "Wait.", message_id="m2")
        await task.decide(second, "deny", by=BOB, up_to="m1")
        await task.result()
        assert "human_approval.ignored" not in await task.types()


async def test_lines_of_those_who_have_no_say_hold_nobody_back(temporal: Client) -> None:
    on = harness(temporal, WRITES, done("Done."), approvers=(BOB.key,))
    async with on.workers():
        task = await on.start(by=BOB)
        asked = await task.happened("human_approval.requested")
        await line(task, "Lunch?", by=ANN)
        await task.decide(asked, "approve", by=BOB, up_to="")
        await task.result()
        assert "human_approval.ignored" not in await task.types()


async def test_an_answer_that_is_ready_is_told_and_the_line_is_read_then(temporal: Client) -> None:
    writes = says("", call("notes__write", name="a"), call("complete_task", answer="First."))
    on = harness(temporal, writes, done("Second."))
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await line(task, "And the attic?", by=BOB)
        await task.decide(asked, "approve", by=BOB)
        await task.happened("workflow.completed", times=2)
        await task.result()
        ends = [event.data["answer"] for event in await task.events() if event.type == "workflow.completed"]
        assert ends == ["First.", "Second."]
        assert "And the attic?" in str(on.model.requests[-1].messages)


async def test_what_somebody_else_says_answers_only_where_it_is_meant_for_the_agent(temporal: Client) -> None:
    asks = says("", call("ask_user", question="Which colour?"))
    on = harness(temporal, asks, asks, done("Done."))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("question.asked")
        await line(task, "I have no idea.", by=BOB)
        assert "question.answered" not in await task.types()
        await line(task, "red", message_id="m2")
        assert (await task.happened("question.answered")).data["answer"] == "red"
        await task.happened("question.asked", times=2)
        await line(task, "blue", by=BOB, message_id="m3", addressed=True)
        assert (await task.happened("question.answered", times=2)).data["answer"] == "blue"
        await task.result()


async def test_where_options_stand_another_word_answers_only_once_it_is_confirmed(temporal: Client) -> None:
    asks = says("", call("ask_user", question="Where?", options=["staging", "production"]))
    on = harness(temporal, asks, asks, done("Done."))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("question.asked")
        await line(task, "somewhere else")
        assert "question.answered" not in await task.types()
        await line(task, "Staging.", by=BOB, message_id="m2")
        assert (await task.happened("question.answered")).data["answer"] == "staging"
        await task.happened("question.asked", times=2)
        await line(task, "on my laptop", message_id="m3", confirmed=True)
        assert (await task.happened("question.answered", times=2)).data["answer"] == "on my laptop"
        await task.result()
        await until(lambda: "somewhere else" in str(on.model.requests[-1].messages))
