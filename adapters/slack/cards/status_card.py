"""The head of a thread: where the task stands, its plan, what goes on right now, to be read on a phone at a glance.

What only some people want, such as tokens, the log and the model, is in the Details window; a verbose agent's card
has it too."""

from threadwork.adapters.chat.status_words import MAX_STATUS_GOAL, facts, has_reason, headline, tail
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
    when,
)
from threadwork.adapters.slack.cards.plan_block import plan_block
from threadwork.adapters.wording.card_words import children, excerpt, one_line, state, took
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.values import Status

REASON = 400  # characters
LOG_LINE = 120  # characters
DOING = 300  # characters of what goes on right now, such as what is waited for and until when
MAX_NAME = 100  # characters of a person's name


def status(task_id: str, card: StatusCard, link: str) -> list[Block]:
    return [
        *([] if card.goal_above else [rich(section(bold(headline(card.goal))))]),
        rich(section(*standing(card)), *([quote(excerpt(card.reason, REASON))] if has_reason(card) else [])),
        *([plan_block(card.plan, failed=card.status is Status.FAILED)] if card.plan else []),
        *context("\n".join(children(card))),
        *_doing(card),
        *(_more(card, link) if card.verbosity == "verbose" else []),
        *actions(buttons(task_id, card)),
    ]


def _more(card: StatusCard, link: str) -> list[Block]:
    return [*context(log(card)), *context(made_by(card), link=(link, "Open in Temporal"))]


def standing(card: StatusCard) -> list[Inline]:
    """State, who asked and when; then how far it is, for how much, and how long it took."""
    sign, words = state(card)
    told = [f"\n{facts(card)}{_took(card)}"] if card.started_at or card.iteration else []
    return [f"{sign} ", bold(words), *_asked(card), *told]


def _asked(card: StatusCard) -> list[Inline]:
    """A running task's age is counted by the reader's own Slack: it is right without an edit a minute."""
    began = f" · asked by {one_line(excerpt(card.by.shown, MAX_NAME))}" if card.by else " · started"
    if card.started_at and not card.ended_at:
        return [f"{began} ", when(card.started_at, "ago")]
    return [began] if card.by else []


def _took(card: StatusCard) -> str:
    return f" · {took(card.ended_at - card.started_at)}" if card.started_at and card.ended_at else ""


def made_by(card: StatusCard) -> str:
    """Agent and model."""
    return one_line(excerpt(" · ".join(filter(None, (card.agent, card.model))), MAX_STATUS_GOAL))


def log(card: StatusCard) -> str:
    """The newest activities, a line each."""
    return "\n".join(one_line(excerpt(line, LOG_LINE)) for line in card.log)


def _doing(card: StatusCard) -> list[Block]:
    """What it does right now, and the end of what it is writing."""
    if card.status is not Status.RUNNING:
        return []
    doing = one_line(excerpt(card.doing, DOING))
    live = tail(card.live)
    if not doing and not live:
        return []
    return [rich(section(italic(f"{doing or 'Writing'} …")), *([quote(live)] if live else []))]
