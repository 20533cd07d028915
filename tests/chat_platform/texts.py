"""The cards of a thread as texts. Nothing in them changes unless the card does."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from threadwork.adapters.wording.notification_words import in_a_line
from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    FileCard,
    NoticeCard,
    QuestionCard,
    StatusCard,
)
from threadwork.workflows.events import PlanItem, Unit

BOXES = {"todo": "☐", "doing": "▶", "done": "☑"}
LEVELS = {"info": "", "warning": "⚠ ", "error": "✗ "}


def written(card: Card) -> str:
    """A card as Markdown, of any length."""
    return WRITERS[card.kind](card)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _status(card: StatusCard) -> str:
    return _lines(
        f"**{card.goal or 'A task'}**",
        f"{card.agent} · {card.model} · for {card.by.shown if card.by else 'nobody'}",
        f"{card.status.value}{f': {card.reason}' if card.reason else ''}",
        f"Iteration {card.iteration} of {card.max_iterations}",
        _spending(card),
        *(_item(item) for item in card.plan),
        f"Now: {card.doing}" if card.doing else "",
        *(f"> {line}" for line in card.log),
    )


def _spending(card: StatusCard) -> str:
    usd = f"{'at least ' if card.unpriced else ''}{_amount(card.usd, 'usd')}{_of(card.usd_limit, 'usd')}"
    return f"Spent: {usd}, {_amount(card.tokens, 'tokens')}{_of(card.tokens_limit, 'tokens')}"


def _item(item: PlanItem) -> str:
    return f"{BOXES[item.state]} {item.text}"


def _approval(card: ApprovalCard) -> str:
    return _lines(
        f"**Approval {card.approval_id}: {card.tool}** ({card.effect})",
        f"Why: {card.why}" if card.why else "",
        f"```json\n{_indented(card.arguments)}\n```",
        f"May decide: {', '.join(card.approvers)} ({card.quorum} needed), until {_clock(card.expires_at)}",
        _decision(card),
    )


def _decision(card: ApprovalCard) -> str:
    if card.state == "pending":
        names = ", ".join(person.shown for person in card.approved_by)
        return f"Approved so far by {names}." if names else "Approve or deny?"
    by = f" by {card.by.shown}" if card.by else ""
    outcome = f" → {card.outcome}" if card.outcome else ""
    return f"{card.state}{by}{f': {card.reason}' if card.reason else ''}{outcome}"


def _question(card: QuestionCard) -> str:
    options = (f"{number}. {option}" for number, option in enumerate(card.options, 1))
    closed = "This question is no longer open." if card.state == "superseded" else ""
    by = f"{card.by.shown}: " if card.by else ""
    return _lines(f"**{card.question}**", *options, closed, f"{by}{card.answer}" if card.answer else "")


def _budget(card: BudgetCard) -> str:
    by = f" by {card.by.shown}" if card.by else ""
    return f"Budget {card.state}{by}: {_amount(card.used, card.unit)}{_of(card.limit, card.unit)}"


def _answer(card: AnswerCard) -> str:
    return card.answer.strip() or "The task is done; it gave no answer."


def _file(card: FileCard) -> str:
    return f"{card.file.name} from {card.tool}"


def _notice(card: NoticeCard) -> str:
    return f"{LEVELS[card.level]}{card.text}"


def _indented(arguments: str) -> str:
    """JSON in lines; a preview that was cut is none and stays as it is."""
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments


def _amount(amount: float, unit: Unit) -> str:
    return f"${amount:.4f}" if unit == "usd" else f"{amount:,.0f} {unit}"


def _of(limit: float | None, unit: Unit) -> str:
    return "" if limit is None else f" of {_amount(limit, unit)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


WRITERS: dict[str, Callable[[Any], str]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
    "notice": _notice,
    "file": _file,
    "notification": in_a_line,
}
