"""Who may start tasks of an agent. Every other right is checked by the run itself."""

from threadwork.activities.membership import is_among
from threadwork.activities.ports import Directory
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal


class Forbidden(Rejected):
    """The person may not do this."""


async def check_may_run(by: Principal, agent: AgentSpec, directory: Directory) -> None:
    """Raises `Forbidden` unless `access.run` of the agent names the person, an account or a group of theirs."""
    if not await is_among(by, agent.access.run, directory):
        raise Forbidden(
            f"You may not run the agent {agent.name}.", "Whoever keeps threadwork.yaml can add you to its access list."
        )
