"""Who may start tasks of an agent. Every other right is checked by the run itself."""

from collections.abc import Sequence

from activities.ports import Directory
from workflows.access import allowed, unresolved
from workflows.agents import AgentSpec
from workflows.errors import Rejected
from workflows.values import Principal


class Forbidden(Rejected):
    """The person may not do this."""


async def check_may_run(by: Principal, agent: AgentSpec, directory: Directory) -> None:
    """Raises `Forbidden` unless `access.run` of the agent names the person, an account or a group of theirs."""
    if not await is_among(by, agent.access.run, directory):
        raise Forbidden(
            f"You may not run the agent {agent.name}.", "Whoever keeps threadwork.yaml can add you to its access list."
        )


async def is_among(by: Principal, members: Sequence[str], directory: Directory) -> bool:
    """Looks up only what can still tell: other accounts first, groups last, which platforms are asked for."""
    if allowed(by, members) or allowed(by, members, await directory.names(by)):
        return True
    return unresolved(by, members, None) and allowed(by, members, await directory.groups(by))
