"""Characters that end a line for some and not for others, within what a model says."""

import json
from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Body, Reply

SAID = "one\u2028two\u2029three\x85four"
REPORTS = ("florimondmanca/httpx-sse#34", "langgenius/dify#39008", "kagent-dev/kagent#1480")
USED = {"input_tokens": 10, "output_tokens": 1}


def _whole(seen: Seen) -> None:
    assert seen.result["answer"] == SAID
    assert len(seen.requests) == 1


def _any(body: Body) -> None:
    """These servers take what they get."""


def _event(data: dict[str, Any]) -> bytes:
    """As providers write it: JSON lets these characters stand."""
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _anthropic() -> Reply:
    message: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "usage": USED}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SAID}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return Reply(pieces=[_event(event) for event in events])


def _gemini() -> Reply:
    said = {"content": {"role": "model", "parts": [{"text": SAID}]}, "index": 0, "finishReason": "STOP"}
    used = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    return Reply(pieces=[_event({"candidates": [said], "usageMetadata": used})])


def _compatible() -> Reply:
    chunks = [openai.chunk({"content": SAID}), openai.chunk({}, "stop"), {**openai.chunk(), "choices": []}]
    chunks[-1]["usage"] = openai.USAGE
    return Reply(pieces=[*map(_event, chunks), b"data: [DONE]\n\n"])


def _row(provider: str, model: str, reply: Reply, path: str = "") -> Row:
    name = f"line separators in a stream of {provider}"
    return Row(name=name, reports=REPORTS, script=[reply], expect=_whole, model=model, path=path, rules=_any)


ROWS = (
    _row("Anthropic", "anthropic/claude-sonnet-4-5", _anthropic()),
    _row("Gemini", "gemini/gemini-2.5-flash", _gemini()),
    _row("vLLM", "hosted_vllm/qwen3", _compatible(), "/v1"),
    _row("OpenRouter", "openrouter/qwen/qwen3-coder", _compatible(), "/v1"),
)
