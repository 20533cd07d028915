"""Standing permissions under attack: what somebody allowed at home reaches no house that they could not decide in."""

from typing import Any

import pytest
from temporalio.client import Client

from tests.replay.stories.stages import BOB_THERE, CAT, FAY, harness, link, writes
from tests.worker_harness import ANN, WRITE, done
from tests.workflows.test_grants import always, given, ran_unasked
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.values import LOCAL, Principal

ANN_THERE = Principal(platform="discord", workspace="7", user_id="71", name="ann")


@pytest.mark.parametrize(
    ("approvers", "giver", "requester", "runs"),
    [
        (("*",), ANN, CAT, True),
        (("*",), ANN, FAY, False),  # of another organisation: there `*` are other people
        (("*",), ANN, BOB_THERE, False),
        (("*", "slack:T1:U1"), ANN, FAY, True),  # who is named is meant everywhere
        (("*",), LOCAL, FAY, True),  # whoever sits at the machine runs all of it
    ],
)
async def test_who_may_allow_as_one_of_all_allows_for_their_own_house(
    temporal: Client, approvers: tuple[str, ...], giver: Principal, requester: Principal, runs: bool
) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"), done(), policy=ApprovalPolicy(approvers=approvers))
    async with on.workers():
        await given(on, giver)
        task = await on.start(by=requester)
        assert await ran_unasked(task) is runs
        if not runs:
            await task.stop()
        await task.result()


async def test_what_is_allowed_on_one_platform_counts_for_the_same_persons_tasks_on_another(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"), done())
    async with on.workers():
        await link(on, ANN, ANN_THERE)
        await given(on)
        task = await on.start(by=ANN_THERE)
        assert await ran_unasked(task) is True
        await task.result()


async def test_a_tool_that_is_excepted_now_is_asked_for_in_a_task_under_way(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"), writes("c"))
    catalog = on.dependencies.catalog
    assert isinstance(catalog, MemoryCatalog)

    def write(arguments: dict[str, Any]) -> str:
        if arguments["name"] == "b":  # by the grant; from now on the file excepts it
            policy = ApprovalPolicy(never_always=("notes.*",))
            catalog._agents["default"] = catalog._agents["default"].model_copy(update={"approvals": policy})
        return "written"

    on.tools.offer((WRITE, write))
    async with on.workers():
        await given(on)
        task = await on.start(by=CAT)
        await task.happened("human_approval.requested")
        await task.stop()
    assert [arguments["name"] for _, arguments in on.tools.calls] == ["a", "b"]


@pytest.mark.parametrize("seconds", [1e300, float("inf"), float("nan")])
async def test_a_time_that_no_calendar_has_is_refused_and_holds_up_no_run(temporal: Client, seconds: float) -> None:
    """The API and the forms take none: this came by a signal."""
    on = harness(temporal, writes("a"), done())
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await always(task, scope="everybody", seconds=seconds)
        ignored = await task.happened("human_approval.ignored")
        assert ignored.data["reason"].startswith("That is too long.")
        await task.decide(asked, "approve", by=ANN)
        await task.result()
    assert await on.store.grants.all() == []
