"""What the end of an answer means: a refusal, an output limit, nothing at all, an announcement."""

from threadwork.workflows.agents import RunConfig
from threadwork.workflows.announcements import announces
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.models import Delta
from threadwork.workflows.values import preview

MAX_WORDS = 200  # characters of a model's own words beside a refusal
DIFFERENTLY = "Word the task differently, or choose another model."
NOT_BEGUN = ("", "{}")  # of arguments: LiteLLM makes the one of the other
CUT_ARGUMENTS = (
    "Not run: the output limit of {cap:,} tokens was reached in the middle of the arguments of {name}. Make the call "
    "again with less in it, or in several smaller calls."
)


def refusal(model: str, said: str, last: Delta) -> str:
    """Why there is no answer, for people; empty: there is one. A filter's half sentence is not repeated."""
    if last.finish == "refusal":
        words = preview(" ".join(said.split()), MAX_WORDS)
        return f"{model} refused to answer{f': “{words}”' if words else '.'} {DIFFERENTLY}"
    if last.finish == "content_filter":
        return f"{model} gave no answer: it refused, or the content filter of its provider stopped it. {DIFFERENTLY}"
    return ""


def is_announced(said: str, last: Delta, config: RunConfig) -> bool:
    return bool(config.tools) and not last.calls and last.finish != "length" and announces(said)


def uncut(proposed: tuple[ProposedCall, ...], last: Delta, output_cap: int) -> tuple[ProposedCall, ...]:
    """The calls, the last one with the right reason where its arguments end at the output limit."""
    if last.finish != "length" or not proposed:
        return proposed
    *whole, end = proposed
    if (end.digest or not end.problem) and last.calls[-1].arguments.strip() not in NOT_BEGUN:
        return proposed
    problem = CUT_ARGUMENTS.format(cap=output_cap, name=end.name)
    return (*whole, end.model_copy(update={"problem": problem, "tool": None, "builtin": None}))
