"""The buttons of a card: what each asks for, the same on every platform."""

from collections.abc import Callable
from typing import Any, Literal, get_args

from threadwork.workflows.cards import AnswerCard, ApprovalCard, BudgetCard, Card, QuestionCard, StatusCard
from threadwork.workflows.errors import Rejected
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
    "deny",
    "deny_because",  # opens a form: reason
    "edit",  # opens a form: arguments
    "choose",  # `detail`: number of the option, from 1
    "answer",  # opens a form: answer
    "add_half",  # raise the limit by half of it
    "add_amount",  # opens a form: amount
    "take",  # `detail`: key of a held line, which is for the agent after all
    "good",
    "bad",
]
OPENING: frozenset[Verb] = frozenset({"details", "deny_because", "edit", "answer", "add_amount"})
DECISIONS: frozenset[Verb] = frozenset({"approve", "approve_task", "deny", "deny_because", "edit"})
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

    sure = "It may not be possible to undo this." if card.effect == "destructive" else ""
    return (
        Button(label="Approve", press=press("approve"), style="primary", confirm=sure),
        Button(label="Deny and read it" if card.since else "Deny", press=press("deny"), style="danger"),
        Button(label="Deny with reason", press=press("deny_because")),
        Button(label="Edit and approve", press=press("edit")),
        Button(
            label="Approve for the rest of the task",
            press=press("approve_task"),
            confirm=f"Every later call of {card.tool} in this task runs without asking again.",
        ),
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
    more = (
        Button(label="Add 50 %", press=Click(verb="add_half", task_id=task_id, about=card.unit), style="primary"),
        Button(label="Add an amount", press=Click(verb="add_amount", task_id=task_id, about=card.unit)),
    )
    if card.state == "warning":
        return more
    stop = Click(verb="stop", task_id=task_id, about=card.unit)
    return (*more, Button(label="Stop", press=stop, style="danger"))


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
