"""A call that the model wrote as text: when it counts, and when it is a quotation."""

import html
import json
import re
from collections.abc import Iterable
from typing import Any

from threadwork.activities.model_calls.call_forms import Written, calls_in
from threadwork.activities.model_calls.conversation_turns import AS_TEXT
from threadwork.activities.model_calls.meant_names import meant_name, offered_names
from threadwork.activities.tool_calls.builtins import offered_tools
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.calls import Message
from threadwork.workflows.models import RequestedCall

QUOTING = re.compile(r"[\s\\`]+")  # what differs between a text and a quotation of it


def written_calls(text: str, config: RunConfig) -> list[Written]:
    """The calls that a text consists of, under names of tools that are offered; empty: it is a text."""
    offered = offered_names(config)
    found = calls_in(text)
    named = [Written(meant_name(one.name, offered), one.arguments, one.block, one.typed) for one in found]
    return named if all(one.name in offered for one in named) else []


def are_meant(calls: list[Written], conversation: Iterable[Message], config: RunConfig) -> bool:
    """Whether the calls count: the model calls in no other way, and nobody else has said the same in this task."""
    said = [message.body for message in conversation]
    if any(body.get("tool_calls") and not body.get(AS_TEXT) for body in said):
        return False
    told = [config.system_prompt, *(_text(body) for body in said if body.get("role") != "assistant")]
    heard = [_squeezed(one) for text in told for one in (text, html.unescape(text))]
    return not any(_squeezed(call.block) in text for call in calls for text in heard)


def as_requested(calls: list[Written], config: RunConfig) -> tuple[RequestedCall, ...]:
    return tuple(
        RequestedCall(id="", name=one.name, arguments=json.dumps(_typed(one, config), ensure_ascii=False))
        for one in calls
    )


def _typed(call: Written, config: RunConfig) -> dict[str, Any]:
    """Values that came as texts, as the tool's schema has them."""
    if call.typed:
        return call.arguments
    functions = [tool["function"] for tool in offered_tools(config) if tool["function"]["name"] == call.name]
    properties = (functions[0].get("parameters") or {}).get("properties") if functions else {}
    return {key: _value(text, (properties or {}).get(key)) for key, text in call.arguments.items()}


def _value(text: str, schema: Any) -> Any:
    if not isinstance(schema, dict) or '"string"' in json.dumps([schema.get("type"), schema.get("anyOf")]):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text(body: dict[str, Any]) -> str:
    content = body.get("content") or ""
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _squeezed(text: str) -> str:
    return QUOTING.sub("", text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\n", ""))
