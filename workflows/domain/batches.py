"""What a batch of events adds to what is stored, and what it changes of its task."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from pydantic_core import to_jsonable_python

from threadwork.workflows.errors import EventConflict, StaleRun
from threadwork.workflows.events import Event, EventType
from threadwork.workflows.messages import EventBatch
from threadwork.workflows.values import Termination

STALE_HINT = "A later run of the task has taken over; this one has to close."


def check_epoch(task_id: str, epoch: int, current: int) -> None:
    """Raises `StaleRun` unless the writer's epoch is the task's."""
    if epoch != current:
        raise StaleRun(f"Run {epoch} of task {task_id} may not write: the task is at run {current}.", STALE_HINT)


def as_stored(event: Event) -> Event:
    """The event as it comes back from a store: time in UTC, data as plain JSON."""
    return event.model_copy(update={"at": event.at.astimezone(UTC), "data": to_jsonable_python(event.data)})


def new_events(batch: EventBatch, last_seq: int, stored: Mapping[int, Event]) -> list[Event]:
    """The events of a batch that are not stored yet, as they will be stored.

    `stored` holds the stored events among the numbers of the batch. Raises `EventConflict` where an
    event differs from the stored one, or a number is left out."""
    fresh: list[Event] = []
    for event in map(as_stored, batch.events):
        if event.seq <= last_seq:
            _check_same(event, stored.get(event.seq))
        elif event.seq != (expected := last_seq + len(fresh) + 1):
            raise EventConflict(f"Event {event.seq} of task {batch.task_id} came where {expected} was due.")
        else:
            fresh.append(event)
    return fresh


def _check_same(event: Event, stored: Event | None) -> None:
    if stored is None or _content(event) != _content(stored):
        raise EventConflict(f"A different event {event.seq} is stored for task {event.task_id}.")


def _content(event: Event) -> tuple[Any, ...]:
    return event.type, event.at, event.iteration, event.data


def task_changes(events: Iterable[Event]) -> dict[str, Any]:
    """Fields of the task row that new events set: `last_seq`, `iteration`, `reason`, `stopped_seq`."""
    changes: dict[str, Any] = {}
    for event in events:
        changes |= {"last_seq": event.seq, "iteration": event.iteration} | _ending(event)
    return changes


def _ending(event: Event) -> dict[str, Any]:
    match event.type:
        case EventType.WORKFLOW_COMPLETED | EventType.WORKFLOW_FAILED:
            return {"reason": event.data.get("reason") or _default_reason(event.type)}
        case EventType.WORKFLOW_CANCELLED:
            return {"reason": Termination.CANCELLED.value, "stopped_seq": event.seq}
        case EventType.WORKFLOW_CONTINUED:
            return {"reason": None}
        case _:
            return {}


def _default_reason(kind: EventType) -> str:
    """Events come without their empty fields; a failure's reason has a default."""
    return (Termination.GOAL_ACHIEVED if kind is EventType.WORKFLOW_COMPLETED else Termination.FAILED).value
