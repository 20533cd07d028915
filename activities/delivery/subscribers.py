"""All places a task is reported to: its own thread, and the channels that are subscribed to it."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from threadwork.activities.delivery.direct_messages import tell_subscriber
from threadwork.activities.delivery.visibility import Visibility
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.membership import is_among
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.errors import NotFound, ThreadworkError
from threadwork.workflows.sinks import NOTHING_NEW, Sink
from threadwork.workflows.subscriptions import DUE, Subscription, told_to
from threadwork.workflows.tasks import TaskOrder

SHORTEST, LONGEST = 5.0, 300.0  # seconds until a platform that did not say who may read a channel is asked again

log = structlog.get_logger(__name__)


class Reported(NamedTuple):
    """Where a task is reported to, and what that hangs on."""

    sinks: list[Sink]
    order: TaskOrder | None  # None: its own thread alone is told, whoever subscribes
    in_force: list[Subscription]  # those there were


class Subscribers:
    """Which channels are told of a task that lives elsewhere: those of `notify` and of `/agent notify`."""

    def __init__(self, ports: ActivityDependencies) -> None:
        self._ports = ports
        self._seen: list[Subscription] = []
        self._again_at: float | None = None  # `time.monotonic` at which platforms are asked once more
        self._noted_at, self._wait = 0.0, SHORTEST  # when that was last set, and to how many seconds later
        self._unsure: set[str] = set()  # tasks of which it was not known who may be told
        self._burying: set[str] = set()  # whose subscribers are being told

    def to_ask_again(self) -> set[str]:
        """Tasks of which platforms did not say who may be told, once it is time to ask them again."""
        now = time.monotonic()
        if self._again_at is not None and now >= self._again_at:
            tasks, self._unsure, self._again_at = self._unsure, set(), None
            return tasks
        if now - self._noted_at > LONGEST:
            self._wait = SHORTEST
        return set()

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread first. A channel that was told of it once is kept true for good.

        Whether a subscribed channel may be told is asked by `kinds`, once there is something to tell."""
        return (await self.reported(task_id)).sinks

    async def reported(self, task_id: str) -> Reported:
        """The `sinks`, and what they hang on."""
        own = await self._ports.deliveries.sinks(task_id)
        in_force = await self.in_force()
        try:
            order = await self._ports.tasks.order(task_id)
        except NotFound:
            return Reported(own, None, in_force)
        if order.parent:
            return Reported(own, None, in_force)  # the thread of its parent tells of it
        told = await self._ports.deliveries.told(task_id)
        return Reported([*own, *told_to(await self.about(order, in_force), own, told)], order, in_force)

    async def kinds(self, task_id: str, sink: Sink) -> Sequence[str]:
        """What the channel may be told of at this moment."""
        order = await self._ports.tasks.order(task_id)
        here = [one for one in await self.about(order, await self.in_force()) if one.sink.place == sink.place]
        wanted, narrowed = await self._told(task_id, order, here)
        found = told_to(wanted, await self._ports.deliveries.sinks(task_id), (), narrowed)
        return found[0].kinds if found else NOTHING_NEW

    async def bury(self, task_id: str, sink: Sink, error: str) -> None:
        """The channel takes no messages any more: nothing is sent there, and whoever subscribed it is told so once."""
        if sink.platform not in self._ports.chats:
            return  # this worker has no credentials; the channel may be well
        in_force = [one for one in await self.in_force() if one.sink.place == sink.place]
        dead = {one.subscription_id: one for one in in_force if one.subscription_id not in self._burying}
        self._burying |= dead.keys()
        try:
            for by in {one.by.account: one.by for one in dead.values() if one.by}.values():
                await tell_subscriber(self._ports, task_id, by, sink, error)
            for one in dead.values():  # after they were told: whoever is lost in between leaves it to the next
                await self._ports.subscriptions.put(one.model_copy(update={"failure": error}))
                log.warning("subscription_dead", sink=sink.address, error=error)
        finally:
            self._burying -= dead.keys()

    async def about(self, order: TaskOrder, among: Sequence[Subscription]) -> list[Subscription]:
        """Those that the task is what they asked for, by people who may run its agent."""
        if not among:
            return []
        agent = await self._agent(order)
        about = [one for one in among if one.wants(order, agent.name if agent else order.agent)]
        return [one for one in about if agent is None or await self._may_hear(one, agent)]

    async def _told(
        self, task_id: str, order: TaskOrder, about: Sequence[Subscription]
    ) -> tuple[list[Subscription], list[Subscription]]:
        """Those that may be told of the task, and those that learn by it that they are told of less."""
        agent = await self._agent(order)
        told = {one.subscription_id: await self._covers(one, order, agent) for one in about}
        self._note(task_id, unsure=None in told.values())
        lost = [one for one in about if told[one.subscription_id] is False and one.was_told(order)]
        narrowed = [one for one in lost if one.notice == task_id or await self._claims(one, task_id)]
        return [one for one in about if told[one.subscription_id]], narrowed

    async def _agent(self, order: TaskOrder) -> AgentSpec | None:
        try:
            return await self._ports.catalog.agent(order.agent)
        except NotFound:
            return None

    async def _covers(self, one: Subscription, order: TaskOrder, agent: AgentSpec | None) -> bool | None:
        """None: nobody can say now. Then it is not told, and asked again before long."""
        ports = self._ports
        try:
            return await Visibility(ports.channels, ports.directory, ports.catalog).covers(one, order, agent)
        except ThreadworkError as error:
            hint = "Nothing about the task is posted there until its platform answers."
            log.warning("channel_not_known", sink=one.sink.address, error=str(error), hint=hint)
            return None

    async def _claims(self, one: Subscription, task_id: str) -> bool:
        """One notice is enough for a channel, however many of its subscriptions are told of less."""
        if one.notice != DUE:
            return False
        here = [other for other in await self.in_force() if other.sink.place == one.sink.place]
        return await self._ports.subscriptions.claim_notice([other.subscription_id for other in here], task_id)

    def _note(self, task_id: str, unsure: bool) -> None:
        """Platforms are asked again, later each time, so that one that is away for long is left alone."""
        if not unsure:
            return
        self._unsure.add(task_id)
        if self._again_at is None:
            self._noted_at = time.monotonic()
            self._again_at = self._noted_at + self._wait
            self._wait = min(2 * self._wait, LONGEST)

    def is_unsure(self, task_id: str) -> bool:
        """Whether it is worth waiting until it is known who may be told of the task; not for ever."""
        return task_id in self._unsure and self._wait < LONGEST

    async def _may_hear(self, one: Subscription, agent: AgentSpec) -> bool:
        """Of an agent that came later, or is closed by now, who may not run it is not told."""
        if one.by is None:
            return True
        try:
            return await is_among(one.by, agent.access.run, self._ports.directory)
        except ThreadworkError as error:
            log.warning(
                "subscriber_not_known", sink=one.sink.address, error=str(error), hint="Looking up groups again."
            )
            return False

    async def in_force(self) -> list[Subscription]:
        """Those of the file, unless they died, and those that people made. The same list until there is a change."""
        rows = await self._ports.subscriptions.all()
        dead = {one.subscription_id for one in rows if one.failure}
        of_file = [one for one in await self._ports.catalog.subscriptions() if one.subscription_id not in dead]
        in_force = [*of_file, *(one for one in rows if one.source == "chat" and not one.failure)]
        if in_force != self._seen:
            self._seen = in_force
        return self._seen
