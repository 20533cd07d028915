"""What Anthropic's Messages API streams, what it refuses, and the prompt cache behind it."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.manners.server import Body, Reply

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
POINTS = 4  # blocks with cache_control
LOOKBACK = 20  # blocks before a breakpoint at which an entry is looked for
LEAST = 1_024  # tokens of a prefix that is cached; four characters a token here
THOUGHTS = ("thinking", "redacted_thinking")
START_WITH_THOUGHT = (
    "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is "
    "enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` "
    "and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this "
    "requirement, disable `thinking`."
)
MODIFIED = (
    "messages.{at}.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
    "modified. These blocks must remain as they were in the original response."
)

Block = dict[str, Any]


def thinking(words: str, signature: str) -> Block:
    return {"type": "thinking", "thinking": words, "signature": signature}


def redacted(data: str) -> Block:
    return {"type": "redacted_thinking", "data": data}


def text(words: str) -> Block:
    return {"type": "text", "text": words}


def use(name: str, arguments: dict[str, Any], call_id: str) -> Block:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def done(answer: str = "All done.", call_id: str = "toolu_done") -> Block:
    return use("complete_task", {"answer": answer}, call_id)


def stream(*blocks: Block, stop: str | None = None, usage: dict[str, int] | None = None, **more: Any) -> Reply:
    """`stop`: the stop_reason; None: what the blocks come to."""
    reason = stop or ("tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn")
    used = {"input_tokens": 100, "output_tokens": 1, **(usage or {})}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None, "usage": used}},
        {"type": "ping"},
        *(event for number, block in enumerate(blocks) for event in _block(number, block)),
        {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": {"output_tokens": 20, **(usage or {})},
        },
        {"type": "message_stop"},
    ]
    return Reply(pieces=tuple(map(event, events)), **more)


def event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


def _block(index: int, block: Block) -> Iterable[dict[str, Any]]:
    start, deltas = _pieces(block)
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _pieces(block: Block) -> tuple[Block, list[dict[str, Any]]]:
    """How a block begins, and what is added to it."""
    match block["type"]:
        case "text":
            return text(""), [{"type": "text_delta", "text": half} for half in _halves(block["text"])]
        case "thinking":
            thought = [{"type": "thinking_delta", "thinking": half} for half in _halves(block["thinking"])]
            return thinking("", ""), [*thought, {"type": "signature_delta", "signature": block["signature"]}]
        case "tool_use":
            written = json.dumps(block["input"])
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": part} for part in ("", *_halves(written))
            ]
        case _:
            return block, []


def _halves(words: str) -> list[str]:
    middle = len(words) // 2
    return [half for half in (words[:middle], words[middle:]) if half]


def error(status: int, message: str, kind: str = "invalid_request_error") -> Reply:
    return Reply(status=status, body={"type": "error", "error": {"type": kind, "message": message}})


def broken(*blocks: Block, kind: str = "overloaded_error", message: str = "Overloaded") -> Reply:
    """An error in the middle of a stream that began well."""
    pieces = stream(*blocks).pieces[:-2]
    return Reply(pieces=(*pieces, event({"type": "error", "error": {"type": kind, "message": message}})))


def rules(body: Body) -> Reply | None:
    """What Anthropic says of a request that it does not take; None: nothing."""
    for complaint in (*_shape(body), *_points(body), *_tools(body), *_messages(body["messages"]), *_thinking(body)):
        return error(400, complaint)
    return None


def _shape(body: Body) -> Iterable[str]:
    if "max_tokens" not in body:
        yield "max_tokens: Field required"
    roles = [message["role"] for message in body["messages"]]
    if not roles:
        yield "messages: at least one message is required"
    if roles and roles[0] != "user":
        yield "messages: first message must use the `user` role"
    for number, role in enumerate(roles[1:], 1):
        if role == roles[number - 1]:
            yield f'messages.{number}: roles must alternate between "user" and "assistant"'
    for unknown in set(body) & {"reasoning_effort", "stream_options", "kept", "n"}:
        yield f"{unknown}: Extra inputs are not permitted"


def blocks_of(body: Body) -> list[Block]:
    """Every block that a breakpoint may stand on, in the order of the cache: tools, system, messages."""
    system = body.get("system") or ()
    held = [*(body.get("tools") or ()), *([text(system)] if isinstance(system, str) else system)]
    for message in body["messages"]:
        held += contents(message)
    return held


def contents(message: dict[str, Any]) -> list[Block]:
    content = message["content"]
    return [text(content)] if isinstance(content, str) else list(content)


def _points(body: Body) -> Iterable[str]:
    marked = [block for block in blocks_of(body) if block.get("cache_control")]
    if len(marked) > POINTS:
        yield f"A maximum of {POINTS} blocks with cache_control may be provided. Found {len(marked)}."
    for block in marked:
        if block.get("type") in THOUGHTS:
            yield f"{block['type']}: cache_control: Extra inputs are not permitted"
        if block.get("type") == "text" and not block.get("text"):
            yield "cache_control cannot be set for empty text blocks"


def _tools(body: Body) -> Iterable[str]:
    names = [tool["name"] for tool in body.get("tools") or ()]
    for number, name in enumerate(names):
        if not NAME.fullmatch(name):
            yield f"tools.{number}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique."
    for number, tool in enumerate(body.get("tools") or ()):
        schema = tool.get("input_schema") or {}
        if schema.get("type") != "object":
            yield f"tools.{number}.custom.input_schema.type: Input should be 'object'"
        if set(schema) & {"oneOf", "allOf", "anyOf"}:
            yield f"tools.{number}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top"


def _messages(messages: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Every call has its result in the next message, and ids are unique in the whole conversation."""
    seen: set[str] = set()
    for number, message in enumerate(messages):
        held = contents(message)
        if not held and number + 1 < len(messages):
            yield f"messages.{number}: all messages must have non-empty content except for the optional final one"
        for place, block in enumerate(held):
            if block["type"] == "text" and not block["text"]:
                yield "messages: text content blocks must be non-empty"
            if set(block) - {"cache_control"} & {"reasoning_content", "kept"}:
                yield f"messages.{number}.content.{place}: Extra inputs are not permitted"
        used = [block["id"] for block in held if block["type"] == "tool_use"]
        if len(set(used)) != len(used) or seen & set(used):
            yield f"messages.{number}.content: `tool_use` ids must be unique"
        seen |= set(used)
        following = contents(messages[number + 1]) if number + 1 < len(messages) else []
        answered = [block["tool_use_id"] for block in following if block["type"] == "tool_result"]
        if lost := [one for one in used if one not in answered]:
            yield (
                f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(lost)}. Each `tool_use` block must have a corresponding `tool_result` block in the next "
                "message."
            )
        for stray in (one for one in answered if one not in used):
            yield f"messages.{number + 1}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {stray}."
    if messages and messages[-1]["role"] == "assistant" and contents(messages[-1])[-1].get("text", "x").endswith(" "):
        yield "messages: final assistant content cannot end with trailing whitespace"


