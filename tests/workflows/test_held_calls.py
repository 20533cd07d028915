"""Calls that one worker holds open while people are asked: they go on there, or what became of them is told."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from tests.worker_harness import ANN, READ, WRITE, Actor, WorkerHarness, agent, call, done, until
from tests.workflows.test_elicitation import _answer, form
from threadwork.activities.tool_calls import held_calls as held
from threadwork.activities.tool_calls.tool_call import ToolActivities
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.worker import working
from threadwork.workflows import references
from threadwork.workflows.agents import ToolPolicy, ToolSpec
from threadwork.workflows.call_requests import MCPToolRequest, MCPToolResult
from threadwork.workflows.calls import Finish, Finished
from threadwork.workflows.errors import NotHeld, Unsendable
from threadwork.workflows.event_types import EventType
from threadwork.workflows.models import Asked, Given, ModelRequest, ToolOutput
from threadwork.workflows.references import EXECUTE_MCP_TOOL

AGENT = agent(tools=ToolPolicy(allow=("notes.*",)))
MANY = form(count={"type": "integer"})


class Holding(MemoryToolBox):
    """Each call asks, and can only go on here."""

    def __init__(self) -> None:
        super().__init__((READ, lambda _: "read"), (WRITE, lambda _: "wrote"))
        self.held: list[str] = []
        self.given: list[Given] = []
        self._numbers = count(1)

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Any = None,
        task_id: str = "",
    ) -> ToolOutput:
        if given is None:
            self.held.append(f"{id(self)}-{next(self._numbers)}")
            return ToolOutput(text="", asked=Asked(state=self.held[-1], requests={"1": MANY}, held=True))
        if given.state not in self.held:
            raise NotHeld
        if given.answers["1"].get("content") == {"count": 13}:
            raise Unsendable
        self.held.remove(given.state)
        self.given.append(given)
        return await super().call(tool, arguments, timeout)

    async def release(self, tool: ToolSpec, state: str) -> None:
        await super().release(tool, state)
        if state in self.held:
            self.held.remove(state)


def turn(request: ModelRequest) -> Any:
    """Calls the tool that the goal names, then comes to the end."""
    said = any(m["role"] == "assistant" for m in request.messages)
    return done() if said else says("", call(f"notes__{request.messages[1]['content']}", name="a"))


async def asked(task: Actor, times: int = 1) -> Any:
    return await task.happened(EventType.QUESTION_ASKED, times)


async def answered(task: Actor, times: int = 1, text: str = "42") -> None:
    await _answer(task, (await asked(task, times)).data["question_id"], text, ANN)


async def _calls(task: Actor) -> list[Any]:
    """The activities that made its tool calls, as they were scheduled."""
    events = (await task.handle.fetch_history()).events
    scheduled = [e.activity_task_scheduled_event_attributes for e in events]
    return [one for one in scheduled if one.activity_type.name == EXECUTE_MCP_TOOL.name]


async def _queues(task: Actor) -> list[str]:
    return [one.task_queue.name for one in await _calls(task)]


async def _looked_at_elsewhere(harness: WorkerHarness, task: Actor, answer: str) -> MCPToolResult:
    """By another worker than the one on whose queue "its-own" the call is held."""
    [call] = await _calls(task)
    request = MCPToolRequest.model_validate_json(call.input.payloads[0].data)
    given = {
        "call_id": f"{request.call_id}9",
        "asked_ref": f"asked:{request.call_id}",
        "answer": answer,
        "queue": "its-own",
    }
    other = ToolActivities(replace(harness.dependencies, tools=Holding(), own_queue="another"))
    return await ActivityEnvironment().run(other.execute_mcp_tool_activity, request.model_copy(update=given))


async def test_of_two_workers_the_one_that_holds_the_call_goes_on_with_it(temporal: Client) -> None:
    harness = WorkerHarness(temporal, turn, agent=AGENT)
    boxes = Holding(), Holding()
    async with AsyncExitStack() as stack:
        for box in boxes:
            client = await Client.connect(
                temporal.service_client.config.target_host, data_converter=pydantic_data_converter
            )
            await stack.enter_async_context(working(client, replace(harness.dependencies, tools=box), harness.queue))
        tasks = [await harness.start("write", by=ANN) for _ in range(4)]
        for task in tasks:
            await answered(task, text="many")
        for task in tasks:
            await answered(task, 2)
        for task in tasks:
            await task.result()
            assert len(set(await _queues(task))) == 2, "the common one, and the one of the worker"
            assert [e.type for e in await task.events() if e.type == EventType.TOOL_CALL_FAILED] == []
    assert sum(len(box.given) for box in boxes) == 4
    assert not any(box.held or box.released for box in boxes)


async def test_a_wrong_answer_moves_the_call_to_no_other_worker(temporal: Client) -> None:
    harness = WorkerHarness(temporal, turn, agent=AGENT, tools=Holding())
    async with harness.workers():
        task = await harness.start("write", by=ANN)
        await asked(task)
        again = await _looked_at_elsewhere(harness, task, "many")
        assert "count must be a number." in again.question
        assert again.queue == "its-own"
        await answered(task)
        await task.result()
        [_, goes_on] = await _calls(task)
        assert MCPToolRequest.model_validate_json(goes_on.input.payloads[0].data).queue == goes_on.task_queue.name


async def test_an_answer_that_cannot_be_sent_is_asked_for_again(temporal: Client) -> None:
    box = Holding()
    harness = WorkerHarness(temporal, turn, agent=AGENT, tools=box)
    async with harness.workers():
        task = await harness.start("write", by=ANN)
        await answered(task, text="13")
        again = await asked(task, 2)
        assert again.data["question"].startswith("That answer cannot be sent to the server. The tool server notes asks")
        await answered(task, 2)
        await task.result()
    assert [one.answers["1"]["content"] for one in box.given] == [{"count": 42}]


async def test_when_that_worker_is_gone_a_call_that_reads_begins_anew_and_any_other_is_unknown(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "TAKEN_UP", timedelta(seconds=6))
    harness = WorkerHarness(temporal, turn, agent=AGENT)
    harness.use(tools=Holding())
    async with harness.workers():
        reads, writes = [await harness.start(tool, by=ANN) for tool in ("read", "write")]
        await asked(reads)
        await asked(writes)
    box = Holding()
    harness.use(tools=box)
    async with harness.workers():
        await answered(reads)
        await answered(writes)
        again = await reads.happened(EventType.QUESTION_ASKED, 2, within=90)
        assert (
            again.data["question"] == "Its call was lost, so this is asked again. The tool server notes asks: How many?"
        )
        await answered(reads, 2)
        await reads.result()
        await writes.result()
    [failed] = [e.data for e in await writes.events() if e.type == EventType.TOOL_CALL_FAILED]
    assert failed["outcome"] == "unknown"
    assert "lost while people were asked" in failed["output_preview"]
    assert box.calls == [("notes.read", {"name": "a"})], "the other was not made again"


class Looked:
    """The tasks of a store, and how often one of them was looked at."""

    def __init__(self, tasks: Any) -> None:
        self._tasks = tasks
        self.times = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tasks, name)

    async def get(self, task_id: str) -> Any:
        self.times += 1
        return await self._tasks.get(task_id)


async def test_a_stop_while_people_are_asked_lets_the_server_go(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "TASK_POLL_INTERVAL", 0.1)
    box = Holding()
    harness = WorkerHarness(temporal, turn, agent=AGENT, tools=box)
    tasks = Looked(harness.store.tasks)
    harness.use(tasks=tasks)
    async with harness.workers():
        task = await harness.start("write", by=ANN)
        await asked(task)
        looked = tasks.times
        await until(lambda: tasks.times >= looked + 2)  # what came of the first look is done
        assert box.held, "while somebody may answer it stays"
        await task.stop()
        await task.result()
        await until(lambda: box.released and not box.held)


async def test_a_question_that_could_not_be_recorded_lets_the_server_go(temporal: Client) -> None:
    box = Holding()
    harness = WorkerHarness(temporal, turn, agent=AGENT, tools=box)

    class Away:
        failed = False

        def __getattr__(self, name: str) -> Any:
            return getattr(harness.store.calls, name)

        async def finish(self, finish: Finish) -> Finished:
            if finish.result.get("outcome") == "input_required" and not self.failed:
                self.failed = True
                raise OSError("the database is away")
            return await harness.store.calls.finish(finish)

    harness.use(calls=Away())
    async with harness.workers():
        task = await harness.start("read", by=ANN)
        await answered(task)
        await task.result()
    assert len(box.released) == 1
    assert len(box.given) == 1
    assert not box.held
