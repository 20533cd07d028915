"""Follows the events of a task and keeps its sinks in step with them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.beating import beating
from activities.dependencies import ActivityDependencies
from activities.desk import Desk
from activities.in_person import tell_in_person
from activities.reading import ThreadReader
from activities.subscribers import Subscribers
from activities.watch import News, Watch
from workflows.cards import THINKING, ThreadView
from workflows.messages import NotifyRequest, NotifyResult, SinkFailure

log = structlog.get_logger(__name__)

QUIET = 30.0  # seconds without an event after which the call ends
LONGEST = 600.0  # seconds a call may follow
SHORTEST = 5.0  # seconds a call follows at least, however short slots are
SLOTS = 500  # followers of a worker; beyond nine tenths of them those with nothing to do make room
SWEEP = 2.0  # seconds between looks for what was left in doubt


class NotifyActivities:
    """Followers of one worker, and the sweeper behind them."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._subscribers = Subscribers(dependencies)
        self._watch = Watch(dependencies.events, dependencies.bus)
        self._desks: dict[tuple[str, str], Desk] = {}

    @activity.defn
    async def notify_thread_activity(self, request: NotifyRequest) -> NotifyResult:
        sinks = await self._subscribers.sinks(request.task_id)
        desks = [Desk(self._ports, request.task_id, sink) for sink in sinks]
        self._desks |= {(request.task_id, desk.sink.key): desk for desk in desks}
        try:
            async with beating(), self._watch.on(request.task_id) as news:
                result = await Follower(self._ports, request, desks, news, lambda: len(self._desks)).follow()
            await self._bury(request.task_id, desks)
            return result
        finally:
            await asyncio.shield(self._leave(desks))

    async def _bury(self, task_id: str, desks: list[Desk]) -> None:
        for desk in desks:
            if desk.failure and desk.sink.kinds:
                await self._subscribers.bury(desk.sink, desk.failure)
            elif desk.failure:
                await tell_in_person(self._ports, task_id, desk.sink, desk.failure)

    async def _leave(self, desks: list[Desk]) -> None:
        for desk in desks:
            self._desks = {key: other for key, other in self._desks.items() if other is not desk}
            await desk.close()

    async def sweep(self) -> None:
        """Look into doubtful deliveries, also of tasks that nobody follows any more. Runs until cancelled."""
        while True:
            try:
                for task_id, sink in await self._ports.doubts.due(datetime.now(UTC), limit=20):
                    await self._look_into(task_id, sink)
            except Exception as error:
                log.warning("sweep_failed", error=type(error).__name__, hint="It is tried again.")
            await asyncio.sleep(SWEEP)

    async def _look_into(self, task_id: str, sink_key: str) -> None:
        if desk := self._desks.get((task_id, sink_key)):
            desk.recheck()
            return
        for sink in await self._subscribers.sinks(task_id):
            if sink.key == sink_key:
                desk = Desk(self._ports, task_id, sink)
                try:
                    await desk.show(await ThreadReader(self._ports.events, self._ports.views, task_id).view())
                    await self._bury(task_id, [desk])
                finally:
                    await asyncio.shield(desk.close())


class Follower:
    """One call: from the stored view to where the task is now."""

    def __init__(
        self,
        ports: ActivityDependencies,
        request: NotifyRequest,
        desks: list[Desk],
        news: News,
        crowd: Callable[[], int],
    ) -> None:
        self._reader = ThreadReader(ports.events, ports.views, request.task_id)
        self._request = request
        self._desks = desks
        self._news = news
        self._crowd = crowd
        self._began = self._changed = time.monotonic()
        self._seq = -1

    async def follow(self) -> NotifyResult:
        """Until the run has ended or is quiet, and everything is delivered or its sinks are dead."""
        while True:
            self._news.came.clear()
            view = await self._reader.view()
            if view.seq > self._seq:
                self._seq, self._changed = view.seq, time.monotonic()
            shown = self._with_live_text(view)
            if view.seq:
                await self._show(shown)
            if self._may_leave(view):
                await self._reader.save()
                return self._result()
            await self._rest()

    async def _show(self, view: ThreadView) -> None:
        """The task's own thread first: what channels are told leads there."""
        alive = [desk for desk in self._desks if desk.failure is None]
        for desks in ([d for d in alive if not d.sink.kinds], [d for d in alive if d.sink.kinds]):
            await asyncio.gather(*(desk.show(view) for desk in desks))

    def _with_live_text(self, view: ThreadView) -> ThreadView:
        """The view with what the model is writing right now."""
        if view.status.doing != THINKING or not self._news.live:
            return view
        return view.model_copy(update={"status": view.status.model_copy(update={"live": self._news.live})})

    def _may_leave(self, view: ThreadView) -> bool:
        if time.monotonic() - self._began > LONGEST:
            return True
        if any(desk.failure and not desk.sink.kinds for desk in self._desks):
            return True  # nobody sees the thread: that is told at once
        if any(desk.undelivered for desk in self._desks):
            return False
        ended = self._request.ended or view.status.ended_at is not None
        return self._quiet() or (ended and view.seq >= self._request.last_seq)

    def _quiet(self) -> bool:
        now = time.monotonic()
        patience = QUIET if self._crowd() < 0.9 * SLOTS else SHORTEST
        return now - self._changed > patience

    async def _rest(self) -> None:
        """Until there is news, a sink is due, or it is time to leave."""
        now = time.monotonic()
        dues = [desk.due - now for desk in self._desks if desk.undelivered and desk.failure is None]
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, min([*dues, 1.0]))):
                await self._news.came.wait()

    def _result(self) -> NotifyResult:
        failures = ((desk.sink.address if desk.sink.kinds else desk.sink.key, desk.failure) for desk in self._desks)
        return NotifyResult(
            rendered_seq=self._seq,
            undelivered=sum(desk.undelivered for desk in self._desks),
            failures=tuple(SinkFailure(sink=sink, error=error) for sink, error in failures if error),
        )
