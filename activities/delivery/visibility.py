"""Whether a subscribed channel may be told of a task, as things stand now."""

from collections.abc import Sequence

from threadwork.activities.membership import is_among
from threadwork.activities.ports import Catalog, Channels, Directory
from threadwork.workflows.access import named_only, same_account
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import Principal


class Visibility:
    """Channels change from public to private, and people leave: nothing of this is remembered.

    The methods raise `ChatUnavailable` while a platform does not say who may read a channel."""

    def __init__(self, channels: Channels, directory: Directory, catalog: Catalog) -> None:
        self._channels = channels
        self._directory = directory
        self._catalog = catalog

    async def covers(self, one: Subscription, order: TaskOrder, agent: AgentSpec | None) -> bool:
        """What the file says holds for all that it serves; what people asked for, for what everybody there may read.

        `agent`: the task's, as it is configured now; None: it is not there any more."""
        if one.source == "file":
            return True
        if one.by is None:
            return False
        if order.sink is None or order.private:
            return await self._is_own_affair(one, one.by, order)
        kind = await self._channels.kind(order.sink)
        if kind == "direct":
            return await self._is_own_affair(one, one.by, order)
        if kind != "thread" and one.sink.place[:2] == order.sink.place[:2]:
            return True
        if kind != "public":
            return await self._is_told_alone(one, one.by, order)
        return await self._is_together(one.sink, order.sink) or await self.may_see(one.by, order, agent)

    async def may_see(self, by: Principal, order: TaskOrder, agent: AgentSpec | None) -> bool:
        """By any of the person's accounts."""
        return await self.is_involved(by, order, agent) or await self.speaks(by, order)

    async def is_involved(self, by: Principal, order: TaskOrder, agent: AgentSpec | None) -> bool:
        """Who asked for the task, and who is named to decide or to steer; `*` names nobody."""
        if await self._is_mine(by, order):
            return True
        named = [*agent.approvals.approvers, *agent.access.control] if agent else []
        return await is_among(by, named_only(named), self._directory)

    async def speaks(self, by: Principal, order: TaskOrder) -> bool:
        """Whether they may speak in its channel now."""
        if order.sink is None or order.private:
            return False
        for user_id in _ids(by, await self._directory.names(by), order.sink.platform):
            if await self._channels.speaks(user_id, order.sink):
                return True
        return False

    async def _is_own_affair(self, one: Subscription, by: Principal, order: TaskOrder) -> bool:
        """What somebody does with the bot alone is told where they asked for their own tasks, by name."""
        if not await self._is_mine(by, order):
            return False
        return one.names_people or await self._is_told_alone(one, by, order)

    async def _is_told_alone(self, one: Subscription, by: Principal, order: TaskOrder) -> bool:
        """Others speak in a private channel, so its tasks leave it only for whoever asked, where nobody else reads."""
        return await self._is_mine(by, order) and await self._channels.kind(one.sink) == "direct"

    async def _is_mine(self, by: Principal, order: TaskOrder) -> bool:
        return same_account(by, order.by) or same_account(by, order.by, await self._directory.names(by))

    async def _is_together(self, here: Sink, there: Sink) -> bool:
        """A workspace or server with itself; two as the file says; where it does not, the only workspace that has the
        app with the only server that has the bot. Of several nobody knows whose they are."""
        homes = {(sink.platform, sink.workspace) for sink in (here, there)}
        joined = await self._catalog.together()
        if len(homes) == 1 or joined is not None:
            return len(homes) == 1 or homes <= set(joined or ())
        if here.platform == there.platform:
            return False
        return await self._channels.is_only_home(here) and await self._channels.is_only_home(there)


def _ids(by: Principal, names: Sequence[str], platform: str) -> list[str]:
    """User ids of the person on the platform. `names`: those of their other accounts, keys among them."""
    keys = [by.key, *names]
    return list(dict.fromkeys(key.rpartition(":")[2] for key in keys if key.startswith(f"{platform}:")))
