"""Follows the events of a task and keeps its sinks in step with them."""

import asyncio
from datetime import UTC, datetime

import structlog
from temporalio import activity

from threadwork.activities.delivery.direct_messages import tell_in_person
from threadwork.activities.delivery.followed import FollowedTasks
from threadwork.activities.delivery.follower import Follower
from threadwork.activities.delivery.news import News
from threadwork.activities.delivery.sink_delivery import SinkDelivery
from threadwork.activities.delivery.subscribers import Subscribers
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.heartbeat import heartbeating
from threadwork.activities.thread_reader import ThreadReader
from threadwork.activities.watcher import Watcher
from threadwork.workflows.messages import NotifyRequest, NotifyResult

log = structlog.get_logger(__name__)

SLOTS = 500  # followers of a worker; beyond nine tenths of them those with nothing to do make room
SWEEP = 2.0  # seconds between looks for what was left in doubt


class NotifyActivities:
    """Followers of one worker, and the sweeper behind them."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._subscribers = Subscribers(dependencies)
        self._followed = FollowedTasks(self._subscribers)
        self._watcher = Watcher(dependencies.events, dependencies.bus)
        self._sink_deliveries: dict[tuple[str, str], SinkDelivery] = {}

    @activity.defn
    async def notify_thread_activity(self, request: NotifyRequest) -> NotifyResult:
        followed = await self._followed.begin(request.task_id)
        last = request.last_seq
        sink_deliveries = [
            SinkDelivery(self._ports, request.task_id, sink, last, self._subscribers) for sink in followed.sinks
        ]
        self._sink_deliveries |= {
            (request.task_id, sink_delivery.sink.key): sink_delivery for sink_delivery in sink_deliveries
        }
        news = News()
        try:
            async with heartbeating(), self._watcher.watching(request.task_id, news):
                follower = Follower(
                    self._ports,
                    request,
                    sink_deliveries,
                    news,
                    is_crowded=lambda: len(self._sink_deliveries) > 0.9 * SLOTS,
                    is_outdated=lambda: followed.is_outdated,
                    is_unsure=lambda: self._subscribers.is_unsure(request.task_id),
                )
                result = await follower.follow()
                await self._bury(request.task_id, sink_deliveries)
            return result
        finally:
            self._followed.end(followed)
            await asyncio.shield(self._leave(sink_deliveries))

    async def _bury(self, task_id: str, sink_deliveries: list[SinkDelivery]) -> None:
        for sink_delivery in sink_deliveries:
            if sink_delivery.failure and sink_delivery.sink.kinds:
                await self._subscribers.bury(task_id, sink_delivery.sink, sink_delivery.failure)
            elif sink_delivery.failure and not sink_delivery.is_told:
                told = await tell_in_person(self._ports, task_id, sink_delivery.sink, sink_delivery.failure)
                await sink_delivery.note(told)

    async def _leave(self, sink_deliveries: list[SinkDelivery]) -> None:
        """All are forgotten before any is closed: with the database away closing fails, and whoever stayed would take
        the sweeper's doubts for good."""
        self._sink_deliveries = {
            key: other for key, other in self._sink_deliveries.items() if other not in sink_deliveries
        }
        await asyncio.gather(*(sink_delivery.close() for sink_delivery in sink_deliveries))

    async def sweep(self) -> None:
        """Look into doubtful deliveries, also of tasks that nobody follows any more, and for new subscriptions. Runs
        until cancelled."""
        while True:
            try:
                await self._followed.look()
                for task_id, sink in await self._ports.doubts.due(datetime.now(UTC), limit=20):
                    await self._look_into(task_id, sink)
            except Exception as error:
                log.warning("sweep_failed", error=type(error).__name__, hint="It is tried again.")
            await asyncio.sleep(SWEEP)

    async def _look_into(self, task_id: str, sink_key: str) -> None:
        if sink_delivery := self._sink_deliveries.get((task_id, sink_key)):
            sink_delivery.recheck()
            return
        for sink in await self._subscribers.sinks(task_id):
            if sink.key == sink_key:
                sink_delivery = SinkDelivery(self._ports, task_id, sink, subscribers=self._subscribers)
                try:
                    await sink_delivery.show(await ThreadReader(self._ports.events, self._ports.views, task_id).view())
                    await self._bury(task_id, [sink_delivery])
                finally:
                    await asyncio.shield(sink_delivery.close())
