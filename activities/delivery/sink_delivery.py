"""Brings the views of one task to one sink: the lease, the pace and the reconciler."""

import time
import uuid
from contextlib import suppress

from threadwork.activities.delivery.card_selection import card_selection
from threadwork.activities.delivery.delivery_record import LostLease
from threadwork.activities.delivery.reconciler import Pass, Reconciler
from threadwork.activities.delivery.subscribers import Subscribers
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.null_chat import NullChat
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.errors import SinkGone
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Status

LEASE = 30.0  # seconds; more than twice what a platform call may take
RENEW = 10.0  # seconds after which the lease is renewed
PACE = 2.0  # seconds between edits of the status card: ten seconds cost a sink five edits
SHOWN_AT_ONCE = frozenset(Status) - {
    Status.QUEUED,
    Status.RUNNING,
}  # states that the card shows without waiting its turn
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds before the next try at a platform that does not take a call


class SinkDelivery:
    """Shows views in its sink. `failure` says why it is dead, until the run has said so."""

    def __init__(
        self,
        ports: ActivityDependencies,
        task_id: str,
        sink: Sink,
        asked_at: int = 0,
        subscribers: Subscribers | None = None,
    ) -> None:
        """`asked_at`: the newest event when this was asked for; it may be on its way to the database still."""
        self._ports = ports
        self._subscribers = subscribers or Subscribers(ports)
        self._task_id = task_id
        self.sink = sink
        self._chat = ports.chats.get(sink.platform) or NullChat(sink.platform)
        self._asked_at = asked_at
        self._holder = uuid.uuid4().hex
        self._fence: int | None = None
        self._renew_at = 0.0
        self._reconciler: Reconciler | None = None
        self._in_doubt = False  # something is to be looked into that the reconciler has not read yet
        self._edit_at = 0.0
        self._status: Status | None = None  # that the card shows
        self._shown = (-1, "", "")  # number of the last event, what is being done, and live text
        self._troubles = 0
        self._due = 0.0
        self.undelivered = 1  # parts that are not as they should be; before the first look nobody knows
        self.failure: str | None = None

    @property
    def due(self) -> float:
        """When (`time.monotonic`) it is worth showing again, news or not."""
        return self._due

    def recheck(self) -> None:
        """Something was left in doubt: look again, at once. What the reconciler knows of its own calls is kept."""
        self._in_doubt, self._due, self.undelivered = True, 0.0, max(self.undelivered, 1)

    def has_work(self, view: ThreadView) -> bool:
        """Whether it is worth showing the view now."""
        known = _looks(view) == self._shown
        if time.monotonic() < self._due and (self._troubles or known):
            return False
        return not known or self.undelivered > 0

    async def show(self, view: ThreadView) -> None:
        """Bring the sink in line with the view, as far as leases, tokens and the platform allow."""
        now = time.monotonic()
        if not self.has_work(view):
            return
        if not await self._hold(now):
            self.undelivered, self._due = 1, now + 1.0
            return
        try:
            await self._show(view, now)
        except LostLease:
            await self._lose()
            self.undelivered, self._due = 1, now + 1.0
        except SinkGone as error:
            if view.seq < self._asked_at:  # what is on its way may be that the run has said so
                self.undelivered, self._due = 1, now + 1.0
            else:
                self.undelivered, self.failure = 0, str(error)

    @property
    def is_told(self) -> bool:
        """Whether a person was told of the failure."""
        return self._reconciler is not None and self._reconciler.is_told

    async def note(self, told: bool) -> None:
        """A person was told of the failure: nobody tells it again. Without the lease somebody else may."""
        if told and self._reconciler is not None:
            with suppress(LostLease):
                await self._reconciler.note_told()

    async def _show(self, view: ThreadView, now: float) -> None:
        in_doubt, self._in_doubt = self._in_doubt, False
        if self._reconciler is None:
            self._reconciler = await self._new_reconciler()
        elif in_doubt:
            await self._reconciler.load()
        edits = now >= self._edit_at or self.sink.subscribed or view.status.status in SHOWN_AT_ONCE - {self._status}
        done = await self._reconciler.reconcile(view, edits)
        self.undelivered = done.undelivered
        if edits:
            self._edit_at, self._status = now + PACE, view.status.status
        else:
            self.undelivered += 1  # the status card, when its time has come
        self._shown = _looks(view)
        self._pace(done, now, edits)

    def _pace(self, done: Pass, now: float, edits: bool) -> None:
        if not self.undelivered:
            self._troubles, self._due = 0, 0.0
            return
        if not edits and self.undelivered == 1:
            self._due = self._edit_at
            return
        back_off = BACK_OFF[min(self._troubles, len(BACK_OFF) - 1)]
        wait = done.wait or back_off
        troubled = done.troubled or not done.wait
        self._troubles += troubled
        self._due = now + (min(wait, back_off) if troubled else wait)

    async def _hold(self, now: float) -> bool:
        """Have the lease, renewed well before it runs out."""
        if self._fence is not None and now < self._renew_at:
            return True
        fence = await self._ports.leases.lease(self._task_id, self.sink.key, self._holder, LEASE)
        if fence != self._fence:
            await self._lose()
        self._fence, self._renew_at = fence, now + RENEW
        return fence is not None

    async def _lose(self) -> None:
        """Somebody else has taken over, perhaps while we were frozen: what we sent since must be looked into."""
        if self._fence is not None:
            await self._ports.doubts.reopen(self._task_id, self.sink.key, self._fence)
        self._fence, self._reconciler = None, None

    async def _new_reconciler(self) -> Reconciler:
        ports = self._ports
        reconciler = Reconciler(
            self._chat,
            ports.deliveries,
            ports.doubts,
            ports.rates,
            ports.transcript,
            self._task_id,
            self.sink,
            self._fence or 0,
            card_selection(self.sink, ports.tasks, self._subscribers.kinds),
        )
        await reconciler.load()
        return reconciler

    async def close(self) -> None:
        """Give the lease back: whoever comes next need not wait for it to run out."""
        fence, was_frozen = self._fence, self._reconciler and self._reconciler.was_frozen
        if was_frozen:
            await self._lose()
        if fence is not None:
            await self._ports.leases.release(self._task_id, self.sink.key, fence)
            self._fence = None


def _looks(view: ThreadView) -> tuple[int, str, str]:
    """By what two views of a task differ."""
    return view.seq, view.status.doing, view.status.live
