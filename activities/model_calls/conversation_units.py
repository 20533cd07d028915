"""A conversation in parts that are never taken apart: a call stays with its results."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from threadwork.activities.model_calls.file_weights import planned
from threadwork.workflows.calls import Message

BYTES = 3  # of a token, for planning: fewer than there are in English, as many as in other scripts and in logs
EACH = 4  # tokens around a message


@dataclass
class Unit:
    """One message, or an answer of the model with the results of its calls."""

    messages: list[Message] = field(default_factory=list)

    @property
    def position(self) -> int:
        """The place of its first message in the conversation."""
        return self.messages[0].position or 0

    @property
    def spoken(self) -> bool:
        """By the model."""
        return self.messages[0].kind == "assistant"

    @property
    def tokens(self) -> int:
        """Estimated for all its messages, rather too many than too few."""
        return sum(tokens(_written(message.body)) + planned(message.body) + EACH for message in self.messages)


def tokens(text: str) -> int:
    """An estimate in tokens, rather too many than too few."""
    return -(-len(text.encode(errors="replace")) // BYTES)


def units(conversation: Iterable[Message]) -> list[Unit]:
    """In order; the goal, which always stays, is none of them."""
    found: list[Unit] = []
    answer: Unit | None = None
    for message in conversation:
        if message.kind == "goal":
            continue
        if message.kind == "tool":
            if answer is not None:
                answer.messages.append(message)
            continue
        found.append(Unit([message]))
        answer = found[-1] if found[-1].spoken else answer
    return found


def older(turns: Sequence[Unit], room: int) -> list[Unit]:
    """Those before the newest, of which as many stay as `room` tokens hold; the last turn always does."""
    last = max((number for number, unit in enumerate(turns) if unit.spoken), default=len(turns) - 1)
    sizes = accumulate(unit.tokens for unit in reversed(turns))
    fitting = sum(size <= room for size in sizes)
    return list(turns[: max(0, min(last, len(turns) - fitting))])


def _written(body: dict[str, Any]) -> str:
    calls = body.get("tool_calls")
    return f"{body.get('content') or ''}{json.dumps(calls) if calls else ''}"
