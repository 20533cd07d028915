"""Which calls a standing permission lets run. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import get_args

from threadwork.workflows.access import allowed, same_human
from threadwork.workflows.agents import AgentSpec, ToolSpec
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.event_types import Effect
from threadwork.workflows.grants import FoundGrant, Grant, GrantTerms
from threadwork.workflows.run import Run

EFFECTS: tuple[Effect, ...] = get_args(Effect)
DESTRUCTIVE = "destructive"  # in `approvals.never_always`: whatever may not be undone, by its annotations


def terms(run: Run, call: ProposedCall) -> GrantTerms | None:
    """On which the call's tool may be allowed for good. None: it may not, or the run began before there were grants."""
    channel, tool = run.state.config.channel, call.tool
    if channel is None or not may_be_granted(run.agent, call) or tool is None:
        return None
    return GrantTerms(members=granters(run.agent), agent=run.agent.name, channel=channel, effect=tool.effect)


def may_be_granted(agent: AgentSpec, call: ProposedCall) -> bool:
    """Whether its tool is a server's that the agent's policy does not except. A call written as text is always asked
    for: it may not be meant as one."""
    if call.tool is None or call.tool.builtin or call.as_text or call.problem:
        return False
    return not any(_excepts(pattern, call.tool) for pattern in agent.approvals.never_always)


def granters(agent: AgentSpec) -> tuple[str, ...]:
    """Who may allow tools of the agent for good."""
    return agent.approvals.approvers if agent.access.grant is None else agent.access.grant


def allowing(run: Run, call: ProposedCall, found: Sequence[FoundGrant]) -> Grant | None:
    """The grant by which the call runs unasked; None: people are asked."""
    if not may_be_granted(run.agent, call):
        return None
    return next((one.grant for one in found if _covers(run, call, one)), None)


def _covers(run: Run, call: ProposedCall, found: FoundGrant) -> bool:
    grant, tool = found.grant, call.tool
    return (
        tool is not None
        and (grant.agent, grant.tool) == (run.agent.name, tool.name)
        and EFFECTS.index(tool.effect) <= EFFECTS.index(grant.effect)
        and grant.stands(run.now())
        and _is_for(run, grant)
        and _is_given(run, found)
    )


def _is_for(run: Run, grant: Grant) -> bool:
    """Whether the task is one that the grant is for."""
    if grant.scope == "person":
        return grant.about in run.state.requester.keys
    return grant.scope == "everybody" or (bool(grant.about) and grant.about == run.state.config.channel)


def _is_given(run: Run, found: FoundGrant) -> bool:
    """Whether those who gave it may still, are as many as must agree, and under four eyes did not ask for the task."""
    policy, requester = run.agent.approvals, run.state.requester
    if len(found.grant.by) < policy.quorum:
        return False
    for giver, groups, humans in zip(found.grant.by, found.groups, found.humans, strict=True):
        if not allowed(giver, policy.approvers, groups) or not allowed(giver, granters(run.agent), groups):
            return False
        if policy.four_eyes and same_human(giver, requester, humans):
            return False
    return True


def given(run: Run, approval_id: str) -> Grant | None:
    """What people gave who approved a call always. None: they did not agree on it."""
    approval = run.state.approvals.known[approval_id]
    wish, wanted, now = approval.wish, approval.terms, run.now()
    if wish is None or wanted is None:
        return None
    about = {"person": approval.requester.account, "channel": wanted.channel, "everybody": ""}
    return Grant(
        task_id=run.state.outbox.task_id,
        approval_id=approval_id,
        agent=wanted.agent,
        tool=approval.tool,
        effect=wanted.effect,
        scope=wish.scope,
        about=about[wish.scope],
        shown=approval.requester.shown if wish.scope == "person" else "",
        by=tuple(approval.approved_by),
        given_at=now,
        until=None if wish.seconds is None else now + timedelta(seconds=wish.seconds),
    )


def _excepts(pattern: str, tool: ToolSpec) -> bool:
    return tool.effect == "destructive" if pattern == DESTRUCTIVE else fnmatchcase(tool.name, pattern)
