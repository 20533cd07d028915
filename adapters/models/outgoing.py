"""Messages as a provider gets them: what a model thought goes back to it as its provider wants it, and to no other."""

import re
from collections.abc import Sequence
from typing import Any

from threadwork.adapters.models.targets import Target
from threadwork.adapters.models.thinking import WRITER
from threadwork.workflows.models import KEPT_KEY, ModelRequest

Message = dict[str, Any]

# Messages with fields that they do not know are refused there.
NOTHING_BACK = frozenset({"groq", "mistral", "codestral", "cerebras", "cohere", "cohere_chat", "sambanova", "watsonx"})
# Who wants a thought before every call, whoever serves it, also before calls of another model.
INSISTING = re.compile(r"deepseek|moonshot|kimi", re.IGNORECASE)
PASSING_ON = frozenset({"deepseek", "moonshot", "openai", "openrouter", "litellm_proxy"})
BLANK = " "  # the least that counts as a thought for those who insist on one


def provider_messages(request: ModelRequest, meant: Target, thinks: bool = True) -> list[Message]:
    """`thinks`: False where thinking is switched off for this request, and no thought may be shown."""
    turn = turn_began(request.messages)
    return [
        _outgoing(message, request, meant, thinks, number >= turn)
        for number, message in enumerate(request.messages)
        if not _empty(message)
    ]


def turn_began(messages: Sequence[Message]) -> int:
    """Where the current turn began: behind what somebody last said, results of tools not counted."""
    return max((number + 1 for number, m in enumerate(messages) if m.get("role") == "user"), default=0)


def loop_began(messages: Sequence[Message]) -> int:
    """The same for Claude, to whom words right behind results go in one message with them: they begin no turn."""
    began, behind = 0, "user"
    for number, message in enumerate(messages):
        if message.get("role") != "user":
            behind = str(message.get("role"))
        elif behind != "tool":
            began = number + 1
    return began


def interrupted(request: ModelRequest, meant: Target) -> bool:
    """Whether a step of this turn has no thought of this model before its calls: it was another's, or did not think.

    Claude and DeepSeek take no thinking in the middle of such a turn."""
    began = loop_began if meant.is_claude else turn_began
    steps = [m for m in request.messages[began(request.messages) :] if m.get("tool_calls")]
    if not steps:
        return False
    if meant.is_claude:
        first = _fields(steps[0], request, meant)
        thought = first.get("thinking_blocks") or first.get("reasoning_details")
        return not thought or not all(_is_own(step, request, meant) for step in steps)
    if meant.provider == "deepseek":
        return not all(_is_own(step, request, meant) for step in steps)
    return False


def _empty(message: Message) -> bool:
    """A model that said nothing at all: some providers refuse to be shown that."""
    return message.get("role") == "assistant" and not message.get("content") and not message.get("tool_calls")


def _outgoing(message: Message, request: ModelRequest, meant: Target, thinks: bool, now: bool) -> Message:
    if message.get("role") != "assistant":
        return message
    plain = {name: value for name, value in message.items() if name != KEPT_KEY}
    if calls := message.get("tool_calls"):
        # Claude is told words that it never said where an empty text stands beside calls.
        plain |= {"content": message.get("content") or None, "tool_calls": _calls(message, request, meant)}
    if not thinks:
        return plain
    fields = _fields(message, request, meant) if now or calls else {}
    return plain | _given_back(fields, meant, bool(calls))


def _given_back(fields: Message, meant: Target, calls: bool) -> Message:
    """The fields that this provider wants, of those that it sent."""
    if meant.provider in NOTHING_BACK:
        return {}
    if meant.is_claude and meant.provider != "openrouter":
        return {name: fields[name] for name in ("thinking_blocks",) if name in fields}
    if meant.provider in ("gemini", "vertex_ai"):
        return {name: fields[name] for name in ("provider_specific_fields",) if name in fields}
    if "reasoning_details" in fields:
        return {name: fields[name] for name in ("reasoning_details", "extra_content") if name in fields}
    given = {name: value for name, value in fields.items() if name in ("reasoning_content", "reasoning")}
    if meant.provider in ("hosted_vllm", "vllm") and given:  # both names, for it has changed its mind
        given = dict.fromkeys(("reasoning_content", "reasoning"), next(iter(given.values())))
    if calls and not given and meant.provider in PASSING_ON and INSISTING.search(meant.model):
        given = {"reasoning_content": BLANK}
    return given | {name: fields[name] for name in ("extra_content",) if name in fields}


def _calls(message: Message, request: ModelRequest, meant: Target) -> list[Message]:
    """With what the provider sent beside each, such as a signature."""
    kept = message.get(KEPT_KEY) or {}
    own = kept.get("calls") or {} if _is_own(message, request, meant) else {}
    if meant.provider in NOTHING_BACK:
        own = {}
    return [
        call | {name: value for name, value in (own.get(call["id"]) or {}).items() if name != "id"}
        for call in message["tool_calls"]
    ]


def _fields(message: Message, request: ModelRequest, meant: Target) -> Message:
    return dict(message[KEPT_KEY].get("fields") or {}) if _is_own(message, request, meant) else {}


def _is_own(message: Message, request: ModelRequest, meant: Target) -> bool:
    """Written by this very model, also where the file means another one by its name today."""
    kept = message.get(KEPT_KEY)
    if not isinstance(kept, dict) or kept.get("model") != request.model:
        return False
    return bool((kept.get("fields") or {}).get(WRITER) == meant.model)
