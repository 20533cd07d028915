"""How a model's window is shared between what a call shows. All in tokens."""

from typing import NamedTuple

from threadwork.workflows.compaction_due import COMPACT_AT
from threadwork.workflows.models import ModelFacts

MIN_ANSWER_TOKENS = 256  # tokens that an answer may have, however full the window


class Shares(NamedTuple):
    """How many tokens of a model's window each part of a conversation may fill."""

    recent: int  # newest turns that stay whole
    record: int  # what is kept word for word
    summary: int


def window_of(facts: ModelFacts, assumed: int) -> int:
    """Tokens. `assumed`: what the model was found to take; 0: it has refused nothing."""
    return min(assumed or facts.context_window, facts.context_window)


def shares(window: int, fixed: int) -> Shares:
    """In tokens. `fixed`: what every call has, such as the system prompt. The rest is for the turns to come."""
    free = max(int(COMPACT_AT * window) - fixed, window // 4)
    return Shares(recent=free * 2 // 5, record=free // 4, summary=free // 5)


def output_room(window: int, prompt: int) -> int:
    """Tokens that are left for the answer, a tenth of the prompt allowed for a wrong estimate."""
    return max(window - prompt - prompt // 10, min(MIN_ANSWER_TOKENS, window // 8))


def prompt_room(window: int, output: int) -> int:
    """Tokens a prompt may have at most, so that there is an answer."""
    return window - min(output, window // 5)


def found(window: int, refused: int, times: int) -> int:
    """Tokens a model is taken to take that refused so many, when it was thought to take `window`."""
    less = min(window, refused)
    return max(MIN_ANSWER_TOKENS, less // 2 if times else less * 3 // 4)
