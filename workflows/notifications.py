"""What a subscribed channel is shown of a task: a pure projection of its thread."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from threadwork.workflows.cards import (
    ApprovalCard,
    BudgetCard,
    Card,
    Context,
    End,
    NotificationCard,
    QuestionCard,
    ThreadView,
)
from threadwork.workflows.subscriptions import Kind
from threadwork.workflows.values import Status, Termination

About = ApprovalCard | QuestionCard | BudgetCard | End


def notified(view: ThreadView, kinds: Collection[str], told: Collection[str], context: Context) -> tuple[Card, ...]:
    """The cards of the channel, each at channel level, in the order of what happened.

    `told`: keys of cards that stand there already. They stay and are kept true, whatever the channel is told of now.
    What was settled before it was ever told is not told any more: a channel learns what stands, not the past."""
    return tuple(_card(about, context) for about in _matters(view) if about.key in told or _is_news(about, kinds))


def _matters(view: ThreadView) -> Iterator[About]:
    yield from (card for card in view.cards if isinstance(card, ApprovalCard | QuestionCard | BudgetCard))
    yield from view.ends


def _is_news(about: About, kinds: Collection[str]) -> bool:
    wanted = {KINDS[about.kind](about), "everything"}
    if isinstance(about, ApprovalCard) and about.escalated_at:
        wanted.add("escalated")
    return not wanted.isdisjoint(kinds) and OPEN[about.kind](about)


def _card(about: About, context: Context) -> Card:
    """An approval is decided right there, so it is the card itself."""
    if isinstance(about, ApprovalCard):
        return about.model_copy(update={"context": context})
    return NotificationCard(key=about.key, about=about, context=context)


def _kind_of_end(end: End) -> Kind:
    if end.status is Status.CANCELLED:
        return "stopped"
    return "completed" if end.reason is Termination.GOAL_ACHIEVED else "failed"


KINDS: dict[str, Callable[[Any], Kind]] = {
    "approval": lambda card: "approval",
    "question": lambda card: "question",
    "budget": lambda card: "budget",
    "end": _kind_of_end,
}
OPEN: dict[str, Callable[[Any], bool]] = {  # it still stands as it was told
    "approval": lambda card: card.state == "pending",
    "question": lambda card: card.state == "open",
    "budget": lambda card: card.state == "exceeded",  # a warning needs nobody
    "end": lambda end: not end.went_on,
}
