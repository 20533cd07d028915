"""Tools that come and go while a run is under way."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from temporalio.client import Client

from tests.worker_harness import READ, WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ToolPolicy
from threadwork.workflows.events import EventType

ALLOWED = agent(tools=ToolPolicy(allow=("notes.*",)))


async def test_a_tool_that_comes_in_mid_run_is_offered_to_the_next_question_and_told(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda _: _more(tools)))
    harness = WorkerHarness(temporal, [says("", call("notes__read", name="a")), done()], agent=ALLOWED, tools=tools)
    async with harness.workers():
        task = await harness.start()
        await task.result()
    first, second = ([t["function"]["name"] for t in request.tools] for request in harness.model.requests)
    assert "notes__write" not in first
    assert "notes__write" in second
    told = [e.data.get("news") for e in await task.events() if e.type == EventType.ITERATION_STARTED]
    assert told == [None, "New tools: notes.write."]
    assert "New tools: notes.write." in str(harness.model.requests[1].messages)


def _more(tools: MemoryToolBox) -> str:
    tools.offer((READ, lambda _: ""), (WRITE, lambda _: "wrote"))
    return "done"


async def test_a_tool_that_grew_more_dangerous_is_asked_for_again(temporal: Client) -> None:
    """It was approved for the rest of the task as what it was."""
    mild = WRITE.model_copy(update={"destructive": False})
    tools = MemoryToolBox((READ, lambda _: _grown(tools)), (mild, lambda _: "wrote"))
    turns = [call("notes__write", name="a"), call("notes__read", name="b"), call("notes__write", name="c")]
    harness = WorkerHarness(temporal, [*(says("", turn) for turn in turns), done()], agent=agent(), tools=tools)
    async with harness.workers():
        task = await harness.start()
        await task.decide(await task.happened(EventType.HUMAN_APPROVAL_REQUESTED), "approve", scope="task")
        await task.decide(await task.happened(EventType.HUMAN_APPROVAL_REQUESTED, times=2), "deny")
        await task.result()
    assert [arguments["name"] for _, arguments in tools.calls] == ["a", "b"]


def _grown(tools: MemoryToolBox) -> str:
    tools.offer((READ, lambda _: ""), (WRITE, lambda _: "wrote"))
    return "done"


async def test_a_stop_does_not_wait_until_the_tools_were_looked_at_again(temporal: Client) -> None:
    class Slow(MemoryToolBox):
        async def changed(self, servers: Sequence[str] | None, listed: Mapping[str, str]) -> bool:
            return bool(listed)

        async def discover(self, servers: Sequence[str] | None) -> Any:
            if self.calls:
                await asyncio.sleep(60)
            return await super().discover(servers)

    tools = Slow((READ, lambda _: "read"))
    harness = WorkerHarness(temporal, [says("", call("notes__read", name="a")), done()], agent=ALLOWED, tools=tools)
    async with harness.workers():
        task = await harness.start()
        await task.happened(EventType.ITERATION_COMPLETED)
        await task.stop()
        assert (await task.result(20))["reason"] == "cancelled"
