"""What of a status card is shown on a phone: the head of its goal, the middle of its plan, the end of what is being
written."""

from collections.abc import Sequence
from typing import NamedTuple

from threadwork.adapters.wording.card_words import clean, excerpt, one_line, spending, spent, state, step
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.values import Status

MAX_TITLE = 80  # characters of a task's name in a list of the platform's own
MAX_STATUS_GOAL, GOAL_LINES = 500, 6  # characters and lines of its first paragraph; Details shows the whole
LIVE = 300  # characters: the end of what the model is writing
PLAN = 10  # items around what is being done; Details shows the whole plan
BEFORE = 3  # items that are done and still shown above
TOLD = (Status.PAUSED, Status.FAILED, Status.CANCELLED)  # whose `reason` is a person's or an error's own words


def headline(goal: str) -> str:
    """Its first paragraph: what follows is mostly files and earlier messages, and Details shows the whole."""
    first, _, rest = clean(goal).strip().partition("\n\n")
    shown = excerpt(first, MAX_STATUS_GOAL, GOAL_LINES)
    return f"{shown} …" if rest.strip() and not shown.endswith("…") else shown or "…"


def title(card: StatusCard) -> str:
    return one_line(excerpt(headline(card.goal), MAX_TITLE))


class Checklist(NamedTuple):
    """Part of a plan. What is left out is counted; empty where nothing is."""

    above: str
    items: Sequence[PlanItem]
    below: str


def checklist(items: Sequence[PlanItem], most: int = PLAN) -> Checklist:
    """At most so many items, around what is being done."""
    at = next((number for number, item in enumerate(items) if item.state != "done"), len(items))
    first = max(0, min(at - BEFORE, len(items) - most))
    last = min(len(items), first + most)
    above = f"✓ {first} more before" if first else ""
    below = f"… {len(items) - last} more to come" if last < len(items) else ""
    return Checklist(above, items[first:last], below)


def facts(card: StatusCard) -> str:
    """`step 3 of 50 · $0.12 of $1.00`; all that was counted, on two lines, where the agent is verbose."""
    done = step(card.iteration, card.max_iterations)
    if card.verbosity == "verbose":
        return "\n".join(filter(None, (done, spending(card))))
    return " · ".join(filter(None, (done, spent(card))))


def summary(card: StatusCard) -> str:
    """The state in a line, for notifications: `🟢 Working · step 3 of 50 · $0.12 of $1.00: the goal`."""
    sign, words = state(card)
    told = f"{sign} {words} · {facts(card)}" if card.iteration else f"{sign} {words}"
    return told if card.goal_above else f"{told}: {headline(card.goal)}"


def has_reason(card: StatusCard) -> bool:
    return card.status in TOLD and bool(card.reason.strip())


def tail(text: str) -> str:
    """The last characters of a text, from the beginning of a word on."""
    shown = one_line(text[-LIVE:])
    return shown if len(text) <= LIVE else "…" + shown.partition(" ")[2][: LIVE - 1] if " " in shown else shown[1:]
