"""Whole runs on a real Temporal server."""

import asyncio

from temporalio.client import Client

from tests.worker_harness import READ, WRITE, WorkerHarness, call, done
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox


async def test_an_answer_without_a_tool_call_achieves_the_goal(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("It is 42.")])
    async with harness.workers():
        task = await harness.start("What is the answer?")
        result = await task.result()
    assert (result["status"], result["reason"], result["answer"]) == ("completed", "goal_achieved", "It is 42.")
    assert await task.types() == [
        "workflow.started",
        "iteration.started",
        "llm_call.started",
        "llm_call.completed",
        "iteration.completed",
        "workflow.completed",
    ]


async def test_read_only_tools_run_side_by_side_and_their_outputs_reach_the_model(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda a: f"note {a['name']}"))
    harness = WorkerHarness(
        temporal,
        [says("Looking.", call("notes__read", name="a"), call("notes__read", name="b")), done("Both read.")],
        tools=tools,
    )
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["answer"] == "Both read."
    last = harness.model.requests[-1].messages
    assert [m["content"] for m in last if m["role"] == "tool"] == ["note a", "note b"]


async def test_a_tool_that_writes_waits_for_an_approval(temporal: Client) -> None:
    tools = MemoryToolBox((WRITE, lambda a: "written"))
    harness = WorkerHarness(temporal, [says("", call("notes__write", name="a")), done()], tools=tools)
    async with harness.workers():
        task = await harness.start()
        asked = await task.happened("human_approval.requested")
        assert tools.calls == []
        assert (await task.state())["status"] == "waiting_approval"
        await task.decide(asked, "approve")
        result = await task.result()
    assert result["status"] == "completed"
    assert tools.calls == [("notes.write", {"name": "a"})]


async def test_what_the_model_writes_is_seen_live_and_never_stored(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("Word by word.")])
    seen: list[str] = []
    listening = asyncio.Event()

    async def watch(task_id: str) -> None:
        async for hint in harness.dependencies.bus.listen(task_id):
            listening.set()
            seen.extend([hint.chunk.text] if hint.chunk else [])

    async with harness.workers():
        task_id = await harness.order()
        watching = asyncio.create_task(watch(task_id))
        await asyncio.wait_for(listening.wait(), 30)
        task = await harness.start_ordered(task_id)
        await task.result()
        watching.cancel()
    assert "".join(seen) == "Word by word."
    assert "llm_call.chunk" not in await task.types()
