"""What a person may do, as far as it is worth saying so early: the run itself is asked again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from threadwork.activities.ports.accounts import Directory
from threadwork.bot.chat.rooms import is_in, known_there
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.access import (
    allowed,
    hangs_on_groups,
    hangs_on_standing,
    named_only,
    same_account,
    same_human,
)
from threadwork.workflows.agents import Access, AgentSpec
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import NotFound, ThreadworkError
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord, WaitingApproval
from threadwork.workflows.values import Principal, Value

MAX_WHOLE = 20  # approvals of a list that are read whole: as many as are shown


class Rights:
    """A person with their other accounts and their groups, looked up once, and only where they can tell."""

    def __init__(self, by: Principal, directory: Directory) -> None:
        self.by = by
        self._directory = directory
        self._names: tuple[str, ...] | None = None
        self._groups: tuple[str, ...] | None = None
        self._standing: tuple[str, ...] | None = None

    async def among(self, members: Sequence[str]) -> bool:
        if allowed(self.by, members) or allowed(self.by, members, await self._known_as()):
            return True
        if hangs_on_standing(self.by, members) and allowed(self.by, members, await self._standings()):
            return True
        if self._groups is None and hangs_on_groups(self.by, members):
            self._groups = await self._looked_up()
        return allowed(self.by, members, self._groups or ())

    async def is_me(self, person: Principal) -> bool:
        """Whether what is theirs is the person's own."""
        return same_account(self.by, person) or same_account(self.by, person, await self._known_as())

    async def is_same_human(self, person: Principal, since: datetime) -> bool:
        """Whether they count as one where people must differ, in a task that began then."""
        return same_human(self.by, person) or same_human(self.by, person, await self._directory.humans(self.by, since))

    async def _known_as(self) -> tuple[str, ...]:
        if self._names is None:
            self._names = await self._directory.names(self.by)
        return self._names

    async def _standings(self) -> tuple[str, ...]:
        if self._standing is None:
            try:
                self._standing = await self._directory.standings(self.by)
            except ThreadworkError:
                self._standing = ()
        return self._standing

    async def _looked_up(self) -> tuple[str, ...]:
        """None are known where the platform does not answer: the run looks again before it refuses anybody."""
        try:
            return await self._directory.groups(self.by)
        except ThreadworkError:
            return ()

    async def may_run(self, agent: AgentSpec) -> bool:
        return await self.among(agent.access.run)

    async def may_see(self, task: TaskRecord, agent: AgentSpec | None, at_home: bool) -> bool:
        """Whoever asked, who speaks in its channel, and who is named to decide or to steer; `*` names nobody.

        A platform does not tell cheaply who may read a channel; who speaks in it may. `at_home`: it is asked there."""
        if at_home or await self.is_me(task.by):
            return True
        members = (*agent.approvals.approvers, *agent.access.control) if agent else ()
        return await self.among(named_only(members))

    async def may_decide(self, waiting: WaitingApproval, agent: AgentSpec | None, at_home: bool) -> bool:
        """`agent`: the task's, as it is configured now; None: it is gone. `at_home`: it is asked there."""
        four_eyes = agent is not None and agent.approvals.four_eyes
        others = (*waiting.card.approved_by, *([waiting.task.by] if four_eyes else []))
        if any([await self.is_same_human(person, waiting.task.created_at) for person in others]):
            return False
        everybody = at_home or await self.is_me(waiting.task.by)
        members = waiting.card.approvers
        return await self.among(members if everybody else named_only(members))


class Powers(Value):
    """What a person may do at all."""

    agents: tuple[AgentSpec, ...]  # that they may run
    control: bool
    decide: bool


async def powers_of(rights: Rights, agents: Sequence[AgentSpec]) -> Powers:
    runnable = tuple([agent for agent in agents if await rights.may_run(agent)])
    return Powers(
        agents=runnable,
        control=bool(runnable) or any([await rights.among(agent.access.control) for agent in agents]),
        decide=any([await rights.among(agent.approvals.approvers) for agent in agents]),
    )


async def agent_of(ports: BotDependencies, task: TaskRecord) -> AgentSpec | None:
    try:
        return await ports.catalog.agent(task.agent)
    except NotFound:
        return None


async def may_talk_to(ports: BotDependencies, by: Principal, task: TaskRecord) -> bool:
    """Whether the task takes messages of this person. Where its agent is not there any more, of any member."""
    agent = await agent_of(ports, task)
    rights = Rights(by, ports.directory)
    return await rights.is_me(task.by) or await rights.among((agent.access if agent else Access()).run)


async def accounts_of(ports: BotDependencies, by: Principal) -> tuple[str, ...]:
    """Of the person, as tasks and spending are found by them, under keys of older versions too."""
    return tuple(dict.fromkeys(key for one in await ports.people.accounts(by) for key in one.keys))


async def waiting_for(ports: BotDependencies, by: Principal, here: Sink | None = None) -> list[WaitingApproval]:
    """Approvals that this person may decide, the longest waiting first. Where `*` may, those who see them may."""
    rights = Rights(by, ports.directory)
    agents = {agent.name: agent for agent in await ports.catalog.agents()}
    waiting = await ports.approvals.pending()
    at_home = await asyncio.gather(
        *(is_in(ports.channels, one.task, known_there(one.task, by, here)) for one in waiting)
    )
    asked = zip(waiting, at_home, strict=True)
    mine = [one for one, home in asked if await rights.may_decide(one, agents.get(one.task.agent), home)]
    return [*[await _as_it_stands(ports, one) for one in mine[:MAX_WHOLE]], *mine[MAX_WHOLE:]]


async def _as_it_stands(ports: BotDependencies, waiting: WaitingApproval) -> WaitingApproval:
    """With what people wrote since, which a button beside it must tell: rows of approvals do not."""
    view = await Threads(ports.events, ports.views, ports.transcript).view(waiting.task.task_id)
    shown = next((card for card in view.cards if card.key == waiting.card.key), None)
    return waiting.model_copy(update={"card": shown}) if isinstance(shown, ApprovalCard) else waiting
