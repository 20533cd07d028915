"""Whether a subscribed channel may be told of a task."""

from typing import Any

import pytest

from tests.fake_run import AGENT
from threadwork.activities.delivery.visibility import Visibility
from threadwork.adapters.memory.catalog import MemoryCatalog, MemoryDirectory
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.workflows.access import Workspace
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import LOCAL, Principal

ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
DAVE = Principal(platform="slack", workspace="T1", user_id="U3", name="Dave")
MAL = Principal(platform="discord", workspace="666", user_id="99", name="Mal")
HOME = Sink(platform="slack", workspace="T1", channel="C1")
OPS = Sink(platform="slack", workspace="T1", channel="C3")
TEAM_TWO = Sink(platform="slack", workspace="T2", channel="C9")
SERVER = Sink(platform="discord", workspace="666", channel="9")
OWN = Sink(platform="slack", workspace="T1", channel="D1")
THREAD = Sink(platform="discord", workspace="666", channel="9", thread="91")


class Linked(MemoryDirectory):
    """Ann has an account on Discord too, as 77."""

    async def names(self, principal: Principal) -> tuple[str, ...]:
        return ("U1", ANN.key) if principal.user_id == "77" else ()


ANN_THERE = Principal(platform="discord", workspace="666", user_id="77", name="Ann")


class World:
    def __init__(self, together: list[Workspace] | None = None, **kinds: Any) -> None:
        self.channels = MemoryChannels(kinds)
        self.agent = AGENT
        self.catalog = MemoryCatalog(AGENT, together=together)

    async def covers(self, sink: Sink, by: Principal | None = DAVE, of: Any = HOME, **more: Any) -> bool:
        order = {key: more.pop(key) for key in ("private",) if key in more}
        task = TaskOrder(goal="Pay everybody.", by=more.pop("asked", ANN), sink=of, **order)
        one = Subscription(subscription_id="s", sink=sink, by=by, **more)
        return await Visibility(self.channels, Linked(), self.catalog).covers(one, task, self.agent)


@pytest.mark.parametrize(("kind", "told"), [("public", True), ("private", False), ("direct", False)])
async def test_what_people_subscribe_is_told_of_public_channels_of_its_workspace(kind: Any, told: bool) -> None:
    assert await World(C1=kind).covers(OPS) is told
    assert await World(C1=kind).covers(OPS, source="file", by=None), "what the file says holds for all"


async def test_a_subscription_that_nobody_made_and_no_file_holds_is_told_nothing() -> None:
    assert not await World().covers(OPS, by=None)


async def test_a_private_channel_hears_of_itself_and_of_public_ones_but_not_of_a_private_thread_in_it() -> None:
    assert await World(C1="private").covers(HOME)
    assert await World(C3="private").covers(OPS)
    assert not await World(**{"91": "thread"}).covers(SERVER, by=MAL, of=THREAD)


async def test_whoever_asked_in_a_private_channel_hears_of_it_only_where_nobody_else_reads() -> None:
    world = World(C1="private", D1="direct")
    assert await world.covers(OWN, by=ANN)
    assert not await world.covers(OPS, by=ANN, requesters=("U1",)), "others spoke in it too"
    assert not await world.covers(OWN, by=DAVE)
    assert not await World(C1="private", D1="private").covers(OWN, by=ANN)


@pytest.mark.parametrize("of", [{"private": True}, {"of": None}])
async def test_what_somebody_does_with_the_bot_alone_is_told_where_they_asked_for_their_own(of: Any) -> None:
    world = World()
    assert await world.covers(OPS, by=ANN, requesters=("U1",), **of)
    assert not await world.covers(OPS, by=ANN, **of), "everybody's tasks are not meant to include it"
    assert not await world.covers(OPS, by=DAVE, requesters=("U1",), **of)
    assert await world.covers(SERVER, by=ANN_THERE, requesters=("U1",), **of)


async def test_what_was_started_in_a_terminal_is_told_to_no_colleague() -> None:
    assert not await World().covers(OPS, of=None, asked=LOCAL)
    assert await World().covers(OPS, of=None, asked=LOCAL, source="file", by=None)


@pytest.mark.parametrize(
    ("together", "alone", "sink", "told"),
    [
        (None, True, SERVER, True),  # one workspace and one server
        (None, False, SERVER, False),  # somebody invited the bot to another server
        (None, True, TEAM_TWO, False),
        ([], True, SERVER, False),  # the file joins nobody
        ([("slack", "T1"), ("discord", "666")], False, SERVER, True),
        ([("slack", "T1"), ("slack", "T2")], False, TEAM_TWO, True),
        ([("slack", "T1"), ("discord", "5")], True, SERVER, False),
    ],
)
async def test_two_homes_are_together_as_the_file_says_else_one_of_each_platform(
    together: Any, alone: bool, sink: Sink, told: bool
) -> None:
    world = World(together)
    world.channels.alone = alone
    assert await world.covers(sink, by=MAL) is told


async def test_who_may_see_a_task_may_have_it_told_elsewhere() -> None:
    world = World([])
    assert not await world.covers(SERVER, by=ANN_THERE, asked=DAVE)
    world.channels.members["C1"] = {"U1"}
    assert await world.covers(SERVER, by=ANN_THERE, asked=DAVE), "she speaks there, by her other account"
    assert not await world.covers(SERVER, by=MAL), "a stranger's id on another platform says nothing"
    assert await world.covers(SERVER, by=ANN_THERE), "she asked for it"
    world.agent = AGENT.model_copy(update={"approvals": ApprovalPolicy(approvers=("99",))})
    assert await world.covers(SERVER, by=MAL), "the agent names them"
    world.agent = AGENT.model_copy(update={"access": Access(control=("99",))})
    assert await world.covers(SERVER, by=MAL)


async def test_a_member_of_a_private_channel_takes_its_tasks_nowhere_else() -> None:
    world = World([], C1="private")
    world.channels.members["C1"] = {"U1"}
    assert not await world.covers(SERVER, by=ANN_THERE)
    assert not await world.covers(OPS, by=ANN)


async def test_while_nobody_says_who_may_read_a_channel_there_is_no_answer() -> None:
    world = World()
    world.channels.away = True
    with pytest.raises(ChatUnavailable):
        await world.covers(OPS)
    assert await world.covers(OPS, source="file", by=None)
