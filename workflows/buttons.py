"""The buttons of a card: what each asks for, the same on every platform."""

from collections.abc import Callable
from math import ceil
from typing import Any, Literal, get_args

from threadwork.workflows.cards import AnswerCard, ApprovalCard, BudgetCard, Card, QuestionCard, StatusCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import Unit
from threadwork.workflows.values import Status, Value

ENCODED = 100  # characters of a click inside a button: what Discord's custom_id takes
OPTIONS = 20  # options of a question that get a button; more are answered by a reply

Verb = Literal[
    "pause",
    "resume",
    "stop",
    "details",  # opens a window
    "approve",
    "approve_task",  # and whatever is asked alike for the rest of the task
    "always",  # opens a form: for whose tasks, and until when
    "look",  # opens a window: arguments that are private, to be allowed there
    "deny",
    "deny_because",  # opens a form: reason
    "edit",  # opens a form: arguments
    "choose",  # `detail`: number of the option, from 1
    "answer",  # opens a form: answer
    "add_half",  # raise the limit; `detail`: by how much, as shown; empty on old cards: half of what it is
    "add_amount",  # opens a form: amount
    "take",  # `detail`: key of a held line, which is for the agent after all
    "direct",  # `detail`: key of a task that is ordered and was not started, to run in direct messages; of no task yet
    "good",
    "bad",  # counts at once, and opens a form: what was wrong
    "revoke",  # `about`: the approval of the task that gave the grant
]
OPENING: frozenset[Verb] = frozenset(
    {"details", "deny_because", "edit", "always", "look", "answer", "add_amount", "bad"}
)
DECISIONS: frozenset[Verb] = frozenset({"approve", "approve_task", "always", "look", "deny", "deny_because", "edit"})
SEEN = "seen"  # what the window behind `look` holds: they were shown there
VERBS = frozenset(get_args(Verb))


class Click(Value):
    """What a click asks for. It travels in the button itself, so that any bot can answer it, at any time."""

    verb: Verb
    task_id: str
    about: str = ""  # id of the approval or question, unit of the budget (stop too), number of the answer
    detail: str = ""  # approve…edit: digest shown, ~, newest reply shown; choose: the option; stop: newest reply shown

    @property
    def digest(self) -> str:
        """Of the arguments that were shown beside a decision."""
        return self.detail.partition("~")[0]

    @property
    def newest(self) -> str | None:
        """The newest reply that was shown beside it, or how its id begins. Empty: there was none. None: not told."""
        if self.verb not in DECISIONS:
            return self.detail
        _, told, newest = self.detail.partition("~")
        return newest if told else None

    def encode(self) -> str:
        return "|".join((self.verb, self.task_id, self.about, self.detail))[:ENCODED]

    @classmethod
    def decode(cls, text: str) -> "Click":
        """Raises `Rejected` for what is no click of ours."""
        verb, *rest = text.split("|")
        if verb not in VERBS or len(rest) != 3:
            raise Rejected("This button belongs to another version of Threadwork.", "Use the task's other buttons.")
        return cls.model_validate({"verb": verb, "task_id": rest[0], "about": rest[1], "detail": rest[2]})


class Button(Value):
    """One button of a card: its label, and the press that a click on it stands for."""

    label: str
    press: Click
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: str = ""  # asked before it counts
    menu: bool = False  # behind a menu, where the platform has one


def buttons(task_id: str, card: Card) -> tuple[Button, ...]:
    """The buttons of a card as it is now; none once nothing is left to decide."""
    made = BUTTONS.get(card.kind)
    return made(task_id, card) if made else ()


def _status(task_id: str, card: StatusCard) -> tuple[Button, ...]:
    details = Button(label="Details", press=Click(verb="details", task_id=task_id))
    if card.status.ended:
        return (details,)
    held = card.status is Status.PAUSED
    label, verb = ("Resume", "resume") if held else ("Pause", "pause")
    turn = Button(
        label=label,
        press=Click.model_validate({"verb": verb, "task_id": task_id}),
        style="primary" if held else "plain",
    )
    stop = Click(verb="stop", task_id=task_id, detail=card.last_reply)
    return (
        turn,
        Button(label="Stop", press=stop, confirm="The agent stops. A reply starts it again."),
        details,
    )


