"""Which one of the tools it was for which a provider did not take a request."""

import re
from collections.abc import Sequence
from typing import Any

from threadwork.workflows.errors import ModelError, ThreadworkError, ToolRefused

FROM_ONE = re.compile(r"\btools\.(?:member\.)?(\d+)\.member", re.IGNORECASE)  # Bedrock: toolConfig.tools.3.member.…
FROM_NOUGHT = re.compile(
    r"function_?declarations\[(\d+)\]"  # Gemini: tools[0].function_declarations[2].…
    r"|\btools[\[.](\d+)",  # OpenAI: tools[4].function.name; Anthropic: tools.3.custom.input_schema
    re.IGNORECASE,
)
NAMED = re.compile(
    r"(?:schema for (?:function|tool)|(?:function|tool)(?: name| declaration| named| with name)?):? ?"
    r"[`'\"“]([\w.:/-]{1,200})[`'\"”]",
    re.IGNORECASE,
)


def one_tool(raised: ThreadworkError, error: Exception, tools: Sequence[Any]) -> ThreadworkError:
    """The same error, as `ToolRefused` where the provider names a tool of the request. `tools`: as it was asked."""
    if type(raised) is not ModelError or not _of_request(error):
        return raised
    name = _named(str(error), [tool["function"]["name"] for tool in tools])
    return ToolRefused(str(raised), name) if name else raised


def _of_request(error: Exception) -> bool:
    return getattr(error, "status_code", None) in (400, 422)


def _named(said: str, names: list[str]) -> str | None:
    for found in NAMED.finditer(said):
        if found[1] in names:
            return found[1]
    number = _number(said)
    return names[number] if number is not None and 0 <= number < len(names) else None


def _number(said: str) -> int | None:
    """Counted from nought."""
    if one := FROM_ONE.search(said):
        return int(one[1]) - 1
    nought = FROM_NOUGHT.search(said[_declared(said) :])
    return int(nought[1] or nought[2]) if nought else None


def _declared(said: str) -> int:
    """Where Gemini counts functions: its tools hold all of them."""
    found = re.search(r"function_?declarations\[", said, re.IGNORECASE)
    return found.start() if found else 0
