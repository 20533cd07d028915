"""Calls written as text, by servers that have no parser for what their model writes."""

import json
from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.worker_harness import Actor

A = {"name": "a"}


def _tagged(name: str, /, **arguments: Any) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def _unasked(seen: Seen) -> None:
    assert seen.of("human_approval.requested") == []
    assert all("<tool_call>" not in str(message.get("content")) for message in seen.last)
    assert [m["content"] for m in seen.last if m["role"] == "tool"] == ["read a"]


def _asked_once(seen: Seen) -> None:
    assert len(seen.of("human_approval.requested")) == 1


async def _approve(task: Actor) -> None:
    await task.decide(await task.happened("human_approval.requested"), "approve")


def _told(seen: Seen) -> None:
    assert seen.result["answer"].startswith("<tool_call>")


ROWS = (
    Row(
        name="a call as text, Hermes",
        reports=("NousResearch/hermes-agent#742", "QwenLM/Qwen3-VL#1674"),
        script=[openai.text(_tagged("notes__read", **A)), openai.text(_tagged("complete_task", answer="Done."))],
        calls=[("notes.read", A)],
        expect=_unasked,
    ),
    Row(
        name="a call as text that writes is asked for, whatever the policy says",
        reports=("NousResearch/hermes-agent#83023",),
        script=[
            openai.text("<function=notes__write>\n<parameter=name>\na\n</parameter>\n</function>"),
            openai.text("Written."),
        ],
        people=_approve,
        calls=[("notes.write", A)],
        expect=_asked_once,
    ),
    Row(
        name="a call as text after a call made properly is an answer",
        reports=("NousResearch/hermes-agent#35129",),
        script=[openai.calls(("notes__read", A)), openai.text(_tagged("notes__write", **A))],
        calls=[("notes.read", A)],
        expect=_told,
    ),
)
