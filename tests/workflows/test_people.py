"""What people do to a run: approvals, questions, replies, pauses, stops."""

import asyncio
from collections.abc import AsyncIterator

from temporalio.client import Client

from tests.worker_harness import ANN, BOB, READ, WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.values import LOCAL, digest


def writing() -> MemoryToolBox:
    return MemoryToolBox((WRITE, lambda a: "written"), (READ, lambda a: "read"))


def told(harness: WorkerHarness) -> str:
    """What the model was last told."""
    return str(harness.model.requests[-1].messages[-1]["content"])


async def test_a_denied_call_does_not_run_and_the_model_hears_why(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done("Fine.")], tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "deny", reason="Not on a Friday.")
        await task.result()
    assert harness.tools.calls == []
    assert "Not on a Friday." in told(harness)
    failed = await task.happened("tool_call.failed")
    assert failed.data["outcome"] == "denied"


async def test_second_click_on_an_approval_is_answered_and_ignored(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal,
        [says("", call("notes__write", name="a"), call("ask_user", question="Sure?")), done()],
        tools=writing(),
    )
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN, click_id="one")
        await task.decide(asked, "deny", by=BOB, click_id="two")
        await task.decide(asked, "approve", by=ANN, click_id="one")
        ignored = await task.happened("human_approval.ignored")
        await task.signal(
            "answer_question", {"click_id": "q", "question_id": "1", "by": ANN.model_dump(), "answer": "yes"}
        )
        await task.result()
    assert ignored.data["click_id"] == "two"
    assert ignored.data["reason"].startswith("Approved already by Ann")
    assert (await task.types()).count("human_approval.received") == 1
    assert (await task.types()).count("human_approval.ignored") == 1
    assert harness.tools.calls == [("notes.write", {"name": "a"})]


async def test_only_approvers_decide_and_four_eyes_forbids_the_requester(temporal: Client) -> None:
    policy = ApprovalPolicy(approvers=("U1", "U2"), four_eyes=True)
    harness = WorkerHarness(
        temporal, [says("", call("notes__write", name="a")), done()], tools=writing(), agent=agent(approvals=policy)
    )
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=LOCAL, click_id="stranger")
        await task.decide(asked, "approve", by=ANN, click_id="self")
        await task.happened("human_approval.ignored", times=2)
        assert harness.tools.calls == []
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    ignored = [e.data for e in await task.events() if e.type == "human_approval.ignored"]
    reasons = {data["click_id"]: data["reason"] for data in ignored}
    assert reasons["stranger"] == "This is not yours to decide."
    assert "somebody else" in reasons["self"]
    assert len(harness.tools.calls) == 1


async def test_quorum_counts_different_people(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal,
        [says("", call("notes__write", name="a")), done()],
        tools=writing(),
        agent=agent(approvals=ApprovalPolicy(quorum=2)),
    )
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN)
        await task.decide(asked, "approve", by=ANN)
        await task.happened("human_approval.ignored")
        assert harness.tools.calls == []
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    assert [e.data["final"] for e in await task.events() if e.type == "human_approval.received"] == [False, True]


async def test_edited_arguments_are_what_runs(temporal: Client) -> None:
    from threadwork.workflows.calls import Message

    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        edited = Message(ref="edited:1", kind="text", body={"content": '{"name": "b"}'})
        await harness.store.transcript.put(task.task_id, edited)
        await task.decide(asked, "approve", edited_ref="edited:1", digest=digest({"name": "b"}))
        await task.result()
    assert harness.tools.calls == [("notes.write", {"name": "b"})]


async def test_arguments_other_than_the_approved_ones_do_not_run(temporal: Client) -> None:
    from threadwork.workflows.calls import Message

    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        forged = Message(ref="edited:1", kind="text", body={"content": '{"name": "evil"}'})
        await harness.store.transcript.put(task.task_id, forged)
        await task.decide(asked, "approve", edited_ref="edited:1", digest=digest({"name": "b"}))
        await task.result()
    assert harness.tools.calls == []
    assert "not the arguments that were approved" in told(harness)


