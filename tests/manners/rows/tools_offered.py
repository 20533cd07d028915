"""Tools that providers do not take as their servers have them: names, schemas, too many."""

from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Body, Reply
from threadwork.workflows.agents import ToolPolicy, ToolSpec

LONG = "get_" + "very_" * 15 + "long"
NODE = {"type": "object", "properties": {"name": {"type": "string"}, "kids": {"items": {"$ref": "#/$defs/Node"}}}}
EVERYTHING = ToolPolicy(allow=("*",))


def tool(name: str, schema: Any = None, **more: Any) -> ToolSpec:
    return ToolSpec(name=name, input_schema={"type": "object"} if schema is None else schema, **more)


def names(request: Body) -> list[str]:
    return [tool["function"]["name"] for tool in request["tools"]]


def _only_offered(seen: Seen) -> None:
    assert [name for name in names(seen.requests[0]) if name.startswith(("shop__", "notes__write"))] == ["shop__list"]


def _told_what_there_is(seen: Seen) -> None:
    [told] = [m["content"] for m in seen.last if m["role"] == "tool"]
    assert "There is no tool 'nonsense'" in told
    assert "notes__read" in told
    assert "read_skill" not in told
    assert "notes__write" not in told


def _one_left_out(seen: Seen) -> None:
    [started] = seen.of("workflow.started")
    assert started["problems"] == ["bad.string was left out: its arguments are not an object: string."]
    assert "bad__string" not in names(seen.requests[0])


def _once_more_without(seen: Seen) -> None:
    assert len(seen.requests) == 3
    assert "bad__one" in names(seen.requests[0])
    assert all("bad__one" not in names(request) for request in seen.requests[1:])
    [failed] = seen.of("llm_call.failed")
    assert failed["problem"].startswith("bad.one is left out from now on.")


def _found_on_demand(seen: Seen) -> None:
    assert all(len(request["tools"]) <= 128 for request in seen.requests)
    assert {"find_tools", "call_tool"} <= set(names(seen.requests[0]))
    assert names(seen.requests[0]) == names(seen.requests[-1])
    found = next(m["content"] for m in seen.last if m["role"] == "tool")
    assert "big__convert_currency" in found
    [done] = [event for event in seen.of("tool_call.completed") if event["tool"] == "big.convert_currency"]
    assert done


def _refuses(words: str, name: str) -> Any:
    """A provider that says so of one tool, for a reason of its own; `{at}` is its place."""

    def rules(body: Body) -> Reply | None:
        listed = names(body)
        if name not in listed:
            return openai.rules(body)
        return openai.error(400, words.format(at=listed.index(name), name=name), "invalid_request_error")

    return rules


CURRENCY = tool(
    "big.convert_currency",
    {"type": "object", "properties": {"amount": {"type": "number"}, "to": {"type": "string"}}},
    description="Convert an amount of money into another currency at today's rate.",
)
TASK = {"type": "object", "properties": {"n": {"type": "integer"}}}
MANY = (*(tool(f"big.task_{number}", TASK) for number in range(140)), CURRENCY)
READS = [openai.calls(("notes__read", {"name": "a"})), openai.done()]


def refused(name: str, words: str, report: str) -> Row:
    return Row(
        name=name,
        reports=(report,),
        script=READS,
        rules=_refuses(words, "bad__one"),
        tools=(tool("bad.one"), tool("fine.two")),
        agent={"tools": EVERYTHING},
        calls=[("notes.read", {"name": "a"})],
        expect=_once_more_without,
    )


Called = tuple[ToolSpec, str, Any, Any]  # a tool, how the model calls it, with what, and what arrives


def called(name: str, *given: Called, reports: tuple[str, ...]) -> Row:
    return Row(
        name=name,
        reports=reports,
        script=[openai.calls(*((as_, written) for _, as_, written, _ in given)), openai.done()],
        tools=[spec for spec, *_ in given],
        agent={"tools": EVERYTHING},
        calls=[(spec.name, arrives) for spec, _, _, arrives in given],
        within=60,
    )


ALTERNATIVES = {
    "anyOf": [
        {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
        {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]},
    ]
}
CONDITIONS = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "email": {"type": "string"}},
    "allOf": [{"if": {"required": ["id"]}, "then": {"not": {"required": ["email"]}}}],
    "not": {"required": ["id", "email"]},
    "enum": [{"id": 1}],
}
TREE = {
    "type": "object",
    "properties": {
        "tags": {"type": "array"},
        "root": {"$ref": "#/$defs/Node"},
        "pair": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
    },
    "$defs": {"Node": NODE},
}
ODATA = {
    "type": "object",
    "properties": {"$top": {"type": "integer"}, "in": {"properties": {"@odata.type": {"type": "string"}}}},
    "required": ["$top"],
}

