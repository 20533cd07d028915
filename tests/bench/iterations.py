"""Processor time of an iteration with LiteLLM: 1 kB in 20 pieces over HTTP, 20 tools, one of them called each time.

Beside it a bare workflow that sends the same conversation to the same server. Both in this process; the model's server
and Temporal's are others, so their time does not count."""

import json
import multiprocessing
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.bench.bare import BareStreaming
from tests.conftest import FAST, TEMPORAL
from tests.manners.server import Body, ManneredServer, Reply
from tests.worker_harness import READ, WorkerHarness, agent
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.agents import BudgetSpec, ToolPolicy, ToolSpec
from threadwork.workflows.models import ModelSpec

TEXT = "The quick brown fox jumps over the lazy dog; nobody knows why. " * 16  # a kilobyte
PIECES = 20
TURNS = (10, 100, 300)
AROUND = 8  # iterations before and after a turn over which its time is taken
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Name of the note, without its folder."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "Only notes that have all of these."},
    },
    "required": ["name"],
}
marks: list[float] = []  # processor seconds of this process at each call of the tool


async def per_iteration(folder: Path, turns: tuple[int, ...] = TURNS) -> None:
    """Prints a table: milliseconds of an iteration around each turn, ours and bare."""
    url = f"sqlite:///{folder / 'iterations.db'}"
    migrate(url)
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(
            await WorkflowEnvironment.start_local(
                dev_server_existing_path=str(TEMPORAL),
                dev_server_extra_args=FAST,
                data_converter=pydantic_data_converter,
            )
        )
        address = stack.enter_context(model_server(max(turns) + AROUND))
        model = LiteLLMModel({"m": ModelSpec.model_validate(_spec(address))})
        stack.push_async_callback(model.close)
        database = Database(url)
        stack.push_async_callback(database.close)
        budget = BudgetSpec(usd=None, tokens=None, iterations=5_000, timeout=86_400)
        tools = [READ.model_copy(update={"input_schema": SCHEMA}), *(_tool(number) for number in range(19))]
        harness = WorkerHarness(
            environment.client,
            model,
            store=SqlStore(database),
            tools=MemoryToolBox(*((tool, _tool_result) for tool in tools)),
            agent=agent(model="m", budget=budget, tools=ToolPolicy(allow=("notes.*",))),
        )
        await stack.enter_async_context(harness.workers())
        theirs = BareModel(address, await stack.enter_async_context(httpx.AsyncClient(timeout=60)))
        queue = f"bare-{uuid.uuid4().hex[:6]}"
        bare = Worker(
            environment.client, task_queue=queue, workflows=[BareStreaming], activities=[theirs.bare_stream, bare_read]
        )
        await stack.enter_async_context(bare)
        marks.clear()
        await environment.client.execute_workflow(BareStreaming.run, max(turns) + AROUND, id=queue, task_queue=queue)
        bare_times = _around(turns)
        marks.clear()
        await (await harness.start("Read all notes.")).result(3_600)
        our_times = _around(turns)
    print("\n## Processor time per iteration: LiteLLM over HTTP, 1 kB in and out, 20 tools\n")
    print("| turn | bare | ours | ratio |\n|---|---|---|---|")
    for turn, bare_ms, our_ms in zip(turns, bare_times, our_times, strict=True):
        print(f"| {turn} | {bare_ms:.1f} ms | {our_ms:.1f} ms | {our_ms / bare_ms:.2f} |", flush=True)


def _around(turns: tuple[int, ...]) -> list[float]:
    first = {turn: max(1, turn - AROUND) for turn in turns}
    last = {turn: min(len(marks) - 1, turn + AROUND) for turn in turns}
    return [1_000 * (marks[last[t]] - marks[first[t]]) / (last[t] - first[t]) for t in turns]


def _spec(address: str) -> dict[str, object]:
    window = 1_000_000  # so that nothing is summarised
    return {
        "model": "openai/gpt-4o-mini",
        "base_url": f"{address}/v1",
        "api_key": "test-key",
        "context_window": window,
    }


def _tool(number: int) -> ToolSpec:
    return READ.model_copy(
        update={"name": f"notes.tool_{number}", "description": "Does what its name says. " * 8, "input_schema": SCHEMA}
    )


def _tool_result(arguments: object) -> str:
    marks.append(time.process_time())
    return TEXT


# --- the model: a process of its own -----------------------------------------------------------------------------


@contextmanager
def model_server(iterations: int) -> Iterator[str]:
    """Its address. It has a tool called so many times, then ends the task."""
    spawning = multiprocessing.get_context("spawn")
    told, tell = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(tell, iterations), daemon=True)
    process.start()
    try:
        yield told.recv()
    finally:
        process.terminate()
        process.join()


def _serve(tell: Connection, iterations: int) -> None:
    def answer(body: Body) -> Reply:
        server.requests.clear()
        calls = sum(message["role"] == "tool" for message in body["messages"])
        return _reply(calls, calls >= iterations)

    with ManneredServer([answer]) as server:
        tell.send(server.url)
        time.sleep(3_600)


def _reply(number: int, last: bool) -> Reply:
    size = len(TEXT) // PIECES
    deltas = [{"content": TEXT[at : at + size]} for at in range(0, len(TEXT), size)]
    name, arguments = ("complete_task", {"answer": "Done."}) if last else ("notes__read", {"name": f"n{number}"})
    function = {"name": name, "arguments": json.dumps(arguments)}
    deltas.append({"tool_calls": [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}]})
    usage = {"prompt_tokens": 600 * (number + 1), "completion_tokens": 280, "total_tokens": 600 * (number + 1) + 280}
    chunks = [_chunk(delta) for delta in deltas] + [
        _chunk({}, "tool_calls"),
        {**_chunk({}), "choices": [], "usage": usage},
    ]
    return Reply(pieces=[*(f"data: {json.dumps(c)}\n\n".encode() for c in chunks), b"data: [DONE]\n\n"])


def _chunk(delta: Body, finish: str | None = None) -> Body:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m", "choices": choices}


# --- bare ------------------------------------------------------------------------------------------------------------


class BareModel:
    def __init__(self, address: str, client: httpx.AsyncClient) -> None:
        self._url = f"{address}/v1/chat/completions"
        self._client = client

    @activity.defn
    async def bare_stream(self, turn: int) -> str:
        """Sends the conversation as it is by then, and reads what is streamed."""
        text = ""
        async with self._client.stream("POST", self._url, json=_conversation(turn)) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line[6:])["choices"]
                    text += (choices and choices[0]["delta"].get("content")) or ""
        return text


@activity.defn
async def bare_read(text: str) -> str:
    return _tool_result(None)


def _conversation(turn: int) -> Body:
    messages: list[Body] = [{"role": "user", "content": "Read all notes."}]
    for number in range(turn):
        call = {"id": f"call_{number}", "type": "function", "function": {"name": "notes__read", "arguments": "{}"}}
        messages.append({"role": "assistant", "content": TEXT, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"call_{number}", "content": TEXT})
    function = {"name": "notes__read", "description": "Does what its name says. " * 8, "parameters": SCHEMA}
    return {
        "model": "m",
        "stream": True,
        "messages": messages,
        "tools": [{"type": "function", "function": function}] * 20,
    }
