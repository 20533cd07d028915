"""What happens to a task: the numbered event, its payload by type, and what is told of it at once."""

from datetime import datetime
from typing import Any

from pydantic import Field

from threadwork.workflows import approval_events, budget_events, call_events, run_events
from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.values import Value


def _no(value: bool | str) -> bool:
    return not value


class Event(Value):
    """One thing that happened to a task; `seq` counts 1, 2, 3 … without gaps."""

    task_id: str
    seq: int
    type: EventType
    at: datetime  # workflow time, UTC
    iteration: int
    data: dict[str, Any]  # the payload that belongs to `type`, without its empty fields

    def payload(self) -> Payload:
        return PAYLOADS[self.type].model_validate(self.data)


FAMILIES = (run_events, call_events, approval_events, budget_events)
PAYLOADS: dict[EventType, type[Payload]] = {
    payload.type: payload
    for family in FAMILIES
    for payload in vars(family).values()
    if isinstance(payload, type) and issubclass(payload, Payload) and payload is not Payload
}


class Chunk(Value):
    """A piece of live text. A new attempt starts its text anew, and so does a text after a thought, and a thought."""

    task_id: str
    call_id: str
    attempt: int
    text: str
    # Left out of what other programs read where they are empty.
    waiting: str = Field("", exclude_if=_no)  # that the model is waited for, in words for people: until when, and why
    thinking: bool = Field(False, exclude_if=_no)  # a piece of what the model thinks, which is no part of its answer
    private: bool = Field(False, exclude_if=_no)  # the thread does not show it: arguments may follow, for some alone
    progress: str = Field("", exclude_if=_no)  # how far a tool's call is, such as "notes.sync 40 % — indexing"


class Hint(Value):
    """What the bus says of a task: events were stored, or text is being written."""

    task_id: str
    events: tuple[Event, ...] = ()
    chunk: Chunk | None = None
