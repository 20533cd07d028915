"""Brings the messages of one sink in line with the cards: exactly one message per part of a card."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from threadwork.activities.delivery.card_selection import CardSelection, OwnThread
from threadwork.activities.delivery.card_texts import loaded, resolved
from threadwork.activities.delivery.delivery_record import ROOT, DeliveryRecord, Key, PartState
from threadwork.activities.delivery.rate_limited_calls import Method, NotYet, PlatformCalls
from threadwork.activities.null_chat import NullChat
from threadwork.activities.ports.chat import ChatAdapter
from threadwork.activities.ports.delivery import Deliveries, InDoubtCalls, Rates
from threadwork.activities.ports.storage import Transcript
from threadwork.workflows import crash_points
from threadwork.workflows.cards import Card, StatusCard, ThreadView
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import NOTHING_NEW, Found, Part, Sink

NO_REASON = "It no longer accepts messages."

log = structlog.get_logger(__name__)


@dataclass
class Pass:
    """What came of one pass over all parts."""

    undelivered: int = 0  # parts that could not be brought for now
    wait: float = 0.0  # seconds until another pass makes sense; 0: nobody said
    troubled: bool = False  # a call failed, and nobody said for how long

    def wait_for(self, seconds: float) -> None:
        """The shortest wait counts: a card that goes at once is not to wait for the status card's turn."""
        if seconds:
            self.wait = min(self.wait or seconds, seconds)


