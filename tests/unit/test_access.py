"""Who may start tasks of an agent."""

import pytest

from tests.fake_run import AGENT, ANN
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.bot.access import Forbidden, check_may_run
from threadwork.workflows.access import allowed
from threadwork.workflows.agents import Access, AgentSpec
from threadwork.workflows.values import Principal


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


GRID = Principal(platform="slack", workspace="T3", enterprise="E1", home="T4", standing="member", user_id="W31")


@pytest.mark.parametrize("member", ["W31", "slack:E1:W31", "slack:T3:W31", "slack:T4:W31", "*"])
def test_a_list_may_name_somebody_by_organisation_workspace_or_own_team(member: str) -> None:
    assert allowed(GRID, (member,))


@pytest.mark.parametrize("member", ["slack:T5:W31", "discord::W31", "guests", "external", "W3"])
def test_a_list_that_means_others_does_not_name_them(member: str) -> None:
    assert not allowed(GRID, (member,))


@pytest.mark.parametrize(
    ("standing", "members"),
    [("", "*"), ("member", "*"), ("guest", "guests"), ("external", "external"), ("unknown", "")],
)
def test_each_standing_is_meant_by_one_word(standing: str, members: str) -> None:
    person = GRID.model_copy(update={"standing": standing})
    assert [word for word in ("*", "guests", "external") if allowed(person, (word,))] == ([members] if members else [])


def test_what_stood_in_events_of_older_versions_looks_as_it_did() -> None:
    old = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
    assert old.model_dump() == {"platform": "slack", "workspace": "T1", "user_id": "U1", "name": "Ann"}
