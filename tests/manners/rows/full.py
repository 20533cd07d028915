"""A window, or a request, that is full in other words than those of tokens."""

import json
from typing import Any

from tests.manners import anthropic, openai
from tests.manners.row import Row, Seen
from tests.manners.rows.memory import SUMMARY, Talk, reads, summarised, told
from tests.manners.server import Body, Reply

HALF = "I can tell you that the"
FULL = "model_context_window_exceeded"
USED = {"prompt_tokens": 9_000, "completion_tokens": 20, "total_tokens": 9_020}
BYTES = 40_000  # of a body


def _room_made(seen: Seen) -> None:
    """Half a sentence is no answer, and was paid for."""
    assert HALF not in str(seen.result)
    assert HALF not in str(seen.requests)
    assert "no room left" in seen.of("llm_call.failed")[0]["error"]
    assert seen.of("context.compacted")[0]["how"] == "summary"
    assert seen.result["spent"]["tokens"] > USED["prompt_tokens"]


def _in_two_answers(name: str, report: str, *answers: Reply, summary: Reply, **more: Any) -> Row:
    more = {"spec": {"context_window": 200_000}, **more}
    return Row(
        name=name, reports=(report,), script=[Talk(*answers, summary=summary)], expect=_room_made, within=60, **more
    )


def _notes(times: int) -> list[Reply]:
    said = "All is well in the hall. " * 480
    return [
        anthropic.stream(
            anthropic.text("I read it."), anthropic.use("notes__read", {"name": f"{n} {said}"}, f"toolu_{n}")
        )
        for n in range(times)
    ]


def _refused_by(reply: Reply) -> Any:
    def rules(body: Body) -> Reply | None:
        return reply if len(json.dumps(body)) > BYTES else openai.rules(body)

    return rules


def _shorter(seen: Seen) -> None:
    summarised(seen)
    assert len(told(seen)) < BYTES


def _too_many_bytes(name: str, reply: Reply, *reports: str) -> Row:
    script = [Talk(*reads(4), openai.done(), summary=openai.text(SUMMARY))]
    return Row(name=name, reports=reports, script=script, rules=_refused_by(reply), expect=_shorter, within=60)


ROWS = (
    _in_two_answers(
        "Claude's window is full in the middle of an answer",
        "turnstonelabs/turnstone#1162",
        *_notes(3),
        anthropic.stream(anthropic.text(HALF), stop=FULL, usage={"input_tokens": 9_000}),
        anthropic.stream(anthropic.done()),
        summary=anthropic.stream(anthropic.text(SUMMARY)),
        model="anthropic/claude-sonnet-4-5",
        path="",
        rules=lambda body: None,
    ),
    _in_two_answers(
        "GLM's window is full in the middle of an answer",
        "earendil-works/pi#1868",
        *reads(3),
        openai.stream({"role": "assistant", "content": HALF}, finish=FULL, usage=USED),
        openai.done(),
        summary=openai.text(SUMMARY),
        model="openai/glm-4.7",
    ),
    _too_many_bytes(
        "a request of too many bytes",
        Reply(status=413, body={"error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}}),
        "earendil-works/pi#2734",
        "anthropics/claude-code#10314",
    ),
    _too_many_bytes(
        "a request of too many bytes for what stands before the server",
        Reply(status=413, body=b"413 Request Entity Too Large\n", content_type="text/plain; charset=utf-8"),
        "github/copilot-cli#1032",
        "anomalyco/opencode#14064",
    ),
)
