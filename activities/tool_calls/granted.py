"""Standing permissions for calls that a model just made, and what is known of those who gave them.

The run judges by them, and whoever claims the call looks once more."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.ports.accounts import Directory
from threadwork.workflows.access import allowed, hangs_on_groups, hangs_on_standing
from threadwork.workflows.agents import AgentSpec, Verdict
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.grant_rules import granters, may_be_granted
from threadwork.workflows.grants import FoundGrant, Grant
from threadwork.workflows.values import Principal

log = logging.getLogger(__name__)


async def found_grants(
    ports: ActivityDependencies, task_id: str, agent: AgentSpec, calls: Sequence[ProposedCall]
) -> tuple[FoundGrant, ...]:
    """Those of tools that people would be asked for. One whose giver may no more, or of whom nobody can tell, is left
    out: people are asked."""
    asked = {call.tool.name for call in calls if call.tool and _is_asked_for(agent, call)}
    standing = await ports.grants.of_tools(agent.name, asked) if asked else []
    if not standing:
        return ()
    found = [await _looked_up(ports, task_id, agent, grant) for grant in standing]
    return tuple(one for one in found if one)


def _is_asked_for(agent: AgentSpec, call: ProposedCall) -> bool:
    asked = call.tool is not None and agent.tools.verdict(call.tool) is Verdict.ASK
    return asked and may_be_granted(agent, call)


class _Lists(NamedTuple):
    """In all of which a giver must be: as the run has them, and as they are configured now."""

    members: list[Sequence[str]]

    def name(self, by: Principal, known_as: Sequence[str] = ()) -> bool:
        return all(allowed(by, members, known_as) for members in self.members)


async def _looked_up(ports: ActivityDependencies, task_id: str, agent: AgentSpec, grant: Grant) -> FoundGrant | None:
    """None: somebody who gave it may not give it now."""
    try:
        now = await ports.catalog.agent(agent.name)
        lists = _Lists([members for one in (agent, now) for members in (one.approvals.approvers, granters(one))])
        groups = [await _known_as(ports.directory, giver, lists) for giver in grant.by]
        since = (await ports.tasks.get(task_id)).created_at
        humans = [await ports.directory.humans(giver, since) for giver in grant.by]
    except ThreadworkError as error:
        log.warning("A standing permission counts for nothing now: %s", error)
        return None
    may = all(lists.name(_as_now(giver), names) for giver, names in zip(grant.by, groups, strict=True))
    return FoundGrant(grant=grant, groups=tuple(groups), humans=tuple(humans)) if may else None


async def _known_as(directory: Directory, giver: Principal, lists: _Lists) -> tuple[str, ...]:
    """Names by which lists may mean the giver. Platforms are asked where only they can tell."""
    by, names = _as_now(giver), await directory.names(giver)
    if any(hangs_on_standing(by, members) for members in lists.members) and not lists.name(by, names):
        names = (*names, *await directory.standings(by))
    if any(hangs_on_groups(by, members) for members in lists.members) and not lists.name(by, names):
        names = (*names, *await directory.groups(by))
    return names


def _as_now(giver: Principal) -> Principal:
    """What they were on their platform when they gave it, they may be no more."""
    return giver.model_copy(update={"standing": "unknown"}) if giver.standing else giver
