"""Agents, and who belongs to what, without files."""

from collections.abc import Mapping, Sequence

from workflows.agents import AgentSpec, Skill, models_of
from workflows.errors import NotFound
from workflows.model_names import ModelList
from workflows.subscriptions import Subscription
from workflows.values import Principal


class MemoryCatalog:
    def __init__(
        self,
        *agents: AgentSpec,
        skills: Sequence[Skill] = (),
        subscriptions: Sequence[Subscription] = (),
        models: Sequence[str] = (),
    ) -> None:
        """`models`: patterns of what people may ask for beside the agents' own."""
        self._agents = {agent.name: agent for agent in agents}
        self._skills = {skill.name: skill for skill in skills}
        self._subscriptions = subscriptions
        self._models = ModelList(names=models_of(agents), patterns=tuple(models))

    async def agent(self, name: str) -> AgentSpec:
        if name not in self._agents:
            raise NotFound(f"There is no agent {name!r}.", f"There are: {', '.join(sorted(self._agents))}.")
        return self._agents[name]

    async def agents(self) -> list[AgentSpec]:
        return list(self._agents.values())

    async def models(self) -> ModelList:
        return self._models

    async def skills(self, names: Sequence[str]) -> list[Skill]:
        return [self._skills[name] for name in names if name in self._skills]

    async def subscriptions(self) -> list[Subscription]:
        return list(self._subscriptions)


class MemoryDirectory:
    """Groups by principal key. People on the terminal and the page have none."""

    def __init__(self, groups: Mapping[str, Sequence[str]] | None = None) -> None:
        self._groups = groups or {}

    async def names(self, principal: Principal) -> tuple[str, ...]:
        return ()

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        return tuple(self._groups.get(principal.key, ()))
