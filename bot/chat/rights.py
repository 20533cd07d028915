"""What a person may do, as far as it is worth saying so early: the run itself is asked again."""

from collections.abc import Sequence
from datetime import datetime

from activities.ports import Directory
from bot.dependencies import BotDependencies
from workflows.access import allowed, hangs_on_groups, hangs_on_standing, named_only, same_account, same_human
from workflows.agents import AgentSpec
from workflows.chat import Sink
from workflows.errors import NotFound, ThreadworkError
from workflows.tasks import TaskRecord, WaitingApproval
from workflows.values import Principal, Value


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

    async def may_see(self, task: TaskRecord, agent: AgentSpec | None, here: Sink | None) -> bool:
        """Whoever asked, who speaks in its channel, and who is named to decide or to steer; `*` names nobody.

        A platform does not tell cheaply who may read a channel; who speaks in it may. `here`: where it is asked."""
        if await self.is_me(task.by) or is_in(task, known_there(task, self.by, here)):
            return True
        members = (*agent.approvals.approvers, *agent.access.control) if agent else ()
        return await self.among(named_only(members))

    async def may_decide(self, waiting: WaitingApproval, agent: AgentSpec | None, here: Sink | None) -> bool:
        """`agent`: the task's, as it is configured now; None: it is not there any more. `here`: where it is asked."""
        four_eyes = agent is not None and agent.approvals.four_eyes
        others = (*waiting.card.approved_by, *([waiting.task.by] if four_eyes else []))
        if any([await self.is_same_human(person, waiting.task.created_at) for person in others]):
            return False
        everybody = is_in(waiting.task, known_there(waiting.task, self.by, here)) or await self.is_me(waiting.task.by)
        members = waiting.card.approvers
        return await self.among(members if everybody else named_only(members))


def is_in(task: TaskRecord, here: Sink | None) -> bool:
    """Whether it lives in the channel, whatever the thread."""
    return task.sink is not None and here is not None and task.sink.channel_key == here.channel_key


def known_there(task: TaskRecord, by: Principal, here: Sink | None) -> Sink | None:
    """Where the person is, as the task's workspace knows it: a channel may be in several of one organisation."""
    if here is None or task.sink is None or here.place[:2] != task.sink.place[:2] or not of_one_house(task, by):
        return here
    return here.in_workspace(task.sink.workspace)


def of_one_house(task: TaskRecord, by: Principal) -> bool:
    """Whether its workspace and the person's belong to one organisation, whose people they share."""
    return by.platform == task.by.platform and bool(by.enterprise) and by.enterprise == task.by.enterprise


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
    """Whether the task takes messages of this person."""
    agent = await agent_of(ports, task)
    rights = Rights(by, ports.directory)
    return agent is None or await rights.is_me(task.by) or await rights.may_run(agent)


async def accounts_of(ports: BotDependencies, by: Principal) -> tuple[str, ...]:
    """Of the person, as tasks and spending are found by them, under keys of older versions too."""
    return tuple(dict.fromkeys(key for one in await ports.people.accounts(by) for key in one.keys))


async def waiting_for(ports: BotDependencies, by: Principal, here: Sink | None = None) -> list[WaitingApproval]:
    """Approvals that this person may decide, the longest waiting first. Where `*` may, those who see them may."""
    rights = Rights(by, ports.directory)
    agents = {agent.name: agent for agent in await ports.catalog.agents()}
    waiting = await ports.approvals.pending()
    return [one for one in waiting if await rights.may_decide(one, agents.get(one.task.agent), here)]
