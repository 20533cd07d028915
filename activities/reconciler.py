"""Brings the messages of one sink in line with the cards: exactly one message per part of a card."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from activities.ports import ChatAdapter, Deliveries, Transcript
from activities.texts import resolved
from workflows.cards import Card, StatusCard, ThreadView
from workflows.chat import Delivery, Found, Part, Sink
from workflows.errors import ChatUnavailable, SinkGone

DEAD = ("", 0)  # the row that marks a sink as dead for good
LOOK_BACK = timedelta(seconds=60)  # clocks of two machines may differ by so much


class LostLease(Exception):
    """Somebody else delivers to this sink now."""


class Reconciler:
    """One holder of one lease. Raises `SinkGone` where the platform refuses for good, and `LostLease`."""

    def __init__(
        self, deliveries: Deliveries, transcript: Transcript, chat: ChatAdapter, task_id: str, sink: Sink, fence: int
    ) -> None:
        self._deliveries = deliveries
        self._transcript = transcript
        self._chat = chat
        self._task_id = task_id
        self._sink = sink
        self._fence = fence
        self._rows: dict[tuple[str, int], Delivery] | None = None

    async def reconcile(self, view: ThreadView) -> int:
        """Post, edit or leave every part; returns how many could not be delivered for now.

        Raises `SinkGone` once for a sink that is dead for good; from then on there is nothing to deliver."""
        if await self._row(*DEAD):
            return 0
        try:
            return await self._reconcile(view)
        except SinkGone:
            await self._write(*DEAD, state="dead")
            raise

    async def _reconcile(self, view: ThreadView) -> int:
        undelivered = 0
        for card in (view.status, *view.cards):
            whole = await resolved(self._transcript, self._task_id, card)
            for number, part in enumerate(self._chat.render(whole)):
                try:
                    await self._deliver(card, number, part, view.seq)
                except ChatUnavailable:
                    undelivered += 1
        return undelivered

    async def _deliver(self, card: Card, number: int, part: Part, seq: int) -> None:
        row, content_hash = await self._row(card.key, number), _hash(part)
        if row and row.state == "posted" and row.content_hash == content_hash:
            return
        sink, mark = await self._place(card), f"{self._task_id}/{card.key}/{number}"
        message_id = row and (row.message_id or await self._look_up(sink, row, mark))
        if message_id:
            await self._chat.edit(sink, message_id, part, mark)
        else:
            await self._write(card.key, number, state="posting", posting_at=datetime.now(UTC))
            message_id = await self._chat.post(sink, part, mark)
        await self._write(
            card.key, number, state="posted", message_id=message_id, content_hash=content_hash, rendered_seq=seq
        )

    async def _look_up(self, sink: Sink, row: Delivery, mark: str) -> str | None:
        """A post whose answer was lost: keep the oldest message that carries the mark, delete the rest."""
        since = (row.posting_at or datetime.now(UTC)) - LOOK_BACK
        found: list[Found] = [f for f in await self._chat.find(sink, since) if f.mark == mark]
        for double in found[1:]:
            await self._chat.delete(sink, double.message_id)
        return found[0].message_id if found else None

    async def _place(self, card: Card) -> Sink:
        """Cards hang under the root, which is the status card's message unless the thread was there before."""
        if isinstance(card, StatusCard) or self._sink.thread:
            return self._sink
        root = await self._row("status", 0)
        if root is None or root.message_id is None:
            raise ChatUnavailable("The head of the thread is not there yet.")
        return self._sink.model_copy(update={"thread": root.message_id})

    async def _row(self, key: str, number: int) -> Delivery | None:
        if self._rows is None:
            rows = await self._deliveries.rows(self._task_id, self._sink.key)
            self._rows = {(row.card_key, row.part): row for row in rows}
        return self._rows.get((key, number))

    async def _write(self, key: str, number: int, **values: object) -> None:
        place = {"task_id": self._task_id, "sink": self._sink.key, "card_key": key, "part": number}
        row = Delivery.model_validate({**place, "fence": self._fence, **values})
        if not await self._deliveries.write(row):
            raise LostLease
        if self._rows is not None:
            self._rows[(key, number)] = row


def _hash(part: Part) -> str:
    return hashlib.sha256(json.dumps(part.content, sort_keys=True).encode()).hexdigest()
