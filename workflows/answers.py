"""Answers that lead nowhere: counted, and what the model is told of them."""

from threadwork.workflows.messages import LLMResult
from threadwork.workflows.state import RunState

NUDGE = (
    "You said what you are about to do, but made no call. Call a tool to do it, or complete_task with your answer if "
    "that was all."
)


def count(state: RunState, result: LLMResult) -> None:
    """Answers in a row that led nowhere. One that was cut says why it is empty."""
    cut = result.cut and result.finish is not None
    usable = any(not call.problem for call in result.calls)
    state.cut_answers = state.cut_answers + 1 if cut and not usable else 0
    state.idle_answers = 0 if result.text or result.calls or cut else state.idle_answers + 1


def cut_off(result: LLMResult) -> str:
    """What the model is told of an answer that ended at the output limit."""
    limit = f"Your output limit of {result.output_cap:,} tokens was reached"
    if result.calls:
        return f"{limit}, so your last turn may not be all that you meant to say. Make smaller calls, one at a time."
    if not result.text:
        return f"{limit} before you said anything: all of it went into thinking. Think less, and take a smaller step."
    return f"{limit} in the middle of your answer, which was not delivered. Give it again, whole and shorter."
