"""The head of a thread: where the task stands, its plan, what goes on right now, to be read on a phone at a glance.

It is one text in one embed. What only some people want, such as tokens, the log and the model, is in what Details
answers; a verbose agent's card has it too."""

from collections.abc import Iterator

from discord.utils import format_dt

from threadwork.adapters.chat.status_words import MAX_STATUS_GOAL, PLAN, checklist, facts, has_reason, headline, tail
from threadwork.adapters.discord.cards.embeds import FIELD, Tone, embed
from threadwork.adapters.discord.cards.text import bold, escaped, fitted, link, quote, struck
from threadwork.adapters.wording.card_words import PLAN_SIGNS, children, excerpt, one_line, state, took
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.run_events import PlanItem
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
    """Its embed. Where the goal is on it, that is its first line: the thread is named after it."""
    verbose = card.verbosity == "verbose"
    made = embed(
        _lines(card, url if verbose else ""),
        _tone(card),
        (("Latest", _latest(card)),) if verbose else (),
        " · ".join(filter(None, (card.agent, card.model)))[:MAX_STATUS_GOAL] if verbose else "",
    )
    return made | ({"author": _author(card)} if card.by else {})


def plan(items: tuple[PlanItem, ...], most: int = PLAN) -> str:
    """A checklist of at most so many items, around what is being done; the others are counted."""
    made = checklist(items, most)
    return fitted(filter(None, (made.above, *map(_item, made.items), made.below)), FIELD)


def _lines(card: StatusCard, url: str) -> Iterator[str]:
    """Each with whole markup, so that what does not fit is left out from the end."""
    sign, words = state(card)
    if not card.goal_above:
        yield bold(headline(card.goal))
    yield f"{sign} **{words}**{_since(card)}"
    if card.started_at or card.iteration:
        yield " · ".join(filter(None, (escaped(facts(card)), _took(card), link(url, "Open in Temporal"))))
    if has_reason(card):
        yield quote(excerpt(card.reason, REASON, REASON_LINES))
    for block in filter(None, (plan(card.plan), _children(card), _now(card))):
        yield f"\n{block}"


def _tone(card: StatusCard) -> Tone:
    short = card.status is Status.COMPLETED and card.reason not in ("", Termination.GOAL_ACHIEVED)
    return "warning" if short else TONES[card.status]


def _since(card: StatusCard) -> str:
    """A running task's age is counted by the reader's own Discord: it is right without an edit a minute."""
    return f" · started {format_dt(card.started_at, 'R')}" if card.started_at and not card.ended_at else ""


def _took(card: StatusCard) -> str:
    return took(card.ended_at - card.started_at) if card.started_at and card.ended_at else ""


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
    return "\n".join((f"*{escaped(doing or 'Writing')} …*", *([quote(live)] if live else [])))


def _children(card: StatusCard) -> str:
    return fitted(map(escaped, children(card)), FIELD)


def _latest(card: StatusCard) -> str:
    lines = (one_line(excerpt(line, LOG_LINE)) for line in card.log)
    return fitted((escaped(line) for line in lines if line), FIELD)
