"""What a typed line means, by what the task waits for: pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard, ThreadView

Act = Literal[
    "nothing", "reply", "answer", "approve", "approve_task", "deny", "ask_reason", "edit", "add_usd", "add_tokens",
    "pause", "resume", "stop", "help", "leave", "unknown", "too_late",
]  # fmt: skip
Waiting = ApprovalCard | QuestionCard | BudgetCard

ACTS: dict[str, Act] = {
    "/pause": "pause",
    "/resume": "resume",
    "/stop": "stop",
    "/help": "help",
    "/?": "help",
    "/quit": "leave",
    "/exit": "leave",
    "/detach": "leave",
}
DECISIONS: dict[str, Act] = {
    "a": "approve", "allow": "approve", "approve": "approve", "y": "approve", "yes": "approve",
    "t": "approve_task", "task": "approve_task",
    "d": "ask_reason", "deny": "ask_reason", "n": "ask_reason", "no": "ask_reason",
    "e": "edit", "edit": "edit",
}  # fmt: skip
AMOUNT = re.compile(r"\+?\s*\$?\s*(\d+(?:[.,]\d+)?)\s*(?:\$|usd|dollars?|tokens?)?", re.I)

HELP = """\
/pause [why]   let the call in progress finish, then wait
/resume        go on
/stop [why]    end the task
/quit          leave; the task goes on without you
/help          this
Anything else is a reply to the agent. Ctrl-C asks what to do."""


@dataclass(frozen=True)
class Meant:
    """What the person wants. `text`: their words, the number of an amount, or the reason."""

    act: Act
    text: str = ""
    card: Waiting | None = None  # what it is about


def on_turn(view: ThreadView) -> Waiting | None:
    """The card that a person has to deal with next, oldest first."""
    return next((card for card in view.cards if isinstance(card, Waiting) and waits(card)), None)


def still_waits(card: Waiting, view: ThreadView) -> bool:
    """Nobody has dealt with the card meanwhile."""
    return any(isinstance(now, Waiting) and now.key == card.key and waits(now) for now in view.cards)


def label(view: ThreadView) -> str:
    """The words before the cursor."""
    if view.status.status.ended:
        return "Reply to continue, or Enter to leave › "
    return _label(on_turn(view)) or ("Paused: /resume, /stop, or a reply › " if view.paused else "› ")


def meaning(line: str, view: ThreadView) -> Meant:
    """What `line` means while the thread looks like `view`."""
    line = line.strip()
    if line.startswith("/"):
        word, _, rest = line.partition(" ")
        return Meant(ACTS.get(word.lower(), "unknown"), rest.strip() if word.lower() in ACTS else word)
    if not line:
        return Meant("leave" if view.status.status.ended else "nothing")
    card = None if view.status.status.ended else on_turn(view)
    return READERS[type(card)](line, card)


def chosen(line: str, options: Sequence[str]) -> str:
    """The option that a number stands for, or the person's own words."""
    line = line.strip()
    if line.isascii() and line.isdigit() and 1 <= int(line) <= len(options):
        return options[int(line) - 1]
    return line


def waits(card: Waiting) -> bool:
    """A person has to deal with the card."""
    return card.state in ("pending", "open", "exceeded")


def _label(card: Waiting | None) -> str:
    if isinstance(card, ApprovalCard):
        return f"Approval {card.approval_id}: [a]llow [d]eny [t]his task [e]dit › "
    if isinstance(card, QuestionCard):
        return f"Your answer (1-{len(card.options)}, or your own words) › " if card.options else "Your answer › "
    if isinstance(card, BudgetCard):
        unit = "dollars" if card.unit == "usd" else "tokens"
        return f"How many {unit} to add, or [s]top › "
    return ""


def _reply(line: str, card: Waiting | None) -> Meant:
    """A lone letter is a decision that crossed with somebody else's, or came too early."""
    return Meant("too_late" if len(line) == 1 and line.lower() in DECISIONS else "reply", line)


def _decision(line: str, card: Waiting | None) -> Meant:
    act = DECISIONS.get(line.lower())
    return Meant(act, card=card) if act else Meant("reply", line)


def _answer(line: str, card: Waiting | None) -> Meant:
    options = card.options if isinstance(card, QuestionCard) else ()
    return Meant("answer", chosen(line, options), card)


def _budget(line: str, card: Waiting | None) -> Meant:
    if line.lower() in ("s", "stop"):
        return Meant("stop", "The budget is used up.", card)
    found = AMOUNT.fullmatch(line)
    if not found or not isinstance(card, BudgetCard):
        return Meant("reply", line)
    if card.unit == "tokens":
        return Meant("add_tokens", found[1].replace(",", "").partition(".")[0], card)
    return Meant("add_usd", found[1].replace(",", "."), card)


READERS: dict[type, Callable[[str, Waiting | None], Meant]] = {
    type(None): _reply,
    ApprovalCard: _decision,
    QuestionCard: _answer,
    BudgetCard: _budget,
}