def _turn(messages: Sequence[dict[str, Any]]) -> Iterable[tuple[int, list[Block]]]:
    """What the assistant said since a person last spoke."""
    since = 0
    for number, message in enumerate(messages):
        if message["role"] == "user" and not any(block["type"] == "tool_result" for block in contents(message)):
            since = number
    for number, message in enumerate(messages[since:], since):
        if message["role"] == "assistant":
            yield number, contents(message)


def _thinking(body: Body) -> Iterable[str]:
    mode = body.get("thinking") or {"type": "disabled"}
    if mode["type"] == "disabled":
        for number, held in _turn(body["messages"]):
            if any(block["type"] in THOUGHTS for block in held):
                yield (
                    f"messages.{number}.content.0: When thinking is disabled, an `assistant` message in the final "
                    "position cannot contain `thinking`. To use thinking blocks, enable `thinking` in your request."
                )
        return
    if mode["type"] == "enabled":
        if mode["budget_tokens"] < LEAST:
            yield f"thinking.enabled.budget_tokens: Input should be greater than or equal to {LEAST}"
        if body["max_tokens"] <= mode["budget_tokens"]:
            yield "`max_tokens` must be greater than `thinking.budget_tokens`."
    if body.get("temperature", 1) != 1:
        yield "`temperature` may only be set to 1 when thinking is enabled."
    if (body.get("tool_choice") or {}).get("type", "auto") not in ("auto", "none"):
        yield "Thinking may not be enabled when tool_choice forces tool use."
    for number, held in list(_turn(body["messages"]))[:1]:
        if any(block["type"] == "tool_use" for block in held) and held[0]["type"] not in THOUGHTS:
            yield START_WITH_THOUGHT.format(at=number, found=held[0]["type"])