def _approval(task_id: str, card: ApprovalCard) -> tuple[Button, ...]:
    if card.state != "pending":
        return ()
    about = {"task_id": task_id, "about": card.approval_id, "detail": f"{card.digest}~{card.last_reply}"}

    def press(verb: Verb) -> Click:
        return Click.model_validate({"verb": verb, **about})

    sure = f"It may not be possible to undo this: {card.tool}." if card.effect == "destructive" else ""
    allow = Button(label="Allow once", press=press("approve"), style="primary", confirm=sure)
    look = Button(label="Look and decide", press=press("look"), style="primary")
    return (
        look if card.private else allow,
        Button(label="Deny and read it" if card.since else "Deny", press=press("deny"), style="danger"),
        *behind_menu(press("always" if card.always else "approve"), card.tool),
    )


def behind_menu(click: Click, tool: str = "this tool") -> tuple[Button, ...]:
    """What else can be decided where a button of an approval stands. `click`: `always` where that may be chosen."""

    def press(verb: Verb) -> Click:
        return click.model_copy(update={"verb": verb})

    later = f"Every later call of {tool} in this task runs without asking again."
    for_good = f"Every later call of {tool} may run without asking again. You choose for whose tasks, and until when."
    always = Button(label="Always allow …", press=press("always"), confirm=for_good, menu=True)
    return (
        Button(label="Allow for this task", press=press("approve_task"), confirm=later, menu=True),
        *((always,) if click.verb == "always" else ()),
        Button(label="Deny with a reason", press=press("deny_because"), menu=True),
        Button(label="Edit and allow", press=press("edit"), menu=True),
    )


def _question(task_id: str, card: QuestionCard) -> tuple[Button, ...]:
    if card.state != "open":
        return ()
    chosen = (
        Button(label=option, press=Click(verb="choose", task_id=task_id, about=card.question_id, detail=str(number)))
        for number, option in enumerate(card.options[:OPTIONS], 1)
    )
    return (
        *chosen,
        Button(label="Answer …", press=Click(verb="answer", task_id=task_id, about=card.question_id)),
    )


def _budget(task_id: str, card: BudgetCard) -> tuple[Button, ...]:
    if card.state not in ("warning", "exceeded"):
        return ()
    half = card.limit / 2 if card.unit == "usd" else ceil(card.limit / 2)
    add_half = Click(verb="add_half", task_id=task_id, about=card.unit, detail=f"{half:.6f}".rstrip("0").rstrip("."))
    add_amount = Click(verb="add_amount", task_id=task_id, about=card.unit)
    more = (
        *([Button(label=f"Add {_exact(half, card.unit)}", press=add_half, style="primary")] if half else []),
        Button(label="Add an amount", press=add_amount),
    )
    if card.state == "warning":
        return more
    stop = Click(verb="stop", task_id=task_id, about=card.unit)
    return (*more, Button(label="Stop", press=stop, style="danger"))


def _exact(value: float, unit: Unit) -> str:
    """`$0.50`, `$0.625` or `100,000 tokens`: what a click adds, to the last digit that counts."""
    if unit == "tokens":
        return f"{value:,.0f} tokens"
    whole, _, digits = f"{value:,.6f}".partition(".")
    return f"${whole}.{digits.rstrip('0').ljust(2, '0')}"


def _answer(task_id: str, card: AnswerCard) -> tuple[Button, ...]:
    number = card.key.partition(":")[2]
    return (
        Button(label="👍", press=Click(verb="good", task_id=task_id, about=number)),
        Button(label="👎", press=Click(verb="bad", task_id=task_id, about=number)),
    )


BUTTONS: dict[str, Callable[[str, Any], tuple[Button, ...]]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
}
