"""Names and arguments of calls as they were meant: local models and their servers leave marks of their form on both."""

import json
import re
from collections.abc import Collection

from threadwork.activities.tool_calls.builtins import offered_tools
from threadwork.workflows.agents import RunConfig

TOKEN = re.compile(r"<[|｜][^|｜<>]{0,64}[|｜]>|\s+")  # such as <|channel|>, <|im_end|>, <｜tool▁sep｜>
BEFORE = re.compile(r"^(?:to=)?(?:functions?|tools?)[.:/]|^to=")
BEHIND = re.compile(r":\d+$")  # Kimi numbers its calls
MAX_CALLED_NAME = 400  # characters of a name and what is around it
FORM = "json"  # gpt-oss says the form of the arguments behind the name


def offered_names(config: RunConfig) -> frozenset[str]:
    """Names that a call may have."""
    offered = (str(tool["function"]["name"]) for tool in offered_tools(config))
    return frozenset((*offered, *(tool.offered_name for tool in config.tools)))


def meant_name(name: str, offered: Collection[str]) -> str:
    """The name as it stands, unless it is a tool's only without blanks, `functions.` or special tokens around it."""
    if name in offered or len(name) > MAX_CALLED_NAME:
        return name
    parts = {found for part in TOKEN.split(name) if (found := _bare(part, offered)) in offered}
    return parts.pop() if len(parts) == 1 else name


def unwrapped(arguments: str) -> str:
    """Arguments that were encoded twice, decoded once; `null` is no argument."""
    if not arguments.lstrip().startswith(('"', "null")):
        return arguments
    try:
        inner = json.loads(arguments)
        if inner is None:
            return "{}"
        return inner if isinstance(inner, str) and isinstance(json.loads(inner), dict) else arguments
    except (ValueError, RecursionError):
        return arguments


def _bare(part: str, offered: Collection[str]) -> str:
    bare = BEHIND.sub("", BEFORE.sub("", part))
    return bare.removesuffix(FORM) if bare not in offered else bare
