"""Which tools a run offers: checked, named and put in order when it begins; found on demand where there are many."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from threadwork.activities.tool_calls.tool_schemas import Unusable, repaired, shown
from threadwork.workflows.agents import RunConfig, ToolPolicy, ToolSpec, Verdict
from threadwork.workflows.tool_names import offered_names
from threadwork.workflows.values import preview

MAX_TOOLS = 128  # tools of a request, built-in ones included
SHARE = 0.2  # of the model's window that may go into what tools are
DESCRIPTION = 8_000  # characters of a tool's description
FOUND, FOUND_SIZE = 8, 40_000  # tools and characters of one answer of find_tools
Function = dict[str, Any]


def usable(found: Sequence[ToolSpec]) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The tools with names and schemas that every provider takes, and why others were left out."""
    tools: dict[str, ToolSpec] = {}
    problems = []
    names = offered_names(tool.name for tool in found)
    for tool in found:
        if tool.name in tools:
            problems.append(left_out(tool.name, "its server lists it twice"))
            continue
        try:
            changes = {"input_schema": repaired(tool.input_schema), "offered": names[tool.name]}
        except Unusable as error:
            problems.append(left_out(tool.name, str(error)))
        else:
            changes["description"] = preview(tool.description, DESCRIPTION)
            tools[tool.name] = tool.model_copy(update=changes)
    return tuple(tools.values()), tuple(problems)


def left_out(name: str, why: str) -> str:
    return f"{preview(name, 200)} was left out: {why}."


def arranged(
    tools: Sequence[ToolSpec], policy: ToolPolicy, ours: int, window: int
) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The tools, those first that nobody is asked for, and the names of those that find_tools is needed for.

    `ours`: how many built-in tools there are. `window`: tokens of the model."""
    ordered = tuple(sorted(tools, key=lambda tool: policy.verdict(tool) is not Verdict.ALLOW))
    wanted = permitted(ordered, policy)
    room = SHARE * window * 4  # characters, four of them a token
    if ours + len(wanted) <= MAX_TOOLS and sum(map(_size, wanted)) <= room:
        return ordered, ()
    left, direct = room, 0
    for tool in wanted[: MAX_TOOLS - ours]:
        if (left := left - _size(tool)) < 0:
            break
        direct += 1
    return ordered, tuple(tool.name for tool in wanted[direct:])


def offered(config: RunConfig, without: Iterable[str] = ()) -> list[ToolSpec]:
    """Those that the model is given with every call; `without`: names that its provider refuses."""
    hidden = {*config.findable, *without}
    return [tool for tool in permitted(config.tools, config.agent.tools) if tool.name not in hidden]


def permitted(tools: Sequence[ToolSpec], policy: ToolPolicy) -> list[ToolSpec]:
    return [tool for tool in tools if policy.verdict(tool) is not Verdict.DENY]


def function(tool: ToolSpec) -> Function:
    schema = shown(tool.input_schema) or {"type": "object", "properties": {}}
    return as_function(tool.offered_name, tool.description, schema)


def as_function(name: str, description: str, schema: dict[str, Any]) -> Function:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def find(config: RunConfig, query: str) -> str:
    """The tools beyond those offered that fit a query best, as JSON for call_tool."""
    tools = [tool for tool in config.tools if tool.name in set(config.findable)]
    found: list[str] = []
    for tool in _ranked(query, tools)[:FOUND]:
        given = {"name": tool.offered_name, "description": tool.description, "arguments": shown(tool.input_schema)}
        line = json.dumps(given, ensure_ascii=False)
        if found and sum(map(len, found)) + len(line) > FOUND_SIZE:
            break
        found.append(line)
    return "\n".join(found) or f"No tool fits {preview(query, 200)!r}. Use other words; {_servers(tools)}."


def _ranked(query: str, tools: Sequence[ToolSpec]) -> list[ToolSpec]:
    """BM25 (Robertson & Zaragoza 2009; k1 1.2, b 0.75) over name and description; words of the name count thrice."""
    words = [Counter(_words(tool.name) * 3 + _words(tool.description)) for tool in tools]
    usual = sum(bag.total() for bag in words) / (len(words) or 1) or 1
    asked = dict.fromkeys(_words(query))
    rare = {word: _rarity(sum(word in bag for bag in words), len(words)) for word in asked}

    def score(bag: Counter[str]) -> float:
        flat = 1.2 * (0.25 + 0.75 * bag.total() / usual)
        return sum(rare[word] * bag[word] * 2.2 / (bag[word] + flat) for word in asked)

    scored = [(score(bag), tool) for bag, tool in zip(words, tools, strict=True)]
    return [tool for points, tool in sorted(scored, key=lambda pair: -pair[0]) if points > 0]


def _rarity(having: int, of: int) -> float:
    return math.log(1 + (of - having + 0.5) / (having + 0.5))


def _words(text: str) -> list[str]:
    """Lower case, parts of `camelCase` and `snake_case` apart, a plural's s left away."""
    parts = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text))
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in map(str.casefold, parts)]


def _servers(tools: Sequence[ToolSpec]) -> str:
    names = dict.fromkeys(tool.name.partition(".")[0] for tool in tools)
    return f"there are {len(tools)} tools from {', '.join(names)}"


def _size(tool: ToolSpec) -> int:
    return len(json.dumps(function(tool), ensure_ascii=False))
