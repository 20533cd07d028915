"""The conversation in turns: what the model said, and the results of its calls right behind it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

AS_TEXT = "as_text"  # key of an assistant's stored message whose calls were written as text
NOT_RECORDED = "No result was recorded for this call: whether it ran is unknown. Check before you repeat it."
DELIVERED = "The answer was delivered to the person."

Said = dict[str, Any]  # a chat message


def in_turns(messages: Iterable[Said]) -> Iterator[Said]:
    """Each call followed by its result, or by word that none is known; empty answers are left out.

    A result belongs to the turn it stands in: ids of older conversations come again in other turns."""
    turn: list[Said] = []
    for message in messages:
        if message.get("role") != "assistant":
            turn.append(message)
        elif (said := _sayable(message)) is not None:
            yield from _answered(turn)
            turn = [said]
    yield from _answered(turn)


def _sayable(message: Said) -> Said | None:
    """As providers take it: no blank text. None: nothing was said, and nothing called."""
    said = {key: value for key, value in message.items() if key != AS_TEXT}
    content = said.get("content")
    if content and not (isinstance(content, str) and not content.strip()):
        return said
    return {**said, "content": None} if said.get("tool_calls") else None


def _answered(turn: Sequence[Said]) -> Iterator[Said]:
    """Of calls with one id the first has the first result."""
    results = [message for message in turn if message.get("role") == "tool"]
    for message in turn:
        if message.get("role") == "tool":
            continue
        yield message
        for call in message.get("tool_calls") or ():
            found = next((n for n, result in enumerate(results) if result.get("tool_call_id") == call["id"]), None)
            yield _unknown(call) if found is None else results.pop(found)


def _unknown(call: dict[str, Any]) -> Said:
    missing = DELIVERED if call["function"]["name"] == "complete_task" else NOT_RECORDED
    return {"role": "tool", "tool_call_id": call["id"], "content": missing}
