"""Standing permissions for calls that a model just made, and what is known of those who gave them.

The run judges by them, and whoever claims the call looks once more."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.ports.accounts import Directory
from threadwork.workflows.access import (
    allowed,
    hangs_on_groups,
    hangs_on_standing,
    named_only,
    same_account,
    together,
)
from threadwork.workflows.agents import AgentSpec, Verdict
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.grant_rules import granters, may_be_granted
from threadwork.workflows.grants import FoundGrant, Grant
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal

log = logging.getLogger(__name__)


async def found_grants(
    ports: ActivityDependencies, task_id: str, agent: AgentSpec, calls: Sequence[ProposedCall]
) -> tuple[FoundGrant, ...]:
    """Those of tools that people would be asked for. One whose giver may no more, or of whom nobody can tell, is left
    out: people are asked."""
    asked = [call for call in calls if _is_asked_for(agent, call)]
    if not asked:
        return ()
    try:
        now, task = await ports.catalog.agent(agent.name), await ports.tasks.get(task_id)
    except ThreadworkError as error:
        log.warning("Standing permissions count for nothing now: %s", error)
        return ()
    names = {call.tool.name for call in asked if call.tool and may_be_granted(now, call)}
    standing = await ports.grants.of_tools(agent.name, names) if names else []
    found = [await _looked_up(ports.directory, task, (agent, now), grant) for grant in standing]
    return tuple(one for one in found if one)


def _is_asked_for(agent: AgentSpec, call: ProposedCall) -> bool:
    asked = call.tool is not None and agent.tools.verdict(call.tool) is Verdict.ASK
    return asked and may_be_granted(agent, call)


class _Lists(NamedTuple):
    """In all of which a giver must be."""

    members: list[Sequence[str]]

    @classmethod
    def of(cls, agents: Sequence[AgentSpec], at_home: bool) -> "_Lists":
        """`agents`: as the run has it, and as it is configured now. `at_home`: `*` means this giver too."""
        lists = [members for one in agents for members in (one.approvals.approvers, granters(one))]
        return cls([members if at_home else named_only(members) for members in lists])

    def name(self, by: Principal, known_as: Sequence[str] = ()) -> bool:
        return all(allowed(by, members, known_as) for members in self.members)


async def _looked_up(
    directory: Directory, task: TaskRecord, agents: Sequence[AgentSpec], grant: Grant
) -> FoundGrant | None:
    """None: somebody who gave it may not give it now, or could decide nothing where the task is."""
    try:
        givers = [await _known(directory, task, agents, giver) for giver in grant.by]
        humans = [await directory.humans(giver, task.created_at) for giver in grant.by]
    except ThreadworkError as error:
        log.warning("A standing permission counts for nothing now: %s", error)
        return None
    if not all(may for may, _ in givers):
        return None
    return FoundGrant(grant=grant, groups=tuple(names for _, names in givers), humans=tuple(humans))


async def _known(
    directory: Directory, task: TaskRecord, agents: Sequence[AgentSpec], giver: Principal
) -> tuple[bool, tuple[str, ...]]:
    """Whether they may give it for this task, and the names by which lists may mean them."""
    by, names = _as_now(giver), await directory.names(giver)
    lists = _Lists.of(agents, together(giver, task.by) or same_account(giver, task.by, names))
    names = await _known_as(directory, by, names, lists)
    return lists.name(by, names), names


async def _known_as(directory: Directory, by: Principal, names: tuple[str, ...], lists: _Lists) -> tuple[str, ...]:
    """Platforms are asked where only they can tell."""
    if any(hangs_on_standing(by, members) for members in lists.members) and not lists.name(by, names):
        names = (*names, *await directory.standings(by))
    if any(hangs_on_groups(by, members) for members in lists.members) and not lists.name(by, names):
        names = (*names, *await directory.groups(by))
    return names


def _as_now(giver: Principal) -> Principal:
    """What they were on their platform when they gave it, they may be no more."""
    return giver.model_copy(update={"standing": "unknown"}) if giver.standing else giver
