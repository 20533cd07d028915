"""Follows the events of a task and keeps its sinks in step with them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.beating import beating
from activities.courier import Courier
from activities.dependencies import ActivityDependencies
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
        self._couriers: dict[tuple[str, str], Courier] = {}

    @activity.defn
    async def notify_thread_activity(self, request: NotifyRequest) -> NotifyResult:
        sinks = await self._subscribers.sinks(request.task_id)
        couriers = [Courier(self._ports, request.task_id, sink) for sink in sinks]
        self._couriers |= {(request.task_id, courier.sink.key): courier for courier in couriers}
        try:
            async with beating(), self._watch.on(request.task_id) as news:
                result = await Follower(self._ports, request, couriers, news, lambda: len(self._couriers)).follow()
            await self._bury(request.task_id, couriers)
            return result
        finally:
            await asyncio.shield(self._leave(couriers))

    async def _bury(self, task_id: str, couriers: list[Courier]) -> None:
        for courier in couriers:
            if courier.failure and courier.sink.kinds:
                await self._subscribers.bury(task_id, courier.sink, courier.failure)
            elif courier.failure:
                await tell_in_person(self._ports, task_id, courier.sink, courier.failure)

    async def _leave(self, couriers: list[Courier]) -> None:
        for courier in couriers:
            self._couriers = {key: other for key, other in self._couriers.items() if other is not courier}
            await courier.close()

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
        if courier := self._couriers.get((task_id, sink_key)):
            courier.recheck()
            return
        for sink in await self._subscribers.sinks(task_id):
            if sink.key == sink_key:
                courier = Courier(self._ports, task_id, sink)
                try:
                    await courier.show(await ThreadReader(self._ports.events, self._ports.views, task_id).view())
                    await self._bury(task_id, [courier])
                finally:
                    await asyncio.shield(courier.close())


class Follower:
    """One call: from the stored view to where the task is now."""

    def __init__(
        self,
        ports: ActivityDependencies,
        request: NotifyRequest,
        couriers: list[Courier],
        news: News,
        crowd: Callable[[], int],
    ) -> None:
        self._reader = ThreadReader(ports.events, ports.views, request.task_id)
        self._request = request
        self._couriers = couriers
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
        alive = [courier for courier in self._couriers if courier.failure is None]
        for couriers in ([c for c in alive if not c.sink.kinds], [c for c in alive if c.sink.kinds]):
            await asyncio.gather(*(courier.show(view) for courier in couriers))

    def _with_live_text(self, view: ThreadView) -> ThreadView:
        """The view with what the model is writing right now."""
        if view.status.doing != THINKING or not self._news.live:
            return view
        return view.model_copy(update={"status": view.status.model_copy(update={"live": self._news.live})})

    def _may_leave(self, view: ThreadView) -> bool:
        if time.monotonic() - self._began > LONGEST:
            return True
        if any(courier.failure and not courier.sink.kinds for courier in self._couriers):
            return True  # nobody sees the thread: that is told at once
        if any(courier.undelivered for courier in self._couriers):
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
        dues = [courier.due - now for courier in self._couriers if courier.undelivered and courier.failure is None]
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, min([*dues, 1.0]))):
                await self._news.came.wait()

    def _result(self) -> NotifyResult:
        failures = (
            (courier.sink.address if courier.sink.kinds else courier.sink.key, courier.failure)
            for courier in self._couriers
        )
        return NotifyResult(
            rendered_seq=self._seq,
            undelivered=sum(courier.undelivered for courier in self._couriers),
            failures=tuple(SinkFailure(sink=sink, error=error) for sink, error in failures if error),
        )
