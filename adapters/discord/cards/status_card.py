"""The head of a thread: goal, state, spending, plan and what goes on, to be read on a phone at a glance."""

from collections.abc import Iterator

from discord.utils import format_dt

from threadwork.adapters.chat.status_words import MAX_GOAL, PLAN, checklist, has_reason, headline, tail
from threadwork.adapters.discord.cards.embeds import FIELD, Tone, embed
from threadwork.adapters.discord.cards.text import bold, escaped, fitted, link, quote, struck
from threadwork.adapters.wording.card_words import PLAN_SIGNS, children, excerpt, one_line, spending, state, took
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.events import PlanItem
from threadwork.workflows.values import Status, Termination

REASON, REASON_LINES = 400, 10  # characters and lines
LOG_LINE = 90  # characters
DOING = 300  # characters of what goes on right now, such as what is waited for and until when
ITEM = 90  # characters
MAX_NAME = 100  # characters
TONES: dict[Status, Tone] = {
    Status.QUEUED: "quiet",
    Status.RUNNING: "busy",
    Status.PAUSED: "warning",
    Status.WAITING_APPROVAL: "ask",
    Status.WAITING_ANSWER: "ask",
    Status.WAITING_BUDGET: "ask",
    Status.COMPLETED: "good",
    Status.FAILED: "bad",
    Status.CANCELLED: "quiet",
}


def status(card: StatusCard, url: str) -> dict[str, object]:
    """Its embed. The first line of the description is the goal: the thread is named after it."""
    fields = (
        ("Plan", plan(card.plan)),
        ("Now", _now(card)),
        ("Delegated tasks", _children(card)),
        ("Latest", _latest(card)),
    )
    made = embed(_facts(card, url), _tone(card), fields, " · ".join(filter(None, (card.agent, card.model)))[:MAX_GOAL])
    return made | ({"author": _author(card)} if card.by else {})


def plan(items: tuple[PlanItem, ...], most: int = PLAN) -> str:
    """A checklist of at most so many items, around what is being done; the others are counted."""
    made = checklist(items, most)
    return fitted(filter(None, (made.above, *map(_item, made.items), made.below)), FIELD)


def _facts(card: StatusCard, url: str) -> Iterator[str]:
    """Goal, state and iteration, money, time and why: a line each."""
    sign, words = state(card)
    yield bold(headline(card.goal))
    yield f"{sign} **{words}**" + (f" · iteration {card.iteration} of {card.max_iterations}" if card.iteration else "")
    yield escaped(spending(card))
    if line := " · ".join(filter(None, (_time(card), link(url, "Open in Temporal")))):
        yield line
    if has_reason(card):
        yield quote(excerpt(card.reason, REASON, REASON_LINES))


def _tone(card: StatusCard) -> Tone:
    short = card.status is Status.COMPLETED and card.reason not in ("", Termination.GOAL_ACHIEVED)
    return "warning" if short else TONES[card.status]


def _time(card: StatusCard) -> str:
    if not card.started_at:
        return ""
    if card.ended_at:
        return f"Ended {format_dt(card.ended_at, 'R')}, took {took(card.ended_at - card.started_at)}"
    return f"Started {format_dt(card.started_at, 'R')}"


def _author(card: StatusCard) -> dict[str, str]:
    """Who asked. The address names a person of Discord, who is then added to the thread."""
    assert card.by
    name = {"name": f"Asked by {one_line(excerpt(card.by.shown, MAX_NAME)) or 'somebody'}"}
    ours = card.by.platform == "discord" and card.by.user_id.isdigit()
    return name | ({"url": f"https://discord.com/users/{card.by.user_id}"} if ours else {})


def _item(item: PlanItem) -> str:
    text = one_line(excerpt(item.text, ITEM)) or "…"
    shown = {"done": struck, "doing": bold}.get(item.state, escaped)
    return f"{PLAN_SIGNS[item.state]} {shown(text)}"


def _now(card: StatusCard) -> str:
    """What it does right now, and the end of what it is writing."""
    if card.status is not Status.RUNNING:
        return ""
    doing, live = one_line(excerpt(card.doing, DOING)), tail(card.live)
    if not doing and not live:
        return ""
    return "\n".join((f"{escaped(doing or 'Writing')} …", *([quote(live)] if live else [])))


def _children(card: StatusCard) -> str:
    return fitted(map(escaped, children(card)), FIELD)


def _latest(card: StatusCard) -> str:
    lines = (one_line(excerpt(line, LOG_LINE)) for line in card.log)
    return fitted((escaped(line) for line in lines if line), FIELD)
