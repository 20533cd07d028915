"""The cards of a thread as plain lines, for pipes and log files."""

from collections.abc import Callable, Mapping
from typing import Any

from threadwork.adapters.terminal.cards import clock
from threadwork.adapters.wording.argument_words import arguments, arguments_in_a_line
from threadwork.adapters.wording.budget_words import exceeded, raised, stayed, used
from threadwork.adapters.wording.card_words import clean, playing, who_asks
from threadwork.adapters.wording.decision_words import DECISIONS, EFFECTS, PRIVATE, tool_name, written_since
from threadwork.adapters.wording.notification_words import in_a_line
from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    FileCard,
    NoticeCard,
    NotificationCard,
    QuestionCard,
    StatusCard,
)
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.values import preview

LINE = 300  # characters of arguments on one line
BOXES = {"todo": "[ ]", "doing": "[>]", "done": "[x]"}


def plain(card: Card, texts: Mapping[str, str]) -> str:
    """A card as it is now, without colours or boxes. `texts`: whole texts by reference."""
    return clean(WRITERS[card.kind](card, texts))


def plain_plan(items: tuple[PlanItem, ...]) -> str:
    """The plan on one line."""
    return clean("Plan: " + "  ".join(f"{BOXES[item.state]} {item.text}" for item in items))


def plain_arguments(text: str) -> str:
    """The arguments of a tool call on one line: `name="a.md" text="…"`."""
    return preview(arguments_in_a_line(text), LINE)


def _status(card: StatusCard, texts: Mapping[str, str]) -> str:
    return f"Goal: {texts.get(card.goal_ref or '', card.goal)} ({card.agent}, {card.model}{playing(card.model)})"


def _approval(card: ApprovalCard, texts: Mapping[str, str]) -> str:
    if card.state != "pending":
        by = f" by {card.by.shown}" if card.by else ""
        return f"Approval {card.approval_id}: {DECISIONS[card.state][1]}{by}{f': {card.reason}' if card.reason else ''}"
    whole = arguments(texts.get(card.arguments_ref, card.arguments))
    shown = PRIVATE if card.private and not whole else whole.replace("\n", "\n    ")
    why = f"\n  Why: {card.why}" if card.why else ""
    since = f"\n  {written_since(card.since)}" if card.since else ""
    until = f", until {clock(card.expires_at)}" if card.expires else ""
    return (
        f"Approval {card.approval_id} is needed for {tool_name(card)}{until}. "
        f"{EFFECTS[card.effect]}{why}{since}\n  With: {shown}"
    )


def _question(card: QuestionCard, texts: Mapping[str, str]) -> str:
    if card.state == "open":
        options = "".join(f"\n  {n}. {option}" for n, option in enumerate(card.options, 1))
        asks = f" ({who_asks(card)})" if card.server else ""
        return f"Question {card.question_id}{asks}: {card.question}{options}"
    return f"Answered: {card.answer}" if card.state == "answered" else "The question is no longer open."


def _budget(card: BudgetCard, texts: Mapping[str, str]) -> str:
    said = {"warning": used, "exceeded": exceeded, "increased": raised, "closed": stayed}[card.state](card)
    since = f" {written_since(card.since)}" if card.since and card.state == "exceeded" else ""
    return f"Budget: {said}{since}"


def _answer(card: AnswerCard, texts: Mapping[str, str]) -> str:
    return f"\n{texts.get(card.answer_ref or '', card.answer)}\n"


def _notice(card: NoticeCard, texts: Mapping[str, str]) -> str:
    return card.text if card.level == "info" else f"{card.level.capitalize()}: {card.text}"


def _file(card: FileCard, texts: Mapping[str, str]) -> str:
    file = card.file
    return f"File: {file.name} from {card.tool}" + "".join(f" ({said})" for said in (file.why, file.link) if said)


def _notification(card: NotificationCard, texts: Mapping[str, str]) -> str:
    return in_a_line(card)


WRITERS: dict[str, Callable[[Any, Mapping[str, str]], str]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
    "notice": _notice,
    "file": _file,
    "notification": _notification,
}
