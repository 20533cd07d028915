"""The head of a thread: goal, state, spending, plan and what goes on, to be read on a phone at a glance."""

from threadwork.adapters.chat.status_words import MAX_GOAL, PLAN, checklist, has_reason, headline, tail
from threadwork.adapters.slack.cards.blocks import (
    Block,
    Inline,
    actions,
    bold,
    context,
    italic,
    quote,
    rich,
    section,
    struck,
    when,
)
from threadwork.adapters.wording.card_words import PLAN_SIGNS, children, excerpt, one_line, spending, state, took
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.events import PlanItem
from threadwork.workflows.values import Status

REASON = 400  # characters
LOG_LINE = 120  # characters
DOING = 300  # characters of what goes on right now, such as what is waited for and until when
ITEM = 150  # characters


def status(task_id: str, card: StatusCard, link: str) -> list[Block]:
    return [
        rich(section(bold(headline(card.goal)))),
        rich(section(*facts(card)), *([quote(excerpt(card.reason, REASON))] if has_reason(card) else [])),
        *([rich(section(*plan(card.plan)))] if card.plan else []),
        *context("\n".join(children(card))),
        *_doing(card),
        *context("\n".join(one_line(excerpt(line, LOG_LINE)) for line in card.log)),
        *context(who(card), link=(link, "Open in Temporal")),
        *actions(buttons(task_id, card)),
    ]


def spoken(card: StatusCard) -> str:
    """The state for a notification: `🟢 Working: the goal`."""
    sign, words = state(card)
    return f"{sign} {words}: {headline(card.goal)}"


def who(card: StatusCard) -> str:
    asked = f"asked by {card.by.shown}" if card.by else ""
    return one_line(excerpt(" · ".join(filter(None, (card.agent, card.model, asked))), MAX_GOAL))


def facts(card: StatusCard) -> list[Inline]:
    """State and iteration, money, time: a line each."""
    sign, words = state(card)
    iteration = f" · iteration {card.iteration} of {card.max_iterations}" if card.iteration else ""
    return [f"{sign} ", bold(words), iteration, "\n", spending(card), *_time(card)]


def plan(items: tuple[PlanItem, ...], most: int = PLAN) -> list[Inline]:
    """A checklist of at most so many items, around what is being done; the others are counted."""
    made = checklist(items, most)
    above: list[list[Inline]] = [[made.above]] if made.above else []
    below: list[list[Inline]] = [[made.below]] if made.below else []
    return _joined([*above, *map(_item, made.items), *below])


def _time(card: StatusCard) -> list[Inline]:
    if not card.started_at:
        return []
    if card.ended_at:
        return ["\nEnded ", when(card.ended_at), f", took {took(card.ended_at - card.started_at)}"]
    return ["\nStarted ", when(card.started_at)]


def _item(item: PlanItem) -> list[Inline]:
    text = one_line(excerpt(item.text, ITEM)) or "…"
    shown = {"done": struck, "doing": bold}.get(item.state)
    return [f"{PLAN_SIGNS[item.state]} ", shown(text) if shown else text]


def _joined(lines: list[list[Inline]]) -> list[Inline]:
    return [part for number, line in enumerate(lines) for part in (["\n"] if number else []) + line]


def _doing(card: StatusCard) -> list[Block]:
    """What it does right now, and the end of what it is writing."""
    if card.status is not Status.RUNNING:
        return []
    doing = one_line(excerpt(card.doing, DOING))
    live = tail(card.live)
    if not doing and not live:
        return []
    return [rich(section(italic(f"{doing or 'Writing'} …")), *([quote(live)] if live else []))]
