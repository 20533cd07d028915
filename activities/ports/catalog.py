"""What the operator has configured."""

from collections.abc import Sequence
from typing import Protocol

from threadwork.workflows.access import Workspace
from threadwork.workflows.agents import AgentSpec, ChannelSpec, Skill
from threadwork.workflows.model_names import ModelList
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription


class Catalog(Protocol):
    """What `threadwork.yaml` says."""

    async def agent(self, name: str) -> AgentSpec:
        """`default` is also the only one where there is just one. Raises `NotFound`, naming the agents there are."""

    async def agents(self) -> list[AgentSpec]: ...

    async def channel(self, sink: Sink) -> ChannelSpec:
        """What is different in the channel of a sink."""

    async def models(self) -> ModelList:
        """What people may ask for instead of an agent's own."""

    async def skills(self, names: Sequence[str]) -> list[Skill]:
        """In the order asked for. Raises `NotFound`."""

    async def subscriptions(self) -> list[Subscription]:
        """Channels that are told of tasks; each keeps its id for as long as its entry stays as it is."""

    async def together(self) -> Sequence[Workspace] | None:
        """Workspaces and servers whose tasks may be told in each other's channels. None: it does not say."""
