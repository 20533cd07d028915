"""All places a task is reported to: its own thread, and the channels that are subscribed to it."""

import structlog

from activities.dependencies import ActivityDependencies
from activities.in_person import tell_subscriber
from activities.membership import is_among
from workflows.agents import AgentSpec
from workflows.chat import Sink
from workflows.errors import NotFound, ThreadworkError
from workflows.subscriptions import Subscription, told_to
from workflows.tasks import TaskOrder

log = structlog.get_logger(__name__)


class Subscribers:
    def __init__(self, ports: ActivityDependencies) -> None:
        self._ports = ports
        self._seen: list[Subscription] | None = None
        self._burying: set[str] = set()  # whose subscribers are being told
        self.changes = 0  # noticed so far: what was asked for before the last one may be out of date

    async def look(self) -> None:
        """Notice whether somebody subscribed or unsubscribed a channel."""
        await self._standing()

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread first. A channel that was told of it once is kept true for good."""
        own = await self._ports.deliveries.sinks(task_id)
        try:
            order = await self._ports.tasks.order(task_id)
        except NotFound:
            return own
        wanted = await self._wanted(order)
        return [*own, *told_to(wanted, own, await self._ports.deliveries.told(task_id))]

    async def bury(self, task_id: str, sink: Sink, error: str) -> None:
        """The channel takes no messages any more: nothing is sent there, and whoever subscribed it is told so once."""
        if sink.platform not in self._ports.chats:
            return  # this worker has no credentials; the channel may be well
        standing = [one for one in await self._standing() if one.sink.place == sink.place]
        dead = {one.subscription_id: one for one in standing if one.subscription_id not in self._burying}
        self._burying |= dead.keys()
        try:
            for by in {one.by.account: one.by for one in dead.values() if one.by}.values():
                await tell_subscriber(self._ports, task_id, by, sink, error)
            for one in dead.values():  # after they were told: whoever is lost in between leaves it to the next
                await self._ports.subscriptions.put(one.model_copy(update={"failure": error}))
                log.warning("subscription_dead", sink=sink.address, error=error)
        finally:
            self._burying -= dead.keys()

    async def _wanted(self, order: TaskOrder) -> list[Subscription]:
        try:
            agent = await self._ports.catalog.agent(order.agent)
        except NotFound:
            return [one for one in await self._standing() if one.wants(order, order.agent)]
        wanted = (one for one in await self._standing() if one.wants(order, agent.name))
        return [one for one in wanted if await self._may_hear(one, agent)]

    async def _may_hear(self, one: Subscription, agent: AgentSpec) -> bool:
        """Of an agent that came later, or is closed by now, who may not run it is not told."""
        if one.by is None:
            return True
        try:
            return await is_among(one.by, agent.access.run, self._ports.directory)
        except ThreadworkError as error:
            log.warning(
                "subscriber_not_known", sink=one.sink.address, error=str(error), hint="Their groups are asked again."
            )
            return False

    async def _standing(self) -> list[Subscription]:
        """Those of the file, unless they died, and those that people made."""
        rows = await self._ports.subscriptions.all()
        dead = {one.subscription_id for one in rows if one.failure}
        of_file = [one for one in await self._ports.catalog.subscriptions() if one.subscription_id not in dead]
        standing = [*of_file, *(one for one in rows if one.source == "chat" and not one.failure)]
        if standing != self._seen:
            self._seen, self.changes = standing, self.changes + 1
        return standing
