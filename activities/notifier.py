"""Follows the events of a task and keeps its sinks in step with them."""

import asyncio
import time
import uuid
from contextlib import suppress

from temporalio import activity

from activities.beating import beating
from activities.dependencies import ActivityDependencies
from activities.reconciler import LostLease, Reconciler
from activities.unconnected import NotConnected
from workflows import thread
from workflows.cards import ThreadView
from workflows.chat import Sink
from workflows.errors import SinkGone
from workflows.messages import NotifyRequest, NotifyResult, SinkFailure

QUIET = 30.0  # seconds without an event after which the call ends
LONGEST = 600.0  # seconds a call may follow
LOOK = 1.0  # seconds between looks at the database, hints or not
LEASE = 30.0  # seconds; a platform call times out in under half of it


class NotifyActivities:
    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies

    @activity.defn
    async def notify_thread_activity(self, request: NotifyRequest) -> NotifyResult:
        async with beating():
            return await Follower(self._ports, request).follow()


class Follower:
    """One call: from the stored view to where the task is now."""

    def __init__(self, ports: ActivityDependencies, request: NotifyRequest) -> None:
        self._ports = ports
        self._task_id = request.task_id
        self._ended = request.ended
        self._holder = uuid.uuid4().hex
        self._failures: list[SinkFailure] = []
        self._leases: dict[str, int] = {}  # fence by sink
        self._woken = asyncio.Event()

    async def follow(self) -> NotifyResult:
        listening = asyncio.create_task(self._listen())
        try:
            return await self._until_quiet()
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await asyncio.shield(self._hand_over())

    async def _hand_over(self) -> None:
        """Whoever follows next need not wait for the leases to run out."""
        for sink, fence in self._leases.items():
            await self._ports.deliveries.release(self._task_id, sink, fence)

    async def _until_quiet(self) -> NotifyResult:
        began = changed = time.monotonic()
        sinks = await self._ports.deliveries.sinks(self._task_id)
        rendered, undelivered = -1, 0
        while True:
            view = await self._view()
            if view.seq > rendered or undelivered:
                undelivered = await self._show(view, sinks)
                rendered, changed = view.seq, time.monotonic()
            done = not undelivered and (self._ended or view.status.ended_at is not None)
            now = time.monotonic()
            if done or now - changed > QUIET or now - began > LONGEST:
                return NotifyResult(rendered_seq=rendered, undelivered=undelivered, failures=tuple(self._failures))
            self._woken.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK)

    async def _view(self) -> ThreadView:
        """The stored view with what has happened since."""
        view = await self._ports.views.load(self._task_id) or ThreadView(task_id=self._task_id)
        start = view.seq
        while events := await self._ports.events.read(self._task_id, after=view.seq):
            for event in events:
                view = thread.apply(view, event)
        if view.seq > start:
            await self._ports.views.save(view)
        return view

    async def _show(self, view: ThreadView, sinks: list[Sink]) -> int:
        counts = [await self._show_in(sink, view) for sink in list(sinks)]
        return sum(counts)

    async def _show_in(self, sink: Sink, view: ThreadView) -> int:
        chat = self._ports.chats.get(sink.platform, NotConnected(sink.platform))
        fence = await self._ports.deliveries.lease(self._task_id, sink.key, self._holder, LEASE)
        if fence is None:
            return 1
        self._leases[sink.key] = fence
        reconciler = Reconciler(self._ports.deliveries, self._ports.transcript, chat, self._task_id, sink, fence)
        try:
            return await reconciler.reconcile(view)
        except LostLease:
            return 1
        except SinkGone as error:
            self._failures.append(SinkFailure(sink=sink.key, error=str(error)))
            return 0

    async def _listen(self) -> None:
        async for _ in self._ports.bus.listen(self._task_id):
            self._woken.set()
