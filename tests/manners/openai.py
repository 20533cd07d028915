"""What OpenAI-compatible servers stream, piece by piece, and what OpenAI refuses."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tests.manners.server import Body, Reply

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_TOOLS = 128


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    envelope = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}
    return {**envelope, "choices": [choice], **more}


def stream(*deltas: dict[str, Any], finish: str | None = "stop", usage: Any = USAGE, **more: Any) -> Reply:
    """Deltas as they are, then the finish_reason, the usage in a chunk of its own and `[DONE]`. None: leave it out."""
    chunks: list[Any] = [chunk(delta) for delta in deltas]
    if finish is not None:
        chunks.append(chunk({}, finish))
    if usage is not None:
        chunks.append({**chunk(), "choices": [], "usage": usage})
    return Reply(pieces=(*map(event, chunks), b"data: [DONE]\n\n"), **more)


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def text(words: str, **more: Any) -> Reply:
    return stream({"role": "assistant", "content": words}, **more)


def calls(*given: tuple[str, Any], ids: Sequence[str | None] = (), words: str = "", **more: Any) -> Reply:
    """A turn of calls (name and arguments), well formed: each with its index, and with the ids given or its own."""
    deltas = [
        {"tool_calls": [tool_call(number, name, arguments, (*ids, *[f"call_{number}"] * len(given))[number])]}
        for number, (name, arguments) in enumerate(given)
    ]
    head = [{"role": "assistant", "content": words}] if words else []
    return stream(*head, *deltas, finish="tool_calls", **more)


def tool_call(index: int | None, name: str, arguments: Any, call_id: str | None) -> dict[str, Any]:
    """None leaves out the index, the id."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call: dict[str, Any] = {"type": "function", "function": {"name": name, "arguments": written}}
    return call | ({} if index is None else {"index": index}) | ({} if call_id is None else {"id": call_id})


def done(answer: str = "All done.") -> Reply:
    return calls(("complete_task", {"answer": answer}))


def error(status: int, message: str, code: str | None = None, **more: Any) -> Reply:
    return Reply(
        status=status, body={"error": {"message": message, "type": "error", "code": code, "param": None}}, **more
    )


def rules(body: Body) -> Reply | None:
    """What OpenAI says of a request that it does not take; None: nothing."""
    for complaint in (*_tools(body.get("tools") or ()), *_messages(body["messages"])):
        return error(400, complaint, "invalid_request_error")
    return None


def _tools(tools: Sequence[Any]) -> Iterable[str]:
    if len(tools) > MOST_TOOLS:
        yield f"Invalid 'tools': array too long. Expected an array with maximum length {MOST_TOOLS}."
    names = [tool["function"]["name"] for tool in tools]
    for number, tool in enumerate(tools):
        name, schema = tool["function"]["name"], tool["function"].get("parameters") or {}
        if not NAME.fullmatch(name):
            yield f"Invalid 'tools[{number}].function.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        if names.count(name) > 1:
            yield f"Invalid 'tools[{number}].function.name': tool names must be unique."
        if schema.get("type") != "object" or any(key in schema for key in ("anyOf", "oneOf", "allOf", "enum", "not")):
            yield f"Invalid schema for function '{name}': schema must have type 'object' and not have 'oneOf'/'anyOf'."
        if "properties" not in schema:
            yield f"Invalid schema for function '{name}': In context=(), object schema missing properties."
        yield from (f"Invalid schema for function '{name}': {why}." for why in _schema(schema))


def _schema(schema: Any) -> Iterable[str]:
    if isinstance(schema, list):
        for inner in schema:
            yield from _schema(inner)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "array" and "items" not in schema:
        yield "array schema missing items"
    for inner in schema.values():
        yield from _schema(inner)


def _messages(messages: Sequence[Any]) -> Iterable[str]:
    """Every call has its result right behind it, under an id that the turn has once."""
    waiting: list[str] = []
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                yield f"Invalid parameter: messages[{number}] with role 'tool' must be a response to a preceding call."
            else:
                waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            yield f"An assistant message with 'tool_calls' must be followed by tool messages: {', '.join(waiting)}."
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
        if len(set(waiting)) != len(waiting):
            yield f"Invalid 'messages[{number}].tool_calls': ids must be unique."
        if message["role"] == "assistant" and not waiting and not message.get("content"):
            yield f"Invalid value for 'content' of messages[{number}]: expected a string, got null."
    if waiting:
        yield "An assistant message with 'tool_calls' must be followed by tool messages."
