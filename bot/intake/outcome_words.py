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

    task: str = ""  # goal and id
    call: str = ""  # the tool that was to run; empty where the click was about no approval

    @classmethod
    def of(cls, task: TaskRecord, tool: str = "") -> "Subject":
        name = one_line(tool).replace("`", "'")
        return cls(
            task=f"“{preview(one_line(task.goal), MAX_GOAL)}” ({task.task_id})", call=f"`{name}`" if name else ""
        )


def sentence(event: Event, subject: Subject) -> str:
    made = SENTENCES.get(event.type)
    return made(event.data, subject) if made else "Done."


def _decided(data: dict[str, Any], subject: Subject) -> str:
    what = f"{subject.call or 'a call'} for {subject.task}"
    if data.get("decision") == "deny":
        return f"Denied: {what}."
    if not data.get("final", True):
        return f"Approved by you: {what}. Somebody else must approve it too."
    if data.get("scope") == "always" and data.get("grant"):
        return _for_good(Grant.model_validate(data["grant"]), subject)
    return f"Approved for the rest of the task: {what}." if data.get("scope") == "task" else f"Approved: {what}."


def _for_good(grant: Grant, subject: Subject) -> str:
    parts = ", ".join(filter(None, (grant_words.whose(grant), grant_words.until(grant))))
    return f"Allowed from now on: {subject.call or 'a tool'} for {parts}. {grant_words.take_back()}"


def _raised(data: dict[str, Any], subject: Subject) -> str:
    limits = []
    if (usd := data.get("usd_limit")) is not None:
        limits.append(amount(usd, "usd"))
    if (tokens := data.get("tokens_limit")) is not None:
        limits.append(f"{tokens:,} tokens")
    limits.append(f"{data.get('max_iterations', 0):,} iterations")
    return f"The budget was raised; the limits are now {' and '.join(limits)}."


SENTENCES: dict[EventType, Callable[[dict[str, Any], Subject], str]] = {
    EventType.HUMAN_APPROVAL_RECEIVED: _decided,
    EventType.BUDGET_INCREASED: _raised,
    EventType.WORKFLOW_PAUSED: lambda _, subject: f"Paused: {subject.task}.",
    EventType.WORKFLOW_RESUMED: lambda _, subject: f"Resumed: {subject.task}.",
    EventType.WORKFLOW_CANCELLED: lambda _, subject: f"Stopped: {subject.task}.",
    EventType.FOLLOW_UP_RECEIVED: lambda _, subject: "Your reply was received.",
    EventType.QUESTION_ANSWERED: lambda _, subject: "Your answer was received.",
}
