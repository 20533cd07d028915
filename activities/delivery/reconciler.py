"""Brings the messages of one sink in line with the cards: exactly one message per part of a card."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

import structlog

from activities.delivery.card_selection import OwnThread, Surface
from activities.delivery.card_texts import loaded, resolved
from activities.null_chat import NotConnected
from activities.ports import ChatAdapter, Deliveries, Doubts, Rates, Transcript
from workflows import crash_points
from workflows.cards import Card, StatusCard, ThreadView
from workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone
from workflows.sinks import NOTHING_NEW, Delivery, Doubt, Found, Part, Sink

log = structlog.get_logger(__name__)

CALL_TIMEOUT = 10.0  # seconds that a platform call may take; under half of a lease
DEAD = ("", 0)  # the row that marks a sink as dead; its `content_hash` is the newest reply before that
TOLD = ("", 1)  # the row that says that a person was told of it
ROOT = ("status", 0)  # the card that a thread of our own hangs on
LOOK_BACK = timedelta(seconds=60)  # clocks of two machines may differ by so much
RECHECK = timedelta(seconds=30)  # after which a doubtful call is looked into again, then four times as long each time
CHECKS = 5  # looks at a doubt before it is given up, the last about two hours after the first

Key = tuple[str, int]  # card key and part
Method = Literal["post", "edit", "delete", "find"]
T = TypeVar("T")


class LostLease(Exception):
    """Somebody else delivers to this sink now."""


class NotYet(Exception):
    """There is no token for the call; `seconds` until it is worth asking again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Reconciler:
    """The holder of one lease on one sink.

    What is doubtful (a post whose answer was lost, a call begun by a holder who is gone or frozen) is looked up on the
    platform by its mark: the recorded or oldest message is kept, the others are deleted, and the card is edited again.
    """

    def __init__(
        self,
        chat: ChatAdapter,
        deliveries: Deliveries,
        doubts: Doubts,
        rates: Rates,
        transcript: Transcript,
        task_id: str,
        sink: Sink,
        fence: int,
        surface: Surface | None = None,
    ) -> None:
        """`surface`: what the sink shows; None: it is the task's own thread."""
        self._chat = chat
        self._deliveries = deliveries
        self._doubts = doubts
        self._rates = rates
        self._transcript = transcript
        self._task_id = task_id
        self._sink = sink
        self._surface = surface or OwnThread(sink)
        self._fence = fence
        self._rows: dict[Key, Delivery] = {}
        self._suspects: dict[Key, list[Doubt]] = {}
        self._refused: set[Key] = set()  # not delivered for certain: no look-up is needed
        self._ambiguous: dict[Key, datetime] = {}  # perhaps delivered, perhaps later; when that is looked into next
        self._begun: dict[Key, float] = {}  # calls that were not recorded, by when they began (`time.monotonic`)
        self._found: dict[str, list[Found]] = {}  # by thread, for one pass
        self.wait = 0.0  # seconds until another pass makes sense, after one that left something undelivered
        self.troubled = False  # a call of that pass failed, and nobody said for how long

    async def load(self) -> None:
        """Read what is recorded, and what was left in doubt, by those before us and by ourselves. It may be read anew:
        what is known of calls that were not recorded stays known."""
        rows = await self._deliveries.rows(self._task_id, self._sink.key)
        self._rows = {(row.card_key, row.part): row for row in rows}
        self._suspects = {}
        for doubt in await self._doubts.open(self._task_id, self._sink.key):
            key = doubt.card_key, doubt.part
            ours = doubt.fence == self._fence
            if (not ours and not doubt.checks) or doubt.check_at <= datetime.now(UTC):
                self._suspects.setdefault(key, []).append(doubt)
            if ours and key not in self._refused:
                self._ambiguous.setdefault(key, doubt.check_at)

    @property
    def was_frozen(self) -> bool:
        """A call was begun so long ago that this process cannot have run since: it may just have taken effect."""
        return any(time.monotonic() - began > CALL_TIMEOUT + 1 for began in self._begun.values())

    def is_dead(self, view: ThreadView) -> bool:
        """A thread is dead until somebody speaks in it, a channel until it is subscribed again: then whatever was
        wrong there has been mended. Until the run has said that a thread is dead, it is tried again: whoever found out
        may have been lost before anybody heard of it."""
        row = self._rows.get(DEAD)
        if row is None or row.state != "dead":
            return False
        if self._sink.kinds:
            return self._sink.kinds == NOTHING_NEW or isinstance(self._chat, NotConnected)
        if not self._is_acknowledged(view):
            return False
        newest = view.status.last_reply
        return newest == row.content_hash or not newest.startswith(f"{self._sink.channel}:")

    def _is_acknowledged(self, view: ThreadView) -> bool:
        """Whether the run has said that the sink is dead, since it was found to be."""
        return view.unreachable.get(self._sink.address, 0) > self._rows[DEAD].rendered_seq

    async def reconcile(self, view: ThreadView, edits: bool = True) -> int:
        """Post, edit, delete or leave every part; returns how many could not be delivered for now.

        Without `edits` the status card waits: it changes with every event. Raises `SinkGone` for a sink that is dead
        for good, until `is_dead`, and `LostLease`."""
        if self.is_dead(view):
            await self._leave_be(list(self._suspects))
            if not self._is_acknowledged(view):
                raise SinkGone("It no longer accepts messages.")
            return 0
        self._found, self.wait, self.troubled = {}, 0.0, False
        try:
            undelivered = await self._pass(view, edits)
        except SinkGone:
            await self._record(DEAD, state="dead", content_hash=view.status.last_reply, rendered_seq=view.seq)
            await self._leave_be(list(self._suspects))
            raise
        if edits and not undelivered:
            await self._revive()
        return undelivered

    @property
    def is_told(self) -> bool:
        """Whether a person was told that the sink is dead."""
        row = self._rows.get(TOLD)
        return row is not None and row.state == "dead"

    async def note_told(self) -> None:
        await self._record(TOLD, state="dead")

    async def _revive(self) -> None:
        """It takes messages again: when it dies once more, that is news."""
        for key in (TOLD, DEAD):
            if key in self._rows and self._rows[key].state == "dead":
                await self._record(key, state="deleted")

    async def _pass(self, view: ThreadView, edits: bool) -> int:
        undelivered = 0
        told = {row.card_key for row in self._rows.values() if row.state != "deleted"}
        shown = set()
        for card in await self._surface.cards(view, told):
            shown.add(card.key)
            if isinstance(card, StatusCard) and not edits and ROOT in self._rows:
                continue
            whole = await resolved(self._transcript, self._task_id, card)
            parts = self._chat.render(self._task_id, whole)
            for number, part in enumerate(parts):
                undelivered += not await self._try(card, (card.key, number), part, view.seq)
            undelivered += await self._withdraw(card, len(parts))
        await self._leave_be([key for key in self._suspects if key[0] not in shown])
        return undelivered

    async def _try(self, card: Card, key: Key, part: Part, seq: int) -> bool:
        """True: the part is on the platform as it should be."""
        try:
            await self._deliver(card, key, part, seq)
        except NotYet as later:
            self._wait(later.seconds)
            return False
        except Rejected as error:  # it will never be taken: better without this part than without any
            log.error("part_rejected", task_id=self._task_id, card=key[0], part=key[1], error=str(error))
            await self._record(key, state="posted", message_id=None, content_hash=_hash(part), rendered_seq=seq)
        except ChatUnavailable as error:
            self._wait(error.retry_after or 0)
            self.troubled |= not error.retry_after
            return False
        return True

    def _wait(self, seconds: float) -> None:
        """The shortest wait counts: a card that goes at once is not to wait for the status card's turn."""
        if seconds:
            self.wait = min(self.wait or seconds, seconds)

    async def _deliver(self, card: Card, key: Key, part: Part, seq: int) -> None:
        row, content_hash = self._rows.get(key), _hash(part)
        if row and row.state == "posted" and row.content_hash == content_hash and key not in self._suspects:
            return
        place = self._place(card)
        message_id = await self._sort_out(place, key, row)
        method: Method = "edit" if message_id else "post"
        await self._token(place, method, urgent=not isinstance(card, StatusCard) or method == "post")
        await self._intend(key, message_id)
        crash_points.reached("part_intended")
        message_id = await self._send(place, key, message_id, part)
        if method == "post":
            crash_points.reached("part_posted")
        await self._record(key, state="posted", message_id=message_id, content_hash=content_hash, rendered_seq=seq)

    async def _send(self, place: Sink, key: Key, message_id: str | None, part: Part) -> str:
        mark = self._mark(key)
        part = await loaded(self._transcript, self._task_id, part)
        try:
            if message_id is None:
                return await self._call(place, "post", self._chat.post(place, part, mark))
            await self._call(place, "edit", self._chat.edit(place, message_id, part, mark))
        except ChatUnavailable as error:
            if error.retry_after is None:
                self._ambiguous[key] = datetime.now(UTC) + RECHECK
            elif key not in self._ambiguous:  # an earlier try may have been delivered: that is still to be looked up
                self._refused.add(key)
            raise
        except SinkGone:
            if message_id is None and key not in self._ambiguous:
                await self._record(key, state="deleted")  # it was never there
            raise
        except NotFound as error:  # somebody deleted it: the card is posted anew
            self._refused.add(key)
            await self._remember(key, message_id)
            self._rows[key] = self._rows[key].model_copy(update={"message_id": None})
            raise NotYet(0) from error
        return message_id

    async def _remember(self, key: Key, message_id: str | None) -> None:
        """A root that is gone: what people say under it still reaches the task. It is kept as part -1, -2, …"""
        if key == ROOT and message_id:
            former = min(part for card_key, part in self._rows if card_key == ROOT[0])
            await self._record((ROOT[0], former - 1), state="deleted", message_id=message_id)

    async def _call(self, place: Sink, method: Method, call: Awaitable[T]) -> T:
        """One call to the platform, within its time; a 429 holds the buckets of everybody."""
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return await call
        except TimeoutError:
            raise ChatUnavailable(f"No answer within {CALL_TIMEOUT:g} s.") from None
        except ChatUnavailable as error:
            if error.retry_after is not None:
                buckets = self._chat.buckets(place, method)
                for bucket in buckets if error.everywhere else buckets[:1]:
                    await self._rates.hold(bucket, error.retry_after)
            raise

    async def _sort_out(self, place: Sink, key: Key, row: Delivery | None) -> str | None:
        """The message this part is on; doubles are deleted. None: there is none."""
        suspects = self._suspects.get(key, [])
        known = row.message_id if row else None
        if not suspects and (row is None or known or row.state != "posting" or key in self._refused):
            return known
        waits = [(doubt.check_at - datetime.now(UTC)).total_seconds() for doubt in suspects if not doubt.checks]
        if max(waits, default=0) > 0:
            raise NotYet(max(waits))  # the call of whoever was here before may still be under way
        kept = await self._keep_one(place, key, row)
        await self._looked_into(key)
        if row and kept and not known:
            await self._note(key, row, kept)
        return kept

    async def _looked_into(self, key: Key) -> None:
        """The doubts of a part wait for their next look; after the last one nothing is expected to come any more."""
        for doubt in self._suspects.pop(key, []):
            again = datetime.now(UTC) + RECHECK * 4**doubt.checks if doubt.checks + 1 < CHECKS else None
            await self._doubts.settle(doubt, again)
            if doubt.fence == self._fence and again is None:
                self._ambiguous.pop(key, None)
            elif doubt.fence == self._fence and key in self._ambiguous and again is not None:
                self._ambiguous[key] = again

    async def _leave_be(self, keys: list[Key]) -> None:
        """Doubts that no look can settle, of a dead sink or a card that is no more: they end in their time all the
        same, or the sweeper would come back to them for good, and to no others."""
        for key in keys:
            await self._looked_into(key)

    async def _note(self, key: Key, row: Delivery, message_id: str) -> None:
        """Found: its edit is still to come, but a reply in its thread is at home from now on."""
        found = row.model_copy(update={"message_id": message_id, "fence": self._fence})
        if not await self._deliveries.intend(found, datetime.now(UTC) + RECHECK):
            raise LostLease
        self._rows[key] = found

    async def _keep_one(self, place: Sink, key: Key, row: Delivery | None) -> str | None:
        known = row.message_id if row else None
        if place.thread not in self._found:
            await self._token(place, "find", urgent=True)
            self._found[place.thread] = await self._call(place, "find", self._chat.find(place, self._since()))
        ids = [found.message_id for found in self._found[place.thread] if found.mark == self._mark(key)]
        kept = known or (ids[0] if ids else None)
        for double in ids:
            if double != kept:
                await self._delete(place, double, urgent=True)
        return kept

    def _since(self) -> datetime:
        """From where on the platform is searched: before the oldest post that any open row began."""
        keys = {key for key, row in self._rows.items() if row.state == "posting"} | set(self._suspects)
        times = [row.posting_at for key in keys if (row := self._rows.get(key)) and row.posting_at]
        return min(times, default=datetime.now(UTC)) - LOOK_BACK

    async def _withdraw(self, card: Card, parts: int) -> int:
        """Delete messages of parts that the card no longer has, those too that came late."""
        for key, row in list(self._rows.items()):
            stands = row.state == "posted" and row.message_id
            if key[0] == card.key and key[1] >= parts and (stands or key in self._suspects):
                try:
                    place = self._place(card)
                    if message_id := await self._sort_out(place, key, row):
                        await self._delete(place, message_id, urgent=False)
                except (ChatUnavailable, NotYet):
                    return 1
                await self._record(key, state="deleted")
        return 0

    def _place(self, card: Card) -> Sink:
        root = self._rows.get(ROOT)
        place = self._surface.place(card, root.message_id if root else None)
        if place is None:
            raise NotYet(0)
        return place

    # --- what is written down, and tokens ---

    async def _intend(self, key: Key, message_id: str | None) -> None:
        now = datetime.now(UTC)
        old = self._rows.get(key)
        row = self._row(key, state="posting", message_id=message_id, posting_at=(old and old.posting_at) or now)
        if not await self._deliveries.intend(row, now + timedelta(seconds=CALL_TIMEOUT)):
            raise LostLease
        self._rows[key] = row
        self._refused.discard(key)
        self._begun[key] = time.monotonic()

    async def _record(self, key: Key, **values: object) -> None:
        old = self._rows.get(key)
        row = self._row(key, **{"posting_at": old and old.posting_at, **values})
        if not await self._deliveries.write(row, self._ambiguous.get(key)):
            raise LostLease
        self._rows[key] = row
        self._begun.pop(key, None)

    def _row(self, key: Key, **values: object) -> Delivery:
        place = {"task_id": self._task_id, "sink": self._sink.key, "card_key": key[0], "part": key[1]}
        return Delivery.model_validate({**place, "fence": self._fence, **values})

    async def _delete(self, place: Sink, message_id: str, urgent: bool) -> None:
        await self._token(place, "delete", urgent)
        await self._call(place, "delete", self._chat.delete(place, message_id))

    def _mark(self, key: Key) -> str:
        return f"{self._task_id}/{key[0]}/{key[1]}"

    async def _token(self, place: Sink, method: Method, urgent: bool) -> None:
        seconds = await self._rates.take(self._chat.buckets(place, method), urgent)
        if seconds > 0:
            raise NotYet(seconds)


def _hash(part: Part) -> str:
    shown = part.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
