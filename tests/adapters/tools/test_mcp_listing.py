"""Lists of tools with some that cannot be read."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadwork.adapters.tools.mcp_listing import MODELS, readable
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import Discovery
from threadwork.workflows.servers import ServerSpec

SERVER = """
import json, sys
tools = json.loads(sys.argv[1])
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answers = {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                       "serverInfo": {"name": "s", "version": "1"}, "instructions": "Read before you write."},
        "tools/list": {"tools": tools},
        "tools/call": {"content": [{"type": "text", "text": "called"}]},
    }
    found = answers.get(asked["method"])
    known = {"result": found} if found is not None else {"error": {"code": -32601, "message": "no such method"}}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **known}), flush=True)
"""
GOOD = {"name": "good", "inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from(
    ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "icons", "execution", "_meta"]
)


async def discovered(*tools: Any) -> Discovery:
    spec = ServerSpec(command=sys.executable, args=("-c", SERVER, json.dumps(tools)))
    box = McpToolBox({"s": spec}, {})
    try:
        found = await box.discover(None)
        good = next(tool for tool in found.tools if tool.name == "s.good")
        assert (await box.call(good, {"a": "x"}, 20)).text == "called"
    finally:
        await box.close()
    return found


async def test_a_tool_that_cannot_be_read_costs_no_other() -> None:
    found = await discovered(
        GOOD,
        {"name": "null", "inputSchema": None},
        {"name": "missing"},
        {"name": "empty", "inputSchema": {}},
        {"name": "text", "inputSchema": "object"},
        {"name": "list", "inputSchema": {"type": "array", "items": {}}},
        {"name": "anyof", "inputSchema": {"anyOf": [{"properties": {"a": True}}]}},
        {"name": "odd", "inputSchema": {"type": "object", "properties": {"a": "string"}, "required": True}},
        {"name": "hints", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": [1]}, "title": 3},
        {"name": "output", "inputSchema": {"type": "object"}, "outputSchema": {"type": "string"}},
        {"inputSchema": {"type": "object"}},
        {"name": 7},
        "tool",
    )
    usable = ["good", "null", "missing", "empty", "anyof", "odd", "hints", "output"]
    assert [tool.name for tool in found.tools] == [f"s.{name}" for name in usable]
    assert not any(tool.read_only for tool in found.tools)
    assert found.problems == (
        "s.text was left out: its input schema is a text, not an object.",
        "s.list was left out: its arguments are not an object: array.",
        "s.tool 11 of its list was left out: it has no name.",
        "s.tool 12 of its list was left out: it has no name.",
        "s.tool 13 of its list was left out: it has no name.",
    )
    assert found.instructions == {"s": "Read before you write."}


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_whatever_is_listed_is_taken_by_the_sdk_or_left_out_with_a_reason(tool: dict[str, Any]) -> None:
    try:
        made = readable(tool)
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        for model in MODELS:
            model.model_validate(made, by_name=False)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "unit" / "activities" / "tool_calls" / "schemas").glob("*.json"))
)
def test_what_real_servers_list_is_not_changed(path: Path) -> None:
    for tool in json.loads(path.read_text()):
        assert readable(tool) == tool
