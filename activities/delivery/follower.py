"""Brings every place a task is reported to up to where the task is now."""

import asyncio
import time
from collections.abc import Callable

from threadwork.activities.delivery.news import News
from threadwork.activities.delivery.sink_delivery import SinkDelivery
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.thread_reader import ThreadReader
from threadwork.activities.watcher import woken
from threadwork.workflows.cards import RUNNING, THINKING, ThreadView
from threadwork.workflows.messages import NotifyRequest, NotifyResult, SinkFailure

DESCRIBE_INTERVAL = (
    20.0  # seconds between looks at what Temporal knows of a model call, while nothing else is heard of it
)
THOUGHT = 120  # characters of what a model thinks that are shown while it does
IDLE_TIMEOUT = 30.0  # seconds without an event after which the call ends
MAX_FOLLOW_TIME = 600.0  # seconds a call may follow
SHORTEST = 5.0  # seconds a call follows at least, however short slots are


class Follower:
    """One call: from the stored view to where the task is now."""

    def __init__(
        self,
        ports: ActivityDependencies,
        request: NotifyRequest,
        sink_deliveries: list[SinkDelivery],
        news: News,
        is_crowded: Callable[[], bool],
        is_outdated: Callable[[], bool],
        is_unsure: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_crowded`: others wait for a slot. `is_outdated`: the task may have to be reported to other places.
        `is_unsure`: whether it may is being asked."""
        self._attempts, self._look_at = ports.attempts, 0.0  # the first time at once
        self._reader = ThreadReader(ports.events, ports.views, request.task_id)
        self._request = request
        self._sink_deliveries = sink_deliveries
        self._news = news
        self._is_crowded, self._is_outdated, self._is_unsure = is_crowded, is_outdated, is_unsure
        self._began = self._changed = time.monotonic()
        self._seq = -1
        self._shown: ThreadView | None = None
        self._busy: set[SinkDelivery] = set()  # those of subscribed channels that are under way
        self._behind = asyncio.TaskGroup()

    async def follow(self) -> NotifyResult:
        """Until the run has ended or is quiet, and everything is delivered or its sinks are dead."""
        try:
            async with self._behind:
                await self._follow()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        return self._result()  # with what became of those that were still under way

    async def _follow(self) -> None:
        while True:
            self._news.came.clear()
            view = await self._reader.view()
            if view.seq > self._seq:
                self._look_at = 0.0 if self._seq < 0 else time.monotonic() + DESCRIBE_INTERVAL
                self._seq, self._changed = view.seq, time.monotonic()
            if view.seq:
                await self._look_at_attempts(view)
                await self._show(self._with_live_text(view))
            if self._may_leave(view):
                await self._reader.save()
                return
            await self._rest()

    async def _show(self, view: ThreadView) -> None:
        """The task's own thread first: what channels are told leads there. They come behind, so that a platform that
        is slow holds up no other."""
        self._shown = view
        alive = [sink_delivery for sink_delivery in self._sink_deliveries if sink_delivery.failure is None]
        await asyncio.gather(*(sink_delivery.show(view) for sink_delivery in alive if not sink_delivery.sink.kinds))
        for sink_delivery in alive:
            if sink_delivery.sink.kinds and sink_delivery not in self._busy and sink_delivery.has_work(view):
                self._busy.add(sink_delivery)
                self._behind.create_task(self._bring(sink_delivery))

    async def _bring(self, sink_delivery: SinkDelivery) -> None:
        """Up to the newest view, also one that comes meanwhile."""
        shown = None
        try:
            while sink_delivery.failure is None and self._shown is not shown and self._shown is not None:
                shown = self._shown
                await sink_delivery.show(shown)
        finally:
            self._busy.discard(sink_delivery)
        self._news.came.set()

    def _with_live_text(self, view: ThreadView) -> ThreadView:
        """The view with what the model is writing right now, or how far a tool is."""
        if self._news.progress and view.status.ended_at is None and view.status.doing != THINKING:
            far = next(reversed(self._news.progress.values()))
            return view.model_copy(update={"status": view.status.model_copy(update={"doing": far})})
        if view.status.doing != THINKING or not (self._news.live or self._news.waiting):
            return view
        doing, live = self._news.waiting or THINKING, self._news.live
        if self._news.thinking:
            live = f"{THINKING}: …{live[-THOUGHT:]}"
        return view.model_copy(update={"status": view.status.model_copy(update={"live": live, "doing": doing})})

    async def _look_at_attempts(self, view: ThreadView) -> None:
        """What a hint said before this follower began, or on another machine, stands in Temporal."""
        now = time.monotonic()
        if view.status.doing != THINKING or self._news.live or now < self._look_at:
            return
        self._look_at = now + DESCRIBE_INTERVAL
        if (told := await self._attempts.waiting(self._request.task_id)) is not None:
            self._news.waiting = told

    def _may_leave(self, view: ThreadView) -> bool:
        if time.monotonic() - self._began > MAX_FOLLOW_TIME:
            return True
        if any(sink_delivery.failure and not sink_delivery.sink.kinds for sink_delivery in self._sink_deliveries):
            return True  # nobody sees the thread: that is told at once
        if self._is_outdated():
            return True
        if self._busy or self._is_unsure() or any(sink_delivery.undelivered for sink_delivery in self._sink_deliveries):
            return False
        ended = self._request.ended or view.status.ended_at is not None
        return self._quiet(view) or (ended and view.seq >= self._request.last_seq)

    def _quiet(self, view: ThreadView) -> bool:
        """While a model thinks or a tool runs something may be heard of it that is no event."""
        patience = (
            MAX_FOLLOW_TIME if view.status.doing == THINKING or view.status.doing.startswith(RUNNING) else IDLE_TIMEOUT
        )
        return time.monotonic() - self._changed > (SHORTEST if self._is_crowded() else patience)

    async def _rest(self) -> None:
        """Until there is news, a sink is due, or it is time to leave."""
        now = time.monotonic()
        waiting = (
            one for one in self._sink_deliveries if one.undelivered and one.failure is None and one not in self._busy
        )
        dues = [sink_delivery.due - now for sink_delivery in waiting]
        await woken(self._news.came, max(0.01, min([*dues, 1.0])))

    def _result(self) -> NotifyResult:
        failures = ((sink_delivery.sink.address, sink_delivery.failure) for sink_delivery in self._sink_deliveries)
        return NotifyResult(
            rendered_seq=self._seq,
            undelivered=sum(sink_delivery.undelivered for sink_delivery in self._sink_deliveries) + self._is_outdated(),
            failures=tuple(SinkFailure(sink=sink, error=error) for sink, error in failures if error),
        )
