"""What is stored of what was posted where, and who may post."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from threadwork.workflows.sinks import Bucket, Delivery, InDoubtCall, Sink, SinkState
from threadwork.workflows.subscriptions import Subscription


class Leases(Protocol):
    """Who delivers to a sink, or does something else that only one may."""

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        """A fencing number, growing with every holder; kept by its holder. None while somebody else holds it.

        `owner`, `key`: of a sink its task and its key."""

    async def holder(self, owner: str, key: str) -> tuple[str, int] | None:
        """Who holds it, and the fence. None: nobody does."""

    async def release(self, owner: str, key: str, fence: int) -> None:
        """Give it back, unless somebody else has it by now."""


class Delivered(Protocol):
    """What was posted where, for who only looks."""

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread; empty where it has none, and for an unknown task."""

    async def told(self, task_id: str) -> list[Sink]:
        """Subscribed channels in which there is a card of the task."""

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink of that key, by card and part."""

    async def state(self, task_id: str, sink: str) -> SinkState:
        """What is known of the sink as a whole."""


class Deliveries(Delivered, Protocol):
    """What was posted where. Every write names the fence of a lease that must be the newest."""

    async def intend(self, delivery: Delivery, check_at: datetime) -> bool:
        """Write the row and the doubt of the call that is about to be made. False: the fence is old."""

    async def write(self, delivery: Delivery, check_at: datetime | None = None) -> bool:
        """Record an acknowledged call: the row is written, and its own doubt is gone, or kept until `check_at`.

        False: the fence is old, somebody else has taken over; nothing was written."""

    async def write_state(self, state: SinkState, fence: int) -> bool:
        """Former roots are added to those that are known, and never taken away. False: the fence is old."""


class Subscriptions(Protocol):
    """Channels that people have told of tasks, and what became of those that the file names."""

    async def all(self) -> list[Subscription]:
        """The oldest first."""

    async def put(self, subscription: Subscription) -> None:
        """One with the same id is replaced, and keeps its age."""

    async def remove(self, subscription_id: str) -> None: ...

    async def claim_notice(self, subscription_ids: Sequence[str], task_id: str) -> bool:
        """The notice that is due to these is given by the task. False: another task had it before."""


class InDoubtCalls(Protocol):
    """Calls that may have taken effect, or still may."""

    async def open(self, task_id: str, sink: str) -> list[InDoubtCall]: ...

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Tasks and sinks with a doubt whose `check_at` has come, the most overdue first."""

    async def resolve(self, doubt: InDoubtCall, check_at: datetime | None) -> None:
        """It was looked into: `checks` + 1 and again at `check_at`, or gone for good with None."""

    async def reopen(self, task_id: str, sink: str, fence: int) -> None:
        """Have all doubts of this fence looked into at once, whoever holds the lease now."""


class Rates(Protocol):
    """Tokens for platform calls, shared by all processes."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """Take one token of each bucket, or of none. Returns 0, or the seconds until it is worth asking again.

        What is not `urgent` leaves a quarter of the burst for what is."""

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """The platform said 429: nobody gets a token of this bucket for so long, urgent or not."""
