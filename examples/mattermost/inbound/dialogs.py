"""Dialogs behind buttons.

A dialog goes through the person's own program, which sends back what it likes: the server puts nothing right but
`user_id` (`submitDialog`, server/channels/api4/integration_action.go). So what a dialog is about is signed, for dialogs
alone, with the person and the channel in it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from threadwork.adapters.chat.edited_arguments import readable, whole
from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import excerpt
from threadwork.adapters.wording.decision_words import EFFECTS
from threadwork.workflows.buttons import SEEN, Click
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Value

GIVEN = "given"  # the one input of a dialog
MAX_TEXT = 3_000  # bytes of an input; server/public/model/integration_action.go
MAX_INTRODUCTION = 2_000  # characters

Asked = ApprovalCard | QuestionCard | BudgetCard | None
Dialog = dict[str, Any]


class Opened(Value):
    """What a dialog was opened for."""

    press: str  # the click, encoded
    user_id: str
    channel: str
    key: str  # of what was pressed: a dialog counts once


def packed(opened: Opened, secret: str) -> str:
    text = opened.model_dump_json()
    return json.dumps({"opened": text, "signature": _signature(secret, text)})


def unpacked(state: object, user_id: object, secret: str) -> Opened:
    """Raises `Rejected` unless we opened the dialog, for that person."""
    try:
        given = json.loads(str(state))
        text, signature = str(given["opened"]), str(given["signature"])
    except (ValueError, LookupError, TypeError):
        raise Rejected(NOT_OURS) from None
    if not hmac.compare_digest(_signature(secret, text).encode(), signature.encode()):
        raise Rejected(NOT_OURS)
    opened = Opened.model_validate_json(text)
    if opened.user_id != user_id:
        raise Rejected(NOT_OURS)
    return opened


NOT_OURS = "This dialog was not opened by Threadwork, or not for you."


def _signature(secret: str, text: str) -> str:
    """No button's: those sign `{channel}|{press}`, and no channel's id has a line break."""
    return hmac.new(secret.encode(), f"dialog\n{text}".encode(), hashlib.sha256).hexdigest()


# --- what they ask -----------------------------------------------------------------------------------------


def form(click: Click, card: Asked) -> Dialog:
    """`card`: what is decided, with whole texts; what an amount is added to needs none. Raises `Rejected`."""
    title, make = FORMS[click.verb]
    introduction, element = make(card)
    if not element:
        return _dialog(title, introduction, [])
    bounds = {} if element["type"] == "select" else {"min_length": 0, "max_length": MAX_TEXT}
    return _dialog(title, introduction, [{"name": GIVEN, **bounds, **element}])


def confirmation(asked: str) -> Dialog:
    return _dialog("Are you sure?", asked, [])


def given(click: Click, submission: object) -> str:
    """What the dialog held: reason, answer or amount as typed, arguments as JSON. Raises `Rejected`."""
    typed = submission.get(GIVEN) if isinstance(submission, dict) and click.verb in FORMS else ""
    text = str(typed or "").strip()
    if click.verb == "look":
        return SEEN
    if click.verb != "edit":
        return text
    try:
        return whole(text)
    except ValueError as error:
        raise Rejected(str(error)) from None


def _dialog(title: str, introduction: str, elements: list[Dialog]) -> Dialog:
    text = excerpt(introduction, MAX_INTRODUCTION) if introduction else ""
    return {"callback_id": "threadwork", "title": title, "introduction_text": text, "elements": elements}


def _deny(card: Asked) -> tuple[str, Dialog]:
    about = f"`{card.tool}` {EFFECTS[card.effect]}".strip() if isinstance(card, ApprovalCard) else ""
    return about, {"display_name": "Why not?", "type": "textarea"}


def _edit(card: Asked) -> tuple[str, Dialog]:
    text = readable(card.arguments, MAX_TEXT) if isinstance(card, ApprovalCard) else ""
    if len(text.encode()) > MAX_TEXT:
        raise Rejected(
            "These arguments are too long to be edited here.", "Deny with a reason that says what to change."
        )
    return "", {"display_name": "Arguments", "type": "textarea", "default": text, "help_text": "JSON"}


def _look(card: Asked) -> tuple[str, Dialog]:
    """Arguments that stand nowhere else; to submit is to allow."""
    text = arguments(card.arguments) if isinstance(card, ApprovalCard) else ""
    if len(text) > MAX_INTRODUCTION - 100:
        raise Rejected("These arguments are too long to be shown here.", "Deny the call, or decide at a terminal.")
    return f"```\n{text}\n```", {}


def _answer(card: Asked) -> tuple[str, Dialog]:
    question = card.question if isinstance(card, QuestionCard) else ""
    return question, {"display_name": "Your answer", "type": "textarea"}


def _amount(card: Asked) -> tuple[str, Dialog]:
    hint = "Dollars; for a limit of tokens, tokens."
    return "", {"display_name": "How much to add", "type": "text", "max_length": 20, "help_text": hint}


def _always(card: Asked) -> tuple[str, Dialog]:
    """Whose tasks and how long, in one list: a dialog of these has one input."""
    scopes = grant_words.scopes(card) if isinstance(card, ApprovalCard) else []
    options = [
        {"text": f"{whose}, {until[0].lower()}{until[1:]}", "value": grant_words.chosen(scope, name)}
        for scope, whose in scopes
        for name, until in grant_words.lasting()
    ]
    return grant_words.WHAT_IT_MEANS, {"display_name": "For whose tasks?", "type": "select", "options": options}


FORMS: dict[str, tuple[str, Callable[[Asked], tuple[str, Dialog]]]] = {
    "deny_because": ("Deny with reason", _deny),
    "edit": ("Edit and approve", _edit),
    "look": ("Allow once?", _look),
    "always": ("Always allow", _always),
    "answer": ("Answer", _answer),
    "add_amount": ("Add to the budget", _amount),
}