@dataclass
class Anthropic:
    """Remembers what it said: what a model thought comes back as it was, or is refused. And it keeps a prompt cache.

    `use` its `rules`, and wrap each reply in `says`."""

    cached: dict[str, int] = field(default_factory=dict)  # tokens of each prefix that was written
    thought: set[str] = field(default_factory=set)
    before: dict[str, list[Block]] = field(default_factory=dict)  # what was thought before a call, by its id

    def rules(self, body: Body) -> Reply | None:
        return rules(body) or self._forged(body) or self._left_out(body)

    def _left_out(self, body: Body) -> Reply | None:
        """While it thinks, all that it thought in this turn has to be there, in its order."""
        if not body.get("thinking"):
            return None
        for number, held in _turn(body["messages"]):
            for block in held:
                thought = self.before.get(block.get("id", ""), [])
                if held[: len(thought)] != thought:
                    return error(400, MODIFIED.format(at=number))
        return None

    def _forged(self, body: Body) -> Reply | None:
        for number, message in enumerate(body["messages"]):
            for place, block in enumerate(contents(message)):
                if block["type"] in THOUGHTS and _written(block) not in self.thought:
                    kind = block["type"]
                    return error(400, f"messages.{number}.content.{place}: Invalid `signature` in `{kind}` block")
        return None

    def says(self, *blocks: Block, **more: Any) -> Any:
        def reply(body: Body) -> Reply:
            thought = [block for block in blocks if block["type"] in THOUGHTS]
            self.thought |= set(map(_written, thought))
            self.before |= {block["id"]: thought for block in blocks if block["type"] == "tool_use"}
            return stream(*blocks, usage=self.usage(body), **more)

        return reply

    def usage(self, body: Body) -> dict[str, int]:
        """What of the prompt was read from the cache, what is written now, and the rest."""
        held = blocks_of(body)
        sizes = [len(_written(block)) // 4 for block in held]
        points = [number for number, block in enumerate(held) if block.get("cache_control")]
        found = max((self._hit(held, point) for point in points), default=0)
        written = 0
        for point in points:
            if (tokens := sum(sizes[: point + 1])) >= LEAST:
                self.cached[_prefix(held, point)] = tokens
                written = max(written, tokens)
        new = max(0, written - found)
        rest = sum(sizes) - found - new
        return {"input_tokens": rest, "cache_read_input_tokens": found, "cache_creation_input_tokens": new}

    def _hit(self, held: list[Block], point: int) -> int:
        near = range(point, max(-1, point - LOOKBACK), -1)
        return next((self.cached[key] for at in near if (key := _prefix(held, at)) in self.cached), 0)


def _prefix(held: list[Block], point: int) -> str:
    return "".join(map(_written, held[: point + 1]))


def _written(block: Block) -> str:
    return json.dumps({name: value for name, value in block.items() if name != "cache_control"}, sort_keys=True)
