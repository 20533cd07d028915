"""What an event that answers a click says to the person: what became of it, and of what."""

from collections.abc import Callable
from typing import Any

from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.card_words import amount, one_line
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Value, preview

MAX_GOAL = 80  # characters of a goal


class Subject(Value):
    """What a click was about, as people know it."""

    task: str = ""  # its goal
    call: str = ""  # what was to run, as its card calls it; empty where the click was about no approval

    @classmethod
    def of(cls, task: TaskRecord, tool: str = "") -> "Subject":
        name = one_line(tool).replace("`", "'")
        return cls(task=f"“{preview(one_line(task.goal), MAX_GOAL)}”", call=f"`{name}`" if name else "")


# Objections of runs are stored in their words, which stay as they are; people read those of the buttons.
READ_AS = (
    ("Approved already by ", "Allowed already by "),
    ("You have approved this already; somebody else must approve it too.",
     "You have allowed this already; somebody else must allow it too."),
    ("You asked for this yourself: somebody else must approve it.",
     "You asked for this yourself: somebody else must allow it."),
    ("Nothing is approved yet: approve again if it still holds.",
     "Nothing is allowed yet: allow it again if it still holds."),
    ("Nothing is approved yet.", "Nothing is allowed yet."),
    ("where several people must approve.", "where several people must allow it."),
)  # fmt: skip


def objection(reason: str) -> str:
    """Why a click had no effect, in the words of the buttons."""
    for stored, shown in READ_AS:
        if reason.startswith(stored) or reason.endswith(stored):
            return reason.replace(stored, shown)
    return reason


def sentence(event: Event, subject: Subject) -> str:
    made = SENTENCES.get(event.type)
    return made(event.data, subject) if made else "Done."


def _decided(data: dict[str, Any], subject: Subject) -> str:
    what = f"{subject.call or 'a call'} for {subject.task}"
    if data.get("decision") == "deny":
        return f"Denied: {what}."
    if not data.get("final", True):
        return f"Allowed by you: {what}. Somebody else must allow it too."
    if data.get("scope") == "always" and data.get("grant"):
        return _for_good(Grant.model_validate(data["grant"]), subject)
    return f"Allowed for this task: {what}." if data.get("scope") == "task" else f"Allowed once: {what}."


def _for_good(grant: Grant, subject: Subject) -> str:
    parts = ", ".join(filter(None, (grant_words.whose(grant), grant_words.until(grant))))
    return f"Allowed from now on: {subject.call or 'a tool'} for {parts}. {grant_words.take_back()}"


def _raised(data: dict[str, Any], subject: Subject) -> str:
    """What was raised alone."""
    limits = []
    if data.get("add_usd") and (usd := data.get("usd_limit")) is not None:
        limits.append(amount(usd, "usd"))
    if data.get("add_tokens") and (tokens := data.get("tokens_limit")) is not None:
        limits.append(amount(tokens, "tokens"))
    if data.get("add_iterations"):
        limits.append(f"{data.get('max_iterations', 0):,} steps")
    return f"The budget of {subject.task} is {' and '.join(limits)} now." if limits else "The budget was raised."


def _answered(data: dict[str, Any], subject: Subject) -> str:
    said = preview(one_line(str(data.get("answer", ""))), MAX_GOAL)
    return f"Your answer was received: “{said}”." if said else "Your answer was received."


SENTENCES: dict[EventType, Callable[[dict[str, Any], Subject], str]] = {
    EventType.HUMAN_APPROVAL_RECEIVED: _decided,
    EventType.BUDGET_INCREASED: _raised,
    EventType.WORKFLOW_PAUSED: lambda _, subject: f"Paused: {subject.task}.",
    EventType.WORKFLOW_RESUMED: lambda _, subject: f"Resumed: {subject.task}.",
    EventType.WORKFLOW_CANCELLED: lambda _, subject: f"Stopped: {subject.task}.",
    EventType.FOLLOW_UP_RECEIVED: lambda _, subject: "Your reply was received.",
    EventType.QUESTION_ANSWERED: _answered,
}
