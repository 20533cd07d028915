"""What is recorded of one sink, and what is known of its calls beyond that."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from threadwork.activities.delivery.rate_limited_calls import CALL_TIMEOUT
from threadwork.activities.ports.delivery import Deliveries, InDoubtCalls
from threadwork.workflows.sinks import Delivery, InDoubtCall, Sink, SinkState

ROOT = ("status", 0)  # the card that a thread of our own hangs on
LOOK_BACK = timedelta(seconds=60)  # clocks of two machines may differ by so much
RECHECK = timedelta(seconds=30)  # after which a doubtful call is looked into again, then four times as long each time
CHECKS = 5  # looks at a doubt before it is given up, the last about two hours after the first

Key = tuple[str, int]  # card key and part


class LostLease(Exception):
    """Somebody else delivers to this sink now."""


@dataclass
class PartState:
    """One part of a card."""

    row: Delivery | None = None  # as it is recorded
    in_doubt: list[InDoubtCall] = field(default_factory=list)  # calls that are to be looked into before the next one
    is_refused: bool = False  # the last call was not delivered for certain: no look-up is needed
    check_at: datetime | None = None  # a call of ours may have been delivered, or may be yet; when it is looked into
    begun_at: float | None = None  # `time.monotonic` at which a call began that was not recorded

    @property
    def message_id(self) -> str | None:
        return self.row.message_id if self.row else None

    @property
    def is_clear(self) -> bool:
        """Whether it is known, without a look at the platform, on which message the part is."""
        if self.in_doubt:
            return False
        return self.row is None or bool(self.row.message_id) or self.row.state != "posting" or self.is_refused

    def shows(self, content_hash: str) -> bool:
        row = self.row
        return bool(row and row.state == "posted" and row.content_hash == content_hash and not self.in_doubt)


class DeliveryRecord:
    """Rows and doubts of one sink, written under the fence of its lease. Every write raises `LostLease`."""

    def __init__(self, deliveries: Deliveries, doubts: InDoubtCalls, task_id: str, sink: Sink, fence: int) -> None:
        self._deliveries = deliveries
        self._doubts = doubts
        self._task_id = task_id
        self._sink = sink.key
        self._fence = fence
        self._parts: dict[Key, PartState] = {}
        self.state = SinkState(task_id=task_id, sink=sink.key)

    async def load(self) -> None:
        """Read what is recorded, and what was left in doubt, by those before us and by ourselves. It may be read anew:
        what is known of calls that were not recorded stays known."""
        self.state = await self._deliveries.state(self._task_id, self._sink)
        rows = await self._deliveries.rows(self._task_id, self._sink)
        for part in self._parts.values():
            part.row, part.in_doubt = None, []
        for row in rows:
            self.part((row.card_key, row.part)).row = row
        for doubt in await self._doubts.open(self._task_id, self._sink):
            part = self.part((doubt.card_key, doubt.part))
            ours = doubt.fence == self._fence
            if (not ours and not doubt.checks) or doubt.check_at <= datetime.now(UTC):
                part.in_doubt.append(doubt)
            if ours and not part.is_refused and part.check_at is None:
                part.check_at = doubt.check_at

    def part(self, key: Key) -> PartState:
        return self._parts.setdefault(key, PartState())

    def rows(self) -> Iterator[tuple[Key, Delivery]]:
        """Those of parts that are no more among them."""
        return ((key, part.row) for key, part in list(self._parts.items()) if part.row)

    def keys_in_doubt(self) -> list[Key]:
        """Parts with calls that are to be looked into."""
        return [key for key, part in self._parts.items() if part.in_doubt]

    def since(self) -> datetime:
        """From where on the platform is searched: before the oldest post that any open row began."""
        rows = (
            part.row for part in self._parts.values() if part.row and (part.row.state == "posting" or part.in_doubt)
        )
        return min((row.posting_at for row in rows if row.posting_at), default=datetime.now(UTC)) - LOOK_BACK

    @property
    def was_frozen(self) -> bool:
        """A call was begun so long ago that this process cannot have run since: it may just have taken effect."""
        begun = (part.begun_at for part in self._parts.values() if part.begun_at is not None)
        return any(time.monotonic() - began > CALL_TIMEOUT + 1 for began in begun)

    async def change(self, **values: object) -> None:
        """Of the sink as a whole: fields of its `SinkState`."""
        changed = self.state.model_copy(update=values)
        if not await self._deliveries.write_state(changed, self._fence):
            raise LostLease
        self.state = changed

    async def intend(self, key: Key, message_id: str | None) -> None:
        """A call is about to be made; None: a post."""
        now, part = datetime.now(UTC), self.part(key)
        row = self._row(key, state="posting", message_id=message_id, posting_at=_posting_at(part) or now)
        await self._intend(key, row, now + timedelta(seconds=CALL_TIMEOUT))
        part.is_refused, part.begun_at = False, time.monotonic()

    def leave_in_doubt(self, key: Key) -> None:
        """A call of ours may have been delivered, or may be yet."""
        self.part(key).check_at = datetime.now(UTC) + RECHECK

    async def note_found(self, key: Key, message_id: str) -> None:
        """Its edit is still to come, but a reply in its thread is at home from now on."""
        if row := self.part(key).row:
            found = row.model_copy(update={"message_id": message_id, "fence": self._fence})
            await self._intend(key, found, datetime.now(UTC) + RECHECK)

    async def write(self, key: Key, **values: object) -> None:
        """A call was answered, or needs not be made."""
        part = self.part(key)
        row = self._row(key, **{"posting_at": _posting_at(part), **values})
        if not await self._deliveries.write(row, part.check_at):
            raise LostLease
        part.row, part.begun_at = row, None

    async def forget_message(self, key: Key) -> None:
        """Somebody deleted it. What people say under a root that is gone still reaches the task."""
        part = self.part(key)
        part.is_refused = True
        if key == ROOT and part.message_id:
            await self.change(former_roots=(*self.state.former_roots, part.message_id))
        if part.row:
            part.row = part.row.model_copy(update={"message_id": None})

    async def looked_into(self, keys: Iterable[Key]) -> None:
        """Calls in doubt wait for their next look; after the last one nothing is expected to come any more.

        Those too that no look can settle, of a dead sink or a card that is no more: they end in their time all the
        same, or the sweeper would come back to them for good, and to no others."""
        for key in keys:
            part = self.part(key)
            in_doubt, part.in_doubt = part.in_doubt, []
            for doubt in in_doubt:
                await self._resolve(part, doubt)

    async def _resolve(self, part: PartState, doubt: InDoubtCall) -> None:
        again = datetime.now(UTC) + RECHECK * 4**doubt.checks if doubt.checks + 1 < CHECKS else None
        await self._doubts.resolve(doubt, again)
        if doubt.fence == self._fence and part.check_at is not None:
            part.check_at = again

    async def _intend(self, key: Key, row: Delivery, check_at: datetime) -> None:
        if not await self._deliveries.intend(row, check_at):
            raise LostLease
        self.part(key).row = row

    def _row(self, key: Key, **values: object) -> Delivery:
        place = {"task_id": self._task_id, "sink": self._sink, "card_key": key[0], "part": key[1]}
        return Delivery.model_validate({**place, "fence": self._fence, **values})


def _posting_at(part: PartState) -> datetime | None:
    return part.row.posting_at if part.row else None
