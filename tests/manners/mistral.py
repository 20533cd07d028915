"""What Mistral refuses, directly or through others."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from tests.manners.openai import error
from tests.manners.server import Body, Reply

NINE = re.compile(r"[a-zA-Z0-9]{9}")
BEHIND = {"tool": ("assistant", "tool"), "user": ("assistant",), "system": ("user",), "assistant": ("user", "tool")}


def rules(body: Body) -> Reply | None:
    """Ids of nine letters and digits, and roles in the order of its chat templates."""
    for complaint in (*_ids(body["messages"]), *_roles(body["messages"])):
        return error(400, complaint, "3230")
    return None


def _ids(messages: Sequence[Any]) -> Iterable[str]:
    made = [call["id"] for message in messages for call in message.get("tool_calls") or ()]
    answered = [message.get("tool_call_id") for message in messages if message["role"] == "tool"]
    for call_id in (*made, *answered):
        if not NINE.fullmatch(call_id or ""):
            yield f"Tool call id was {call_id} but must be a-z, A-Z, 0-9, with a length of 9."
    if len(set(made)) != len(made):
        yield "Duplicate tool call id in assistant messages."
    if made != answered:
        yield "Not the same number of function calls and responses"


def _roles(messages: Sequence[Any]) -> Iterable[str]:
    for before, message in pairwise(messages):
        if message["role"] not in BEHIND[before["role"]]:
            yield f"Unexpected role '{message['role']}' after role '{before['role']}'"
    for message in messages:
        if message["role"] == "assistant" and not message.get("content") and not message.get("tool_calls"):
            yield "Assistant message must have either content or tool_calls, but not none."
    if messages[-1]["role"] not in ("user", "tool"):
        yield f"Expected last role User or Tool for serving but got {messages[-1]['role']}"
