"""The conversation as a model is shown it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from activities.turns import in_turns
from workflows.agents import RunConfig
from workflows.calls import WORD_FOR_WORD, Message
from workflows.messages import Input

OUTPUT_SHOWN = 16_000  # characters of an output that the model is shown whole
OUTPUT = 5_000_000  # characters of an output that are kept
HEAD, TAIL = 10_000, 4_000  # characters shown of a longer one

SUMMARISE = (
    "Summarise the conversation so far for yourself: what was found out, what was done and with what result, "
    "which plan stands, what remains. What the person asked and decided is kept word for word elsewhere. "
    "Be complete and brief; write plain sentences."
)


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
    config: RunConfig, conversation: Iterable[Message], since: int = 0, summary: str | None = None
) -> tuple[dict[str, Any], ...]:
    """System prompt, what people said before a summary, the summary, and everything since."""
    ordered = sorted({m.position: m for m in conversation if m.position is not None}.items())
    messages = [message for _, message in ordered]
    kept = [m.body for m in messages if m.kind in WORD_FOR_WORD and (m.position or 0) < since]
    recent = [m.body for m in messages if (m.position or 0) >= since]
    told = [{"role": "user", "content": f"[Summary of the earlier conversation]\n{summary}"}] if summary else []
    return tuple(in_turns([{"role": "system", "content": config.system_prompt}, *kept, *told, *recent]))


def summary_prompt(messages: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Ask for a summary. Given as one text, so that it may be cut to fit, and no tool can be called."""
    system, *rest = messages
    story = "\n\n".join(f"{m['role']}: {m.get('content') or json.dumps(m.get('tool_calls'))}" for m in rest)
    return (system, {"role": "user", "content": f"{story}\n\n---\n{SUMMARISE}"})


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
