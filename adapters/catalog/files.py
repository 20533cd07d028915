"""What `threadwork.yaml` says, or what holds without one."""

import shutil
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from threadwork.adapters.catalog.checks import checked
from threadwork.adapters.catalog.foreign_servers import Foreign, foreign_servers
from threadwork.adapters.catalog.model_shape import ModelShape
from threadwork.adapters.catalog.problems import ConfigError, choice
from threadwork.adapters.catalog.shape import (
    AccessRules,
    AgentShape,
    CatalogShape,
    ChannelRule,
    NotifyRule,
    ServerShape,
    TriggerRule,
)
from threadwork.adapters.catalog.skill_folders import read_skills
from threadwork.adapters.catalog.yaml_source import SIZE, TOO_LARGE, YamlSource
from threadwork.workflows.access import Workspace
from threadwork.workflows.agents import AgentSpec, BudgetSpec, ChannelSpec, Skill, ToolPolicy, models_of
from threadwork.workflows.errors import NotFound
from threadwork.workflows.model_names import ModelList
from threadwork.workflows.models import ModelSpec
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import digest, preview

__all__ = ["Catalog", "ConfigError", "FileCatalog"]


class FileCatalog:
    """The port `Catalog`, and what else the file holds: `servers`, `model_specs`, `notify`, `triggers`, `access`."""

    def __init__(
        self,
        shape: CatalogShape,
        agents: Sequence[AgentSpec],
        servers: dict[str, ServerSpec],
        skills: dict[str, Skill],
        off: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self._agents = {agent.name: agent for agent in agents}
        self._skills = skills
        self.servers, self.servers_off = servers, tuple(off)
        self.servers_from = shape.mcpServersFrom
        self.notes = tuple(notes)  # what is told at the start of servers that other programs declare
        self.notify: tuple[NotifyRule, ...] = shape.notify
        self.triggers: dict[str, TriggerRule] = shape.triggers
        self.access: AccessRules = shape.access
        self.model_specs = {name: _model(entry) for name, entry in shape.models.items()}

    @property
    def without_effect(self) -> list[str]:
        """What is checked, but nothing acts on so far."""
        given = {
            "triggers": self.triggers,
            "access.channels": [
                one for one in self.access.channels.values() if (one.agents, one.run) != (("*",), ("*",))
            ],
            "access.limits": self.access.limits.model_dump(exclude_none=True),
        }
        return [name for name, value in given.items() if value]

    @classmethod
    def load(cls, path: Path | None, default_model: str, home: Path) -> "FileCatalog":
        """The catalog of a file; with None, or an empty file, the built-in one.

        `home` is where the built-in notes are kept. Raises `ConfigError` with every mistake there is,
        also when the file is not there."""
        if path is None:
            return cls(CatalogShape(), [_built_in_agent(default_model)], _built_in_servers(home), {})
        source, folder = YamlSource(_read(path)), path.absolute().parent
        skills, problems = _skills(source, folder, str(path))
        foreign = _foreign(source.data, folder)
        shape = checked(source, skills, str(path), [*problems, *foreign.problems], [*foreign.servers, *foreign.off])
        agents = [_agent(name, agent, shape.access, default_model) for name, agent in shape.agents.items()]
        servers = {name: _server(server, folder) for name, server in shape.mcpServers.items() if not server.disabled}
        servers |= foreign.servers
        off = (*(name for name, server in shape.mcpServers.items() if server.disabled), *foreign.off)
        if not agents and not servers:
            return cls(shape, [_built_in_agent(default_model)], _built_in_servers(home), skills, off, foreign.notes)
        agents = agents or [AgentSpec(name="default", model=default_model)]
        return cls(shape, agents, servers, skills, off, foreign.notes)

    async def agent(self, name: str) -> AgentSpec:
        """The agent of that name; `default` is also the only one of a file that has just one.

        Raises `NotFound`, naming the agents there are."""
        if name == "default" and len(self._agents) == 1:
            return next(iter(self._agents.values()))
        if name not in self._agents:
            raise NotFound(f'There is no agent "{name}"{choice(name, self._agents)}.')
        return self._agents[name]

    async def agents(self) -> list[AgentSpec]:
        return list(self._agents.values())

    async def channel(self, sink: Sink) -> ChannelSpec:
        """The entry under `access.channels`, by the channel's id."""
        rule = self.access.channels.get(sink.channel) or ChannelRule()
        return ChannelSpec(agent=rule.agent, instructions=rule.instructions, follow_ups=rule.follow_ups)

    async def models(self) -> ModelList:
        names = dict.fromkeys((*models_of(self._agents.values()), *self.model_specs))
        return ModelList(names=tuple(names), patterns=self.access.models)

    async def skills(self, names: Sequence[str]) -> list[Skill]:
        """In the order asked for. Raises `NotFound`."""
        for name in names:
            if name not in self._skills:
                raise NotFound(f'There is no skill "{name}"{choice(name, self._skills)}.')
        return [self._skills[name] for name in names]

    async def subscriptions(self) -> list[Subscription]:
        """The entries of `notify`; one that is changed is another one."""
        return [*map(_subscription, self.notify), *_escalations(self._agents.values())]

    async def together(self) -> list[Workspace] | None:
        """Workspaces and servers whose tasks may be told in each other's channels. None: the file does not say."""
        if self.access.together is None:
            return None
        homes = (home.partition(":") for home in self.access.together)
        return [(platform, workspace) for platform, _, workspace in homes]


Catalog = FileCatalog


def _subscription(rule: NotifyRule) -> Subscription:
    return Subscription(
        subscription_id=f"file:{digest(rule.model_dump(mode='json'))}",
        sink=Sink.at(rule.to),
        source="file",
        **rule.model_dump(exclude={"to"}),
    )


def _escalations(agents: Iterable[AgentSpec]) -> Iterator[Subscription]:
    """Channels that are told of an agent's approvals once nobody decided them for so long."""
    asked = ((one, address) for one in agents if one.approvals.escalate for address in one.approvals.escalate.channels)
    for agent, address in asked:
        known = f"escalate:{digest([agent.name, address])}"
        sink = Sink.at(address)
        yield Subscription(subscription_id=known, sink=sink, source="file", on=("escalated",), agents=(agent.name,))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(4 * SIZE + 1)  # bytes; a character has at most four
        if len(content) > 4 * SIZE:
            raise ConfigError([f"{path}:1: {TOO_LARGE}"])
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {(error.strerror or str(error)).lower()}"]) from None


def _skills(source: YamlSource, folder: Path, file: str) -> tuple[dict[str, Skill], list[str]]:
    chosen = source.data.get("skills") if isinstance(source.data, dict) else None
    place = folder / (chosen if isinstance(chosen, str) else "skills")
    if isinstance(chosen, str) and not _is_folder(place):
        return {}, [f"{file}:{source.line(('skills',))}: skills: there is no folder {preview(str(place), 300)}"]
    return read_skills(place)


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:  # a name that is too long, for one
        return False


def _agent(name: str, shape: AgentShape, access: AccessRules, default_model: str) -> AgentSpec:
    """Who may do what is said by the agent, else by the whole file's `access`."""
    own = {field: getattr(shape, field) for field in AgentShape.model_fields}
    everyone = {"run": access.run, "control": access.control, "budget": access.budget, "grant": access.grant}
    own["access"] = {**everyone, **shape.access.model_dump(exclude_unset=True)}
    own["approvals"] = {"approvers": access.approve, **shape.approvals.model_dump(exclude_unset=True)}
    own["tools"], own["budget"] = shape.tools.model_dump(), shape.budget.model_dump()
    return AgentSpec.model_validate({**own, "name": name, "model": shape.model or default_model})


def _model(shape: ModelShape) -> ModelSpec:
    return ModelSpec.model_validate({**shape.model_dump(), "params": shape.params.model_dump(exclude_none=True)})


def _foreign(data: Any, folder: Path) -> Foreign:
    given = data if isinstance(data, dict) else {}
    files, own = given.get("mcpServersFrom"), given.get("mcpServers")
    named = [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
    return foreign_servers(named, folder, own if isinstance(own, dict) else ())


def _server(shape: ServerShape, folder: Path) -> ServerSpec:
    """Programs start where the file is, so that ./notes in it means what it looks like."""
    given = shape.model_dump(exclude={"type", "disabled", "autoApprove", "alwaysAllow"}, exclude_none=True)
    spec = ServerSpec.model_validate({**given, "sse": shape.type == "sse"})
    if spec.command is None:
        return spec
    return spec.model_copy(update={"command": _program(spec.command), "cwd": str(folder / (spec.cwd or "."))})


def _program(command: str) -> str:
    """Our own command is the one that runs now, also where the virtual environment is not on the PATH."""
    if command != "threadwork":
        return command
    return shutil.which(command, path=sysconfig.get_path("scripts")) or command


def _built_in_agent(model: str) -> AgentSpec:
    # The demo model's story costs about half of this: its budget warning is seen.
    budget = BudgetSpec(usd=0.10) if model.startswith("demo/") else BudgetSpec()
    return AgentSpec(
        name="default",
        description="Helps with anything",
        model=model,
        instructions="You are a helpful assistant who works in a chat thread. Keep notes of what is worth keeping.",
        tools=ToolPolicy(allow=("notes.list_*", "notes.read_*"), ask=("*",)),
        budget=budget,
    )


def _built_in_servers(home: Path) -> dict[str, ServerSpec]:
    arguments = ("notes-server", str(home.absolute() / "notes"))
    return {"notes": ServerSpec(command=_program("threadwork"), args=arguments, trust_annotations=True)}