ROWS = (
    called(
        "names that providers refuse",
        (tool("files.v2.read"), "files__v2_read", {"p": 1}, {"p": 1}),
        (tool("repo.get/pull request"), "repo__get_pull_request", {}, {}),
        (tool("büro.öffnen"), "buro__offnen", {}, {}),
        (tool(f"s.{LONG}"), "s__get_very_very_very_very_very_very_very_very_very_very__78d39f", {}, {}),
        (tool("7zip.list"), "t_7zip__list", {}, {}),
        (tool("s.a.b"), "s__a_b_17ad37", {}, {}),
        (tool("s.a_b"), "s__a_b", {}, {}),
        reports=("openai/codex#8174", "microsoft/vscode#243602", "github/copilot-cli#1879"),
    ),
    called(
        "names as models write them",
        (tool("crm.find"), "crm.find", {}, {}),
        (tool("crm.list"), " crm__list ", {}, {}),
        (tool("crm.drop"), "functions.crm__drop", {}, {}),
        (tool("crm.add_one"), "crm_add_one", {}, {}),
        reports=("openai/codex#8174",),
    ),
    called(
        "schemas that OpenAI refuses",
        (tool("now.time", {"type": "object"}), "now__time", {}, {}),
        (tool("now.zone", {}), "now__zone", {}, {}),
        (tool("crm.either", ALTERNATIVES), "crm__either", {"id": 3}, {"id": 3}),
        (tool("crm.both", CONDITIONS), "crm__both", {"id": 3}, {"id": 3}),
        (tool("tree.write", TREE), "tree__write", {"root": {"name": "a"}}, {"root": {"name": "a"}}),
        reports=(
            "langchain-ai/langchain-mcp-adapters#137",
            "langchain-ai/langchainjs#9804",
            "anthropics/claude-code#88049",
            "anthropics/claude-code#95504",
            "mark3labs/mcphost#88",
        ),
    ),
    called(
        "names of properties that Anthropic refuses",
        (
            tool("drive.list", ODATA),
            "drive__list",
            {"top": 5, "in": {"odata.type": "x"}},
            {"$top": 5, "in": {"@odata.type": "x"}},
        ),
        reports=("ComposioHQ/composio#3500", "anthropics/claude-code#34771", "decocms/studio#6874"),
    ),
    Row(
        name="denied tools are not offered",
        reports=("google-gemini/gemini-cli#6378",),
        script=[openai.calls(("nonsense", {})), openai.done()],
        tools=(tool("shop.list"), *(tool(f"shop.buy_{number}") for number in range(150))),
        agent={"tools": ToolPolicy(allow=("*",), deny=("shop.buy_*", "notes.write"))},
        expect=lambda seen: (_only_offered(seen), _told_what_there_is(seen)),
    ),
    Row(
        name="a schema that describes no arguments costs that tool",
        reports=("sandialabs/atlas-ui-3#727",),
        script=READS,
        tools=(tool("bad.string", {"type": "string"}), tool("good.one")),
        agent={"tools": EVERYTHING},
        calls=[("notes.read", {"name": "a"})],
        expect=_one_left_out,
    ),
    Row(
        name="more tools than a request may have",
        reports=("openai/codex#8174", "microsoft/vscode#243602"),
        script=[
            openai.calls(("find_tools", {"query": "currency exchange"}), ids=["call_a"]),
            openai.calls(
                ("call_tool", {"name": "big__convert_currency", "arguments": {"amount": 3, "to": "EUR"}}), ids=["b"]
            ),
            openai.done(),
        ],
        tools=MANY,
        agent={"tools": EVERYTHING},
        calls=[("big.convert_currency", {"amount": 3, "to": "EUR"})],
        expect=_found_on_demand,
    ),
    Row(
        name="a tool behind call_tool is asked for as itself",
        reports=("microsoft/vscode#243602",),
        script=[
            openai.calls(("call_tool", {"name": "big__convert_currency", "arguments": {"amount": 3}})),
            openai.done(),
        ],
        tools=MANY,
        agent={"tools": ToolPolicy(allow=("big.task_*",), deny=("big.convert_*",))},
        calls=[],
        expect=lambda seen: _denied(seen),
    ),
    refused(
        "OpenAI refuses a tool by its place", "Invalid 'tools[{at}].function.name': not allowed.", "openai/codex#8174"
    ),
    refused(
        "Gemini refuses a tool",
        "* GenerateContentRequest.tools[0].function_declarations[{at}].parameters: missing field.",
        "google-gemini/gemini-cli#1458",
    ),
)


def _denied(seen: Seen) -> None:
    [failed] = seen.of("tool_call.failed")
    assert (failed["tool"], failed["outcome"]) == ("big.convert_currency", "denied")
