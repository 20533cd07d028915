"""The conversation as a model is shown it."""

from collections.abc import Iterable, Mapping
from typing import Any

from threadwork.activities.model_calls.conversation_turns import in_turns
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.calls import WORD_FOR_WORD, Message
from threadwork.workflows.memory import Record, record_of
from threadwork.workflows.run_requests import Input

OUTPUT_SHOWN = 16_000  # characters of an output that the model is shown whole
OUTPUT = 5_000_000  # characters of an output that are kept
HEAD, TAIL = 10_000, 4_000  # characters shown of a longer one


def entering(inputs: Iterable[Input], texts: Mapping[str, Message]) -> list[Message]:
    """The messages that inputs are about to become; `texts` has those named by reference."""
    messages = []
    for given in inputs:
        if given.ref is not None:
            messages.append(texts[given.ref].model_copy(update={"position": given.position}))
            continue
        body: dict[str, Any] = {"role": "user", "content": given.text}
        if given.tool_call_id is not None:
            body = {"role": "tool", "tool_call_id": given.tool_call_id, "content": given.text}
        messages.append(Message(ref=f"input:{given.position}", kind=given.kind, body=body, position=given.position))
    return messages


def prompt(
    config: RunConfig, conversation: Iterable[Message], since: int = 0, memory: Message | None = None
) -> tuple[dict[str, Any], ...]:
    """System prompt, goal, what is remembered of the conversation before `since`, and everything since."""
    ordered = sorted({m.position: m for m in conversation if m.position is not None}.items())
    messages = [message for _, message in ordered]
    record = record_of(memory.body) if memory else None
    kinds = WORD_FOR_WORD if record is None else ("goal",)
    kept = [m.body for m in messages if m.kind in kinds and (m.position or 0) < since]
    recent = [m.body for m in messages if (m.position or 0) >= since]
    told = [_remembered(str(memory.body.get("content", "")), record)] if memory else []
    return tuple(in_turns([{"role": "system", "content": config.system_prompt}, *kept, *told, *recent]))


def _remembered(summary: str, record: Record | None) -> dict[str, Any]:
    parts = [record.text() if record else "", f"[Summary of the earlier conversation]\n{summary}"]
    return {"role": "user", "content": "\n\n".join(part for part in parts if part)}


def bounded(text: str) -> str:
    """An output as it is kept: what is beyond the bound is gone, and that is said."""
    if len(text) <= OUTPUT:
        return text
    return f"{text[:OUTPUT]}\n[… {len(text) - OUTPUT:,} characters more were not kept …]"


def shown_output(text: str, ref: str) -> str:
    """An output as the model sees it: whole, or head and tail with the way to the rest."""
    if len(text) <= OUTPUT_SHOWN:
        return text
    left_out = len(text) - HEAD - TAIL
    way = f'[… {left_out} characters left out: read_output(id="{ref}", offset={HEAD}) …]'
    return f"{text[:HEAD]}\n{way}\n{text[-TAIL:]}"
