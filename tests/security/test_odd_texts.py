"""Texts of tools and people that no database, no JSON and no wire can hold: mended or refused where they come in."""

import json
import sys
from typing import Any

import pytest
from mcp_types import CallToolResult, TextContent, Tool
from temporalio.client import Client

from tests.worker_harness import READ, WRITE, WorkerHarness, agent, call, done
from threadwork.activities.model_calls.conversation import OUTPUT, bounded
from threadwork.adapters.chat import attached, edited_arguments
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.adapters.tools.mcp_words import tool_output, tool_spec
from threadwork.bot import texts
from threadwork.bot.chat.messages import with_context, with_files
from threadwork.workflows.agents import ToolPolicy, ToolSpec
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Attachment, ThreadMessage
from threadwork.workflows.models import ToolOutput
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.texts import LOST

FIRST = "\ud83d"
DEEP: Any = json.loads("[" * 500 + "]" * 500)

# A server by hand: what it says is JSON that no library would write.
RAW = r"""
import json, sys
ANSWERS = {
    "initialize": '{"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, '
    '"serverInfo": {"name": "raw", "version": "1"}}',
    "tools/list": '{"tools": [{"name": "odd", "description": "nul \\u0000", "inputSchema": {"type": "object"}}]}',
    "tools/call": sys.argv[1],
}
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    found = ANSWERS.get(asked["method"])
    rest = f'"result": {found}' if found else '"error": {"code": -32601, "message": "Method not found"}'
    print('{"jsonrpc": "2.0", "id": %s, %s}' % (json.dumps(asked["id"]), rest), flush=True)
"""


async def raw_output(answer: str, limit: float = 10) -> ToolOutput:
    box = McpToolBox({"raw": ServerSpec(command=sys.executable, args=("-c", RAW, answer))}, {})
    try:
        [found] = (await box.discover(None)).tools
        assert found.description == f"nul {LOST}"
        return await box.call(found, {}, limit)
    finally:
        await box.close()


async def test_nul_in_the_output_of_a_server_is_marked() -> None:
    output = await raw_output(r'{"content": [{"type": "text", "text": "a\u0000b"}]}')
    assert output.text == f"a{LOST}b"


async def test_deep_structured_content_of_a_server_is_an_output_that_says_so() -> None:
    deep = "[" * 150 + "]" * 150
    output = await raw_output(f'{{"content": [], "structuredContent": {{"a": {deep}}}}}')
    assert "nested more than 100 levels deep" in output.text


@pytest.mark.parametrize("half", [r"\ud83d", r"\ude00"])
async def test_half_a_character_from_a_server_leaves_open_what_became_of_the_call(half: str) -> None:
    answer = f'{{"content": [{{"type": "text", "text": "half {half}"}}]}}'
    with pytest.raises(ConnectionError, match="cannot be read"):
        await raw_output(answer, limit=30)


def test_contents_and_names_of_tools_are_clean() -> None:
    result = CallToolResult(content=[TextContent(text=f"a{FIRST}")], structured_content=None)
    assert tool_output(result).text == f"a{LOST}"
    structured = CallToolResult(content=[], structured_content={f"k{FIRST}": ["\0"]})
    assert json.loads(tool_output(structured).text) == {f"k{LOST}": [LOST]}
    spec = tool_spec(
        "s", Tool(name=f"n{FIRST}\0", description="\0", input_schema={"title": "\0", "type": "object"}), True
    )
    assert (spec.name, spec.description, spec.input_schema["title"]) == (f"s.n{LOST}{LOST}", LOST, LOST)
    assert tool_spec("s", Tool(name="n", input_schema={"a": DEEP}), True).input_schema == {"type": "object"}


def test_an_output_beyond_the_bound_is_cut_and_says_so() -> None:
    kept = bounded("x" * (OUTPUT + 1_234))
    assert len(kept) < OUTPUT + 100
    assert kept.endswith("[… 1,234 characters more were not kept …]")
    assert bounded("short") == "short"


# --- the whole workflow ------------------------------------------------------------------------------


class Odd(MemoryToolBox):
    """Breaks in ways that the port does not name."""

    def __init__(self, error: Exception, *tools: ToolSpec) -> None:
        super().__init__(*((tool, lambda a: "") for tool in tools))
        self._error = error

    async def call(self, tool: ToolSpec, arguments: dict[str, Any], timeout: float, *_: Any, **__: Any) -> ToolOutput:
        self.calls.append((tool.name, arguments))
        raise self._error


async def test_half_a_character_in_an_output_is_marked_and_the_task_goes_on(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda a: f"half {FIRST} and \0"))
    harness = WorkerHarness(temporal, [says("", call("notes__read")), done()], tools=tools)
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"
    assert len(tools.calls) == 1
    assert harness.model.requests[-1].messages[-1]["content"] == f"half {LOST} and {LOST}"


@pytest.mark.parametrize(
    ("tool", "outcome"), [(READ, "error"), (WRITE, "unknown")], ids=["it only reads", "it may have written"]
)
async def test_an_error_nobody_foresaw_in_a_tool_is_told_once(temporal: Client, tool: ToolSpec, outcome: str) -> None:
    tools = Odd(RecursionError("deep"), tool)
    policy = ToolPolicy(allow=("*",))
    harness = WorkerHarness(
        temporal, [says("", call(tool.offered_name)), done()], tools=tools, agent=agent(tools=policy)
    )
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert len(tools.calls) == 1
    [failed] = [event.data for event in await task.events() if event.type == "tool_call.failed"]
    assert failed["outcome"] == outcome
    assert "could not be understood" in failed["output_preview"]


# --- people ------------------------------------------------------------------------------------------


def test_a_file_or_an_earlier_message_with_odd_characters_does_not_stop_a_goal() -> None:
    file = Attachment(name=f"a{FIRST}.txt", text="nul \0 half " + FIRST)
    goal = with_context(with_files("Read it.", [file]), [ThreadMessage(name=f"Ann{FIRST}", text=f"before {FIRST}")])
    assert texts.text(goal, "The goal") == goal
    assert f"Ann{LOST}: before {LOST}" in goal
    assert f"nul {LOST} half {LOST}" in goal


@pytest.mark.parametrize("odd", [{"a": "\0"}, {"a": [FIRST]}, {"a\0": 1}, {"a": DEEP}, {"a": float("inf")}])
def test_edited_arguments_that_no_tool_could_be_given_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        texts.arguments(odd)


def test_deep_arguments_typed_into_a_form_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        edited_arguments.whole('{"a": ' + "[" * 400 + "]" * 400 + "}")


@pytest.mark.parametrize("size", ["many", -1, 1.5, "²", "9" * 5_000, {}, None, True])
def test_an_odd_size_of_a_file_is_no_error(size: object) -> None:
    assert attached.is_readable("text/plain", size) in (True, False)
