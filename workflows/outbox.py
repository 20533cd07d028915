"""Numbers events and hands them over until they are acknowledged."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from threadwork.workflows.event_types import Payload
from threadwork.workflows.events import Event

BATCH_BYTES = 256_000  # of events that one request may carry
BACKLOG = 200  # unacknowledged events over which the run waits for the database
TAIL = 50  # newest events kept for the query


class Outbox(BaseModel):
    """What of the events must survive continue-as-new."""

    task_id: str
    last_seq: int = 0
    acknowledged: int = 0
    pending: list[Event] = Field(default_factory=list)


@dataclass(eq=False)
class InFlight:
    """The events that one request takes along."""

    events: tuple[Event, ...]
    top: int  # number of the last of them


class EventManager:
    """Every event not yet acknowledged goes along with every request, so what is stored has no gap."""

    def __init__(self, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._on_the_way: list[InFlight] = []
        self.tail: deque[Event] = deque(maxlen=TAIL)

    @property
    def last_seq(self) -> int:
        """The number of the newest event; 0: there is none yet."""
        return self._outbox.last_seq

    @property
    def drained(self) -> bool:
        """Everything emitted so far is known to be stored."""
        return not self._outbox.pending

    @property
    def waiting(self) -> bool:
        """There are events that no request under way carries."""
        return self.last_seq > max((c.top for c in self._on_the_way), default=self._outbox.acknowledged)

    @property
    def crowded(self) -> bool:
        """The database is behind: nothing new should begin."""
        pending = self._outbox.pending
        return len(pending) > BACKLOG or len(self._fitting()) < len(pending)

    def emit(self, payload: Payload, iteration: int) -> Event:
        self._outbox.last_seq += 1
        event = Event(
            task_id=self._outbox.task_id,
            seq=self.last_seq,
            type=payload.type,
            at=self._clock(),
            iteration=iteration,
            data=payload.model_dump(mode="json", exclude_none=True),
        )
        self._outbox.pending.append(event)
        self.tail.append(event)
        return event

    def take(self) -> "InFlight":
        """Events for a request that is about to go; `ack` or `nack` must follow."""
        events = tuple(self._fitting())
        in_flight = InFlight(events, top=events[-1].seq if events else self._outbox.acknowledged)
        self._on_the_way.append(in_flight)
        return in_flight

    def ack(self, in_flight: "InFlight") -> None:
        """The request came to a successful end: its events are stored."""
        self._on_the_way.remove(in_flight)
        self._outbox.acknowledged = max(self._outbox.acknowledged, in_flight.top)
        self._outbox.pending = [e for e in self._outbox.pending if e.seq > self._outbox.acknowledged]

    def nack(self, in_flight: "InFlight") -> None:
        """Nothing is known of the request: its events are carried again."""
        self._on_the_way.remove(in_flight)

    def _fitting(self) -> list[Event]:
        size = 0
        for index, event in enumerate(self._outbox.pending):
            size += len(event.model_dump_json())
            if size > BATCH_BYTES and index:
                return self._outbox.pending[:index]
        return list(self._outbox.pending)