async def test_an_edit_of_arguments_that_have_changed_since_is_refused(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", edited_ref="edited:1", digest="ffff", seen="deadbeef")
        ignored = await task.happened("human_approval.ignored")
        await task.decide(asked, "deny")
        await task.result()
    assert "have changed" in ignored.data["reason"]
    assert harness.tools.calls == []


async def test_a_tool_approved_for_the_task_is_not_asked_for_again(temporal: Client) -> None:
    script = [
        says("", call("notes__write", name="a"), call("notes__write", name="b")),
        says("", call("notes__write", name="c")),
        done(),
    ]
    harness = WorkerHarness(temporal, script, tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", scope="task")
        await task.result()
    assert [arguments["name"] for _, arguments in harness.tools.calls] == ["a", "b", "c"]
    assert (await task.types()).count("human_approval.requested") == 2


async def test_a_reply_supersedes_what_waits_for_approval(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=writing())
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        await task.reply("Do not write, just tell me.")
        await task.happened("human_approval.superseded")
        await task.decide(asked, "approve", click_id="late")
        await task.result()
    assert harness.tools.calls == []
    assert told(harness) == "Do not write, just tell me."


async def test_a_reply_answers_an_open_question(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal, [says("", call("ask_user", question="Red or blue?", options=["red", "blue"])), done()]
    )
    async with harness.workers():
        task = await harness.start()
        await task.happened("question.asked")
        assert (await task.state())["questions"][0]["options"] == ["red", "blue"]
        await task.reply("green")
        await task.result()
    assert "green" in told(harness)
    assert (await task.happened("question.answered")).data["answer"] == "green"


async def test_a_pause_lets_the_call_finish_and_starts_nothing_new(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([says("", call("notes__read", name="a")), done()]), tools=writing())
    async with harness.workers():
        task = await harness.start()
        await task.happened("llm_call.started")
        await task.signal("pause_execution", "Lunch.", LOCAL.model_dump())
        await task.happened("llm_call.completed")
        await task.reply("After lunch, please.")
        await task.happened("follow_up.received")  # what followed the model's call at once would stand before it
        state = await task.state()
        assert (state["status"], state["paused"], state["pause_reason"]) == ("paused", True, "Lunch.")
        assert "tool_call.started" not in await task.types()
        await task.signal("resume_execution", "", LOCAL.model_dump())
        assert (await task.result())["status"] == "completed"


async def test_a_stop_cancels_the_call_under_way_and_names_its_author(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([done()], seconds=60))
    async with harness.workers():
        task = await harness.start()
        await task.happened("llm_call.started")
        await task.stop(ANN, reason="Enough.")
        result = await task.result()
    assert (result["status"], result["reason"]) == ("cancelled", "cancelled")
    told = (await task.events())[-1]
    assert (told.type, told.data["by"]["name"], told.data["reason"]) == ("workflow.cancelled", "Ann", "Enough.")
    assert "llm_call.failed" in await task.types()


async def test_an_operators_cancellation_ends_the_run_without_an_author(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([done()], seconds=60))
    async with harness.workers():
        task = await harness.start()
        await task.happened("llm_call.started")
        await task.handle.cancel()
        assert (await task.result())["status"] == "cancelled"
    assert "by" not in (await task.events())[-1].data


async def test_a_stop_does_not_stop_a_newer_message(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([says("", call("notes__read", name="a")), done()], 1), tools=writing())
    async with harness.workers():
        task = await harness.start()
        await task.happened("llm_call.started")
        await task.reply("And then this.")
        await task.stop(up_to="an-older-message", click_id="k")
        assert (await task.result())["status"] == "completed"
    assert (await task.happened("click.refused")).data["click_id"] == "k"


async def test_a_reply_after_the_end_wakes_the_same_task(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("First."), says("Second.")])
    async with harness.workers():
        task = await harness.start("Begin.")
        await task.result()
        message = await task.reply("Go on.")
        assert (await task.result())["answer"] == "Second."
        events = len(await task.events())
        await task.reply("Go on.", message_id=message.message_id)
        await task.result()
        assert len(await task.events()) == events, "a redelivered reply must wake nothing"
    types = await task.types()
    assert types.count("workflow.started") == 1
    assert types.count("workflow.continued") == 1
    assert types.count("follow_up.received") == 1
    assert (await task.events())[-1].iteration == 2
    said = [m["content"] for m in harness.model.requests[-1].messages]
    assert said[1:] == ["Begin.", "First.", "Go on."]


async def test_a_follow_up_that_was_stopped_before_it_was_read_is_read_after_the_wake(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([says("First."), says("Second.")], seconds=30, only_first=True))
    async with harness.workers():
        task = await harness.start("Begin.")
        await task.happened("llm_call.started")
        await task.reply("Mind the gap.")
        await task.happened("follow_up.received")
        await task.stop()
        await task.result()
        await task.reply("Go on.")
        await task.result()
    said = [m["content"] for m in harness.model.requests[-1].messages]
    assert said[-2:] == ["Mind the gap.", "Go on."]


async def test_a_call_withdrawn_by_a_stop_is_known_not_to_have_run_after_the_wake(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=writing())
    async with harness.workers():
        task = await harness.start()
        await task.happened("human_approval.requested")
        await task.stop()
        await task.result()
        await task.reply("Go on.")
        await task.result()
    told = [m["content"] for m in harness.model.requests[-1].messages if m["role"] == "tool"]
    assert told == ["Not run; nobody decided on it. The task was stopped."]


async def test_a_reply_that_comes_while_the_model_answers_is_answered_too(temporal: Client) -> None:
    harness = WorkerHarness(temporal, Slow([says("First."), says("Both.")], seconds=1))
    async with harness.workers():
        task = await harness.start()
        await task.happened("llm_call.started")
        await task.reply("One more thing.")
        assert (await task.result())["answer"] == "Both."
    assert (await task.types()).count("workflow.completed") == 1


class Slow(MemoryModel):
    """Takes its time before it answers."""

    def __init__(self, script: list[Delta | Exception], seconds: float = 0.5, only_first: bool = False) -> None:
        super().__init__(script)
        self._seconds, self._only_first = seconds, only_first

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        if not (self._only_first and self.requests):
            self.requests.append(request)
            await asyncio.sleep(self._seconds)
            self.requests.pop()
        async for delta in super().stream(request):
            yield delta