class Reconciler:
    """The holder of one lease on one sink.

    What is doubtful (a post whose answer was lost, a call begun by a holder who is gone or frozen) is looked up on the
    platform by its mark: the recorded or oldest message is kept, the others are deleted, and the card is edited again.
    """

    def __init__(
        self,
        chat: ChatAdapter,
        deliveries: Deliveries,
        doubts: InDoubtCalls,
        rates: Rates,
        transcript: Transcript,
        task_id: str,
        sink: Sink,
        fence: int,
        selection: CardSelection | None = None,
    ) -> None:
        """`selection`: what the sink shows; None: it is the task's own thread."""
        self._chat = chat
        self._calls = PlatformCalls(chat, rates)
        self._transcript = transcript
        self._task_id = task_id
        self._sink = sink
        self._selection = selection or OwnThread(sink)
        self._record = DeliveryRecord(deliveries, doubts, task_id, sink, fence)
        self._found: dict[str, list[Found]] = {}  # by thread, for one pass

    async def load(self) -> None:
        """Read what is recorded; it may be read anew."""
        await self._record.load()

    @property
    def was_frozen(self) -> bool:
        """This process stood still during a call, which may just have taken effect."""
        return self._record.was_frozen

    def is_dead(self, view: ThreadView) -> bool:
        """A thread is dead until somebody speaks in it, a channel until it is subscribed again: then whatever was
        wrong there has been mended. Until the run has said that a thread is dead, it is tried again: whoever found out
        may have been lost before anybody heard of it."""
        state = self._record.state
        if not state.failure:
            return False
        if self._sink.subscribed:
            return self._sink.kinds == NOTHING_NEW or isinstance(self._chat, NullChat)
        if not self._is_acknowledged(view):
            return False
        newest = view.status.last_reply
        return newest == state.failed_reply or not newest.startswith(f"{self._sink.channel}:")

    def _is_acknowledged(self, view: ThreadView) -> bool:
        """Whether the run has said that the sink is dead, since it was found to be."""
        return view.unreachable.get(self._sink.address, 0) > self._record.state.failed_seq

    async def reconcile(self, view: ThreadView, edits: bool = True) -> Pass:
        """Post, edit, delete or leave every part.

        Without `edits` the status card waits: it changes with every event. Raises `SinkGone` for a sink that is dead
        for good, until `is_dead`, and `LostLease`."""
        if self.is_dead(view):
            await self._leave_be()
            if not self._is_acknowledged(view):
                raise SinkGone(self._record.state.failure)
            return Pass()
        try:
            done = await self._pass(view, edits)
        except SinkGone as error:
            found = {"failure": str(error) or NO_REASON, "failed_seq": view.seq, "failed_reply": view.status.last_reply}
            await self._record.change(**found)
            await self._leave_be()
            raise
        if edits and not done.undelivered:
            await self._revive()
        return done

    @property
    def is_told(self) -> bool:
        """Whether a person was told that the sink is dead."""
        return self._record.state.told

    async def note_told(self) -> None:
        await self._record.change(told=True)

    async def _revive(self) -> None:
        """It takes messages again: when it dies once more, that is news."""
        if self._record.state.failure or self._record.state.told:
            await self._record.change(failure="", told=False)

    async def _pass(self, view: ThreadView, edits: bool) -> Pass:
        done, self._found = Pass(), {}
        told = {row.card_key for _, row in self._record.rows() if row.state != "deleted"}
        shown = set()
        for card in await self._selection.cards(view, told):
            shown.add(card.key)
            if isinstance(card, StatusCard) and not edits and self._record.part(ROOT).row:
                continue
            whole = await resolved(self._transcript, self._task_id, card)
            parts = self._chat.render(self._task_id, whole)
            done.undelivered += await self._show(done, card, parts, view.seq)
            done.undelivered += await self._withdraw(card, len(parts))
        await self._leave_be(shown)
        return done

    async def _show(self, done: Pass, card: Card, parts: Sequence[Part], seq: int) -> int:
        """How many parts are not as they should be. None is posted before the ones above it: a text whose first part
        was not taken would be read from its middle."""
        undelivered, is_held = 0, False
        for number, part in enumerate(parts):
            key = card.key, number
            is_new = self._record.part(key).message_id is None
            if not (is_held and is_new) and await self._try(done, card, key, part, seq):
                continue
            undelivered += 1
            is_held |= is_new and self._record.part(key).message_id is None
        return undelivered

    async def _leave_be(self, but: Collection[str] = ()) -> None:
        """The doubts of cards that are not shown."""
        await self._record.looked_into([key for key in self._record.keys_in_doubt() if key[0] not in but])

    async def _try(self, done: Pass, card: Card, key: Key, part: Part, seq: int) -> bool:
        """True: the part is on the platform as it should be."""
        try:
            await self._deliver(card, key, part, seq)
        except NotYet as later:
            done.wait_for(later.seconds)
            return False
        except Rejected as error:  # it will never be taken: better without this part than without any
            log.error("part_rejected", task_id=self._task_id, card=key[0], part=key[1], error=str(error))
            await self._record.write(key, state="posted", message_id=None, content_hash=_hash(part), rendered_seq=seq)
        except ChatUnavailable as error:
            done.wait_for(error.retry_after or 0)
            done.troubled |= not error.retry_after
            return False
        return True

    async def _deliver(self, card: Card, key: Key, part: Part, seq: int) -> None:
        state, content_hash = self._record.part(key), _hash(part)
        if state.shows(content_hash):
            return
        place = self._place(card)
        message_id = await self._sort_out(place, key, state)
        method: Method = "edit" if message_id else "post"
        await self._calls.take_token(place, method, urgent=not isinstance(card, StatusCard) or method == "post")
        await self._record.intend(key, message_id)
        crash_points.reached("part_intended")
        message_id = await self._send(place, key, message_id, part)
        if method == "post":
            crash_points.reached("part_posted")
        done = {"message_id": message_id, "content_hash": content_hash, "rendered_seq": seq}
        await self._record.write(key, state="posted", **done)

    async def _send(self, place: Sink, key: Key, message_id: str | None, part: Part) -> str:
        mark, state = self._mark(key), self._record.part(key)
        part = await loaded(self._transcript, self._task_id, part)
        try:
            if message_id is None:
                return await self._calls.post(place, part, mark)
            await self._calls.edit(place, message_id, part, mark)
        except ChatUnavailable as error:
            if error.retry_after is None:
                self._record.leave_in_doubt(key)
            elif state.check_at is None:  # else an earlier try may have been delivered: that is still to be looked up
                state.is_refused = True
            raise
        except SinkGone:
            if message_id is None and state.check_at is None:
                await self._record.write(key, state="deleted")  # it was never there
            raise
        except NotFound as error:  # somebody deleted it: the card is posted anew
            await self._record.forget_message(key)
            raise NotYet(0) from error
        return message_id

    async def _sort_out(self, place: Sink, key: Key, part: PartState) -> str | None:
        """The message this part is on; doubles are deleted. None: there is none."""
        known = part.message_id
        if part.is_clear:
            return known
        waits = [(doubt.check_at - datetime.now(UTC)).total_seconds() for doubt in part.in_doubt if not doubt.checks]
        if max(waits, default=0) > 0:
            raise NotYet(max(waits))  # the call of whoever was here before may still be under way
        kept = await self._keep_one(place, key, known)
        await self._record.looked_into([key])
        if kept and not known:
            await self._record.note_found(key, kept)
        return kept

    async def _keep_one(self, place: Sink, key: Key, known: str | None) -> str | None:
        if place.thread not in self._found:
            self._found[place.thread] = await self._calls.find(place, self._record.since())
        ids = [found.message_id for found in self._found[place.thread] if found.mark == self._mark(key)]
        kept = known or (ids[0] if ids else None)
        for double in ids:
            if double != kept:
                await self._calls.delete(place, double, urgent=True)
        return kept

    async def _withdraw(self, card: Card, parts: int) -> int:
        """Delete messages of parts that the card no longer has, those too that came late."""
        for key, row in self._record.rows():
            part = self._record.part(key)
            stands = row.state == "posted" and row.message_id
            if key[0] == card.key and key[1] >= parts and (stands or part.in_doubt):
                try:
                    place = self._place(card)
                    if message_id := await self._sort_out(place, key, part):
                        await self._calls.delete(place, message_id, urgent=False)
                except (ChatUnavailable, NotYet):
                    return 1
                await self._record.write(key, state="deleted")
        return 0

    def _place(self, card: Card) -> Sink:
        place = self._selection.place(card, self._record.part(ROOT).message_id)
        if place is None:
            raise NotYet(0)
        return place

    def _mark(self, key: Key) -> str:
        return f"{self._task_id}/{key[0]}/{key[1]}"


def _hash(part: Part) -> str:
    shown = part.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
