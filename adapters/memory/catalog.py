"""Agents, and who belongs to what, without files."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from threadwork.workflows.access import CATEGORY, Workspace
from threadwork.workflows.agents import AgentSpec, ChannelSpec, Skill, models_of
from threadwork.workflows.errors import NotFound
from threadwork.workflows.model_names import ModelList
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import Principal, Standing


class MemoryCatalog:
    """Satisfies `Catalog`; the twin of what reads `threadwork.yaml`."""

    def __init__(
        self,
        *agents: AgentSpec,
        skills: Sequence[Skill] = (),
        subscriptions: Sequence[Subscription] = (),
        together: Sequence[Workspace] | None = None,
        models: Sequence[str] = (),
        channels: Mapping[str, ChannelSpec] | None = None,
    ) -> None:
        """`models`: patterns of what people may ask for beside the agents' own. `channels`: by id."""
        self._channels = channels or {}
        self._agents = {agent.name: agent for agent in agents}
        self._skills = {skill.name: skill for skill in skills}
        self._subscriptions = subscriptions
        self._together = together
        self._models = ModelList(names=models_of(agents), patterns=tuple(models))

    async def agent(self, name: str) -> AgentSpec:
        """The agent of that name; `default` is also the only one where there is just one. Raises `NotFound`."""
        if name == "default" and len(self._agents) == 1:
            return next(iter(self._agents.values()))
        if name not in self._agents:
            raise NotFound(f"There is no agent {name!r}.", f"There are: {', '.join(sorted(self._agents))}.")
        return self._agents[name]

    async def agents(self) -> list[AgentSpec]:
        return list(self._agents.values())

    async def channel(self, sink: Sink) -> ChannelSpec:
        return self._channels.get(sink.channel, ChannelSpec())

    async def models(self) -> ModelList:
        return self._models

    async def skills(self, names: Sequence[str]) -> list[Skill]:
        """In the order asked for. Raises `NotFound`."""
        if missing := [name for name in names if name not in self._skills]:
            raise NotFound(f"There is no skill {missing[0]!r}.", f"There are: {', '.join(sorted(self._skills))}.")
        return [self._skills[name] for name in names]

    async def subscriptions(self) -> list[Subscription]:
        return list(self._subscriptions)

    async def together(self) -> Sequence[Workspace] | None:
        return self._together


class MemoryDirectory:
    """Groups and standings by principal key. People on the terminal and the page have none."""

    def __init__(
        self, groups: Mapping[str, Sequence[str]] | None = None, standings: Mapping[str, Standing] | None = None
    ) -> None:
        self._groups = groups or {}
        self._standings = standings or {}

    async def names(self, principal: Principal) -> tuple[str, ...]:
        return ()

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        return tuple(self._groups.get(principal.key, ()))

    async def standings(self, principal: Principal) -> tuple[str, ...]:
        return tuple(filter(None, (CATEGORY[await self.standing(principal)],)))

    async def standing(self, principal: Principal) -> Standing:
        return self._standings.get(principal.key, "unknown")

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        return (principal.human,)
