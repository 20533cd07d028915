"""Who may start tasks of an agent."""

import pytest

from adapters.memory.catalog import MemoryDirectory
from bot.access import Forbidden, check_may_run
from tests.puppet import AGENT, ANN
from workflows.agents import Access, AgentSpec


def agent(*members: str) -> AgentSpec:
    return AGENT.model_copy(update={"access": Access(run=members)})


class Unasked:
    """Its people have no other accounts."""

    async def names(self, principal: object) -> tuple[str, ...]:
        return ()

    async def groups(self, principal: object) -> tuple[str, ...]:
        raise AssertionError("no platform needs to be asked")


@pytest.mark.parametrize("member", ["*", "U1", "slack:T1:U1"])
async def test_a_person_on_the_list_may_run_it_without_being_looked_up(member: str) -> None:
    await check_may_run(ANN, agent("U9", member), Unasked())


async def test_a_person_not_on_the_list_is_refused_and_told_which_agent() -> None:
    with pytest.raises(Forbidden, match="agent default"):
        await check_may_run(ANN, agent("U2", "slack:T2:U1"), Unasked())


async def test_a_member_of_a_group_on_the_list_may_run_it() -> None:
    await check_may_run(ANN, agent("group:oncall"), MemoryDirectory({ANN.key: ["group:oncall"]}))


async def test_a_member_of_another_group_is_refused() -> None:
    with pytest.raises(Forbidden):
        await check_may_run(ANN, agent("group:oncall"), MemoryDirectory({ANN.key: ["group:sales"]}))
