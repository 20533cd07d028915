"""What a notification says, the same on every surface: plain text, made safe by whoever shows it."""

from collections.abc import Callable
from typing import Any, Literal

from threadwork.adapters.wording.budget_words import exceeded
from threadwork.adapters.wording.card_words import END_WORDS, amount, excerpt, one_line, who_asks
from threadwork.adapters.wording.plain_words import plain
from threadwork.workflows.cards import BudgetCard, Context, End, NotificationCard, QuestionCard
from threadwork.workflows.values import Status, Termination, Value

TEXT, LINES = 300, 6  # characters and lines of what happened
MAX_NAME = 100  # characters of a name
MAX_NOTICE_GOAL = 150  # characters of a goal


class Words(Value):
    """A notification's words, before a platform's markup."""

    sign: str
    headline: str  # what happened, in a few words
    text: str = ""  # more of it, in words of people and models
    outcome: str = ""  # what has become of it since
    tone: Literal["quiet", "good", "ask", "warning", "bad"] = "quiet"


def notification(card: NotificationCard) -> Words:
    return WORDS_BY_KIND[card.about.kind](card.about)


def task_line(context: Context) -> str:
    """Whose task it is: agent, person, id."""
    by = f" · for {_short(context.by.shown)}" if context.by else ""
    return f"{_short(context.agent)}{by} · {context.task_id}"


def goal_line(context: Context) -> str:
    return f"“{one_line(excerpt(context.goal, MAX_NOTICE_GOAL)) or 'a task'}”"


def in_a_line(card: NotificationCard) -> str:
    said = notification(card)
    more = f" → {said.outcome}" if said.outcome else ""
    return f"{said.sign} {said.headline}: {goal_line(card.context)} {one_line(said.text)}{more}"


def _question(card: QuestionCard) -> Words:
    text = _written("A tool server asks a question: see the thread." if card.server else card.question)
    if card.state == "open":
        return Words(sign="❓", headline=who_asks(card), text=text, tone="ask")
    if card.state == "superseded":
        return Words(sign="⊘", headline="The agent asked", text=text, outcome="No longer open.")
    by = f" ({_short(card.by.shown)})" if card.by else ""
    said = one_line(excerpt(card.answer, TEXT))
    return Words(sign="✓", headline="The agent asked", text=text, outcome=f"{said}{by}", tone="good")


def _budget(card: BudgetCard) -> Words:
    if card.state == "exceeded":
        return Words(sign="🔴", headline="Waiting for more budget", text=exceeded(card), tone="bad")
    if card.state == "closed":
        stayed = f"The budget stayed at {amount(card.limit, card.unit)}."
        return Words(sign="⊘", headline="Waited for more budget", outcome=stayed)
    by = f", raised by {_short(card.by.shown)}" if card.by else ""
    raised = f"The budget is {amount(card.limit, card.unit)} now{by}."
    return Words(sign="✓", headline="Waited for more budget", outcome=raised, tone="good")


def _end(end: End) -> Words:
    words = ENDINGS[end.status](end)
    said = _written(end.text) if end.status is Status.COMPLETED else excerpt(end.text, TEXT, LINES)
    text = " ".join(filter(None, (f"By {_short(end.by.shown)}." if end.by else "", said)))
    return words.model_copy(update={"text": text, "outcome": "It resumed after that." if end.went_on else ""})


def _completed(end: End) -> Words:
    if end.reason is Termination.GOAL_ACHIEVED:
        return Words(sign="✅", headline="Done", tone="good")
    return Words(sign="🟠", headline=END_WORDS.get(end.reason, "Ended"), tone="warning")


def _written(text: str) -> str:
    """What a model wrote, in Markdown."""
    return excerpt(plain(text[: TEXT * 4]), TEXT, LINES)


def _short(name: str) -> str:
    return one_line(excerpt(name, MAX_NAME))


ENDINGS: dict[Status, Callable[[End], Words]] = {
    Status.COMPLETED: _completed,
    Status.FAILED: lambda end: Words(sign="🔴", headline="Failed", tone="bad"),
    Status.CANCELLED: lambda end: Words(sign="⚫", headline="Stopped"),
}
WORDS_BY_KIND: dict[str, Callable[[Any], Words]] = {"question": _question, "budget": _budget, "end": _end}
