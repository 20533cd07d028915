"""Providers that are away, busy or unusable: what people are told, and who is asked instead."""

import json
import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Reply
from threadwork.workflows.events import EventType

DAY = 86_400
BY_FALLBACK = (openai.done("By the other one."),)


def _switched(seen: Seen) -> None:
    assert seen.result["answer"] == "By the other one."
    assert seen.of(EventType.LLM_CALL_STARTED)[-1]["because"]
    assert len(seen.requests) <= 1, "whoever asks to wait for a day is not asked again"


def _refused(seen: Seen) -> None:
    assert "refused" in seen.of(EventType.WORKFLOW_FAILED)[0]["error"]
    assert len(seen.requests) == 1


def _busy(name: str, **more: Any) -> Row:
    return Row(
        name=name,
        reports=("preloop/preloop#114", "timbal-ai/timbal#117"),
        script=[openai.error(429, "You exceeded your daily limit.", "rate_limit_exceeded", **more)],
        fallback=BY_FALLBACK,
        expect=_switched,
    )


def _what_to_do(*words: str) -> Any:
    def check(seen: Seen) -> None:
        error = str(seen.of(EventType.WORKFLOW_FAILED)[0]["error"])
        assert all(word in error for word in words), error

    return check


def _sse(*events: dict[str, Any]) -> Reply:
    return Reply(pieces=[f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events])


CLAUDE = _sse(
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": "claude",
            "stop_reason": None,
            "usage": {"input_tokens": 100, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "I can tell you that the"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "refusal"}, "usage": {"output_tokens": 6}},
    {"type": "message_stop"},
)
NO_MODEL = {
    "message": 'model "llama9" not found, try pulling it first',
    "type": "api_error",
    "param": None,
    "code": None,
}
LATER = {
    "code": 429,
    "message": (
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
    ),
    "status": "RESOURCE_EXHAUSTED",
    "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{DAY}.837906927s"}],
}
COUNTED = {"promptTokenCount": 100, "candidatesTokenCount": 5, "totalTokenCount": 105}
HALF = {"content": {"parts": [{"text": "I can tell you that the"}], "role": "model"}, "index": 0}


def _gemini(name: str, *chunks: dict[str, Any]) -> Row:
    return Row(
        name=name,
        reports=("pydantic/pydantic-ai#5221",),
        script=[Reply(pieces=[openai.event({**chunk, "usageMetadata": COUNTED}) for chunk in chunks])],
        model="gemini/gemini-2.5-flash",
        path="/v1beta/models/gemini-2.5-flash",
        rules=lambda body: None,
        reason="failed",
        expect=_refused,
    )


ROWS = (
    _busy("a wait of a day", headers={"Retry-After": str(DAY)}),
    _busy("a wait of a day in milliseconds", headers={"retry-after-ms": str(DAY * 1_000)}),
    _busy("a wait until a date", headers={"Retry-After": formatdate(time.time() + DAY, usegmt=True)}),
    replace(
        _busy("a wait that only a list in the body asks for"),
        script=[Reply(status=429, body=[{"error": LATER}])],
        reports=("dcdpr/jp#1061", "AtomicBot-ai/atomic-agent#271"),
    ),
    replace(
        _busy("a key that is not set"),
        script=[openai.done()],
        spec={"api_key": "${NO_SUCH_VARIABLE}"},
        reports=("NousResearch/hermes-agent#1730",),
    ),
    replace(
        _busy("a key that is refused"),
        script=[openai.error(401, "Incorrect API key provided.", "invalid_api_key")],
        reports=("NousResearch/hermes-agent#1730",),
    ),
    Row(
        name="a model that the server does not have",
        reports=("netease-youdao/QAnything#555",),
        script=[Reply(status=404, body={"error": NO_MODEL})],
        reason="failed",
        expect=_what_to_do("models.first.model"),
    ),
    Row(
        name="Claude refuses in the middle",
        reports=("pydantic/pydantic-ai#5221",),
        script=[CLAUDE],
        model="anthropic/claude-sonnet-4-5",
        path="",
        rules=lambda body: None,
        reason="failed",
        expect=_refused,
    ),
    _gemini("Gemini stops for safety", {"candidates": [{**HALF, "finishReason": "SAFETY"}]}),
    _gemini(
        "Gemini stops a recitation",
        {"candidates": [HALF]},
        {"candidates": [{"index": 0, "finishReason": "RECITATION"}]},
    ),
    _gemini("Gemini does not take the prompt", {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
)
