"""Who may start tasks of an agent. Every other right is checked by the run itself."""

from activities.ports import Directory
from workflows.access import allowed, unresolved
from workflows.agents import AgentSpec
from workflows.errors import Rejected
from workflows.values import Principal


class Forbidden(Rejected):
    """The person may not do this."""


async def check_may_run(by: Principal, agent: AgentSpec, directory: Directory) -> None:
    """Raises `Forbidden` unless `access.run` of the agent names the person, or a group of theirs."""
    members = agent.access.run
    groups = await directory.groups(by) if unresolved(by, members, None) else ()
    if not allowed(by, members, groups):
        raise Forbidden(
            f"You may not run the agent {agent.name}.", "Whoever keeps threadwork.yaml can add you to its access list."
        )
