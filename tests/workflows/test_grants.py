"""Tools that people allow for good: given by a decision, and what runs by them in this task and in others."""

import asyncio
from typing import Any

import pytest
from temporalio.client import Client

from tests.replay.stories.stages import CAT, approve, harness, link, writes
from tests.worker_harness import ANN, BOB, WRITE, Actor, WorkerHarness, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.events import Event
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

HERE = Sink(platform="memory", channel="C1")
EVERYBODY = {"scope": "everybody"}
OPEN = ApprovalPolicy()


async def always(task: Actor, by: Principal = ANN, number: int = 1, **wish: Any) -> Event:
    asked = await task.happened("human_approval.requested", times=number)
    await task.decide(asked, "approve", by=by, scope="always", rules=3, grant=wish or EVERYBODY)
    return asked


async def given(on: WorkerHarness, by: Principal = ANN, requester: Principal = CAT, **wish: Any) -> str:
    """A first task gives it, and ends."""
    task = await on.start(by=requester, sink=HERE)
    await always(task, by, **wish)
    await task.result()
    return f"{task.task_id}.1"


async def ran_unasked(task: Actor) -> bool:
    """Whether the next call runs by a grant, rather than be asked for."""
    async with asyncio.timeout(30):
        while True:
            for event in await task.events():
                if event.type in ("human_approval.requested", "tool_call.started"):
                    return event.type == "tool_call.started" and bool(event.data.get("granted_by"))
            await asyncio.sleep(0.02)


async def test_what_is_allowed_for_good_runs_unasked_in_the_next_task_and_says_by_whom(temporal: Client) -> None:
    on = harness(temporal, writes("a", "b"), done(), writes("c"), done())
    async with on.workers():
        first = await on.start(by=CAT, sink=HERE)
        await always(first)
        await first.result()
        second = await on.start(by=BOB, sink=HERE)
        await second.result()
    assert [arguments["name"] for _, arguments in on.tools.calls] == ["a", "b", "c"]
    started = await second.happened("tool_call.started")
    assert [one["user_id"] for one in started.data["granted_by"]] == ["U1"]
    assert started.data["grant_id"] == f"{first.task_id}.1"
    assert "human_approval.requested" not in await second.types()
    own = [event for event in await first.events() if event.type == "tool_call.started"]
    assert ["granted_by" in event.data for event in own] == [False, True], "the call that was asked about was approved"
    received = await first.happened("human_approval.received")
    assert (received.data["scope"], received.data["grant"]["tool"]) == ("always", WRITE.name)


@pytest.mark.parametrize(
    ("wish", "requester", "sink", "runs"),
    [
        ({"scope": "person"}, CAT, None, True),
        ({"scope": "person"}, BOB, HERE, False),
        ({"scope": "channel"}, BOB, HERE, True),
        ({"scope": "channel"}, CAT, Sink(platform="memory", channel="C2"), False),
        ({"scope": "everybody", "seconds": 3_600}, BOB, None, True),
        ({"scope": "everybody", "seconds": 0.001}, BOB, None, False),
    ],
)
async def test_a_grant_is_for_whose_tasks_it_says_and_for_as_long(
    temporal: Client, wish: dict[str, Any], requester: Principal, sink: Sink | None, runs: bool
) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"), done())
    async with on.workers():
        await given(on, **wish)
        task = await on.start(by=requester, sink=sink)
        assert await ran_unasked(task) is runs
        if not runs:
            await task.stop()
        await task.result()


async def test_four_eyes_hold_for_a_grant_its_givers_own_tasks_are_asked_for(temporal: Client) -> None:
    script = [writes("a"), done(), writes("b"), done(), writes("c"), writes("d")]
    on = harness(temporal, *script, policy=ApprovalPolicy(four_eyes=True))
    ann_there = Principal(platform="discord", workspace="7", user_id="71", name="ann")
    async with on.workers():
        await link(on, ANN, ann_there)
        await given(on)
        for requester, runs in ((BOB, True), (ANN, False), (ann_there, False)):
            task = await on.start(by=requester)
            assert await ran_unasked(task) is runs, requester
            if not runs:
                await task.stop()
            await task.result()


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ((("always", EVERYBODY), ("always", {"scope": "person"})), "always"),
        ((("always", EVERYBODY), ("task", None)), "task"),
        ((("once", None), ("always", EVERYBODY)), "once"),
        ((("always", {"scope": "channel"}), ("always", {"scope": "person"})), "task"),
    ],
)
async def test_under_a_quorum_a_grant_takes_the_word_of_all_who_allowed(
    temporal: Client, said: tuple[tuple[str, dict[str, Any] | None], ...], scope: str
) -> None:
    on = harness(temporal, writes("a"), done(), policy=ApprovalPolicy(quorum=2))
    async with on.workers():
        task = await on.start(by=CAT, sink=HERE)
        asked = await task.happened("human_approval.requested")
        for by, (wanted, wish) in zip((ANN, BOB), said, strict=True):
            await task.decide(asked, "approve", by=by, scope=wanted, rules=3, grant=wish)
        await task.result()
    last = await task.happened("human_approval.received", times=2)
    assert last.data["scope"] == scope
    standing = await on.store.grants.all()
    assert [(one.scope, [by.user_id for by in one.by]) for one in standing] == (
        [("person", ["U1", "U2"])] if scope == "always" else []
    )


async def test_one_persons_grant_is_not_enough_once_two_must_agree(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"))
    async with on.workers():
        await given(on)
        spec = (await on.dependencies.catalog.agent("default")).model_copy(
            update={"approvals": ApprovalPolicy(quorum=2)}
        )
        on.dependencies.catalog._agents["default"] = spec  # type: ignore[attr-defined]
        task = await on.start(by=BOB)
        assert await ran_unasked(task) is False
        await task.stop()


async def test_who_may_allow_for_good_is_said_by_access_grant(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done(), access=Access(grant=("U2",)))
    async with on.workers():
        task = await on.start(by=CAT)
        await always(task, ANN)
        ignored = await task.happened("human_approval.ignored")
        assert ignored.data["reason"].startswith("You may not allow tools for good.")
        assert (await task.state())["status"] == "waiting_approval"
        await always(task, BOB)
        await task.result()
    assert [one.by[0].user_id for one in await on.store.grants.all()] == ["U2"]


@pytest.mark.parametrize("pattern", ["notes.w*", "destructive"])
async def test_tools_of_never_always_are_asked_for_each_time(temporal: Client, pattern: str) -> None:
    """One that was allowed for good before, too."""
    on = harness(temporal, writes("a"), done(), writes("b"), done())
    async with on.workers():
        await given(on)
        spec = (await on.dependencies.catalog.agent("default")).model_copy(
            update={"approvals": ApprovalPolicy(never_always=(pattern,))}
        )
        on.dependencies.catalog._agents["default"] = spec  # type: ignore[attr-defined]
        task = await on.start(by=BOB)
        asked = await always(task)
        ignored = await task.happened("human_approval.ignored")
        assert "always" not in asked.data
        assert ignored.data["reason"].startswith("notes.write cannot be allowed for good.")
        await approve(task, 1, (ANN, "once"))
        await task.result()


@pytest.mark.parametrize("lost", [{"approvals": ApprovalPolicy(approvers=("U2",))}, {"access": Access(grant=("U2",))}])
async def test_a_grant_whose_giver_lost_their_right_lets_nothing_run_also_in_a_task_under_way(
    temporal: Client, lost: dict[str, Any]
) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"), writes("c"))
    catalog = on.dependencies.catalog
    assert isinstance(catalog, MemoryCatalog)

    def write(arguments: dict[str, Any]) -> str:
        if arguments["name"] == "b":  # by the grant; from now on it is another's to allow
            catalog._agents["default"] = catalog._agents["default"].model_copy(update=lost)
        return "written"

    on.tools.offer((WRITE, write))
    async with on.workers():
        await given(on)
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.stop()
    assert '"c"' in asked.data["arguments_preview"]
    assert [arguments["name"] for _, arguments in on.tools.calls] == ["a", "b"]
    assert await on.store.grants.all(), "nobody revoked it"


async def test_a_revoked_grant_counts_at_once_even_for_a_call_that_was_about_to_run(temporal: Client) -> None:
    """Revoked while the run is paused between the model's answer and the call: people are asked instead."""
    on = harness(temporal, writes("a"), done(), writes("b"), done())
    async with on.workers():
        grant_id = await given(on)
        task = await on.start(by=BOB)
        claim, let_go = on.store.calls.claim, asyncio.Event()

        async def held(wanted: Any) -> Any:
            if wanted.kind == "tool" and wanted.grant_id:
                let_go.set()
                await on.store.grants.revoke(grant_id, ANN)
            return await claim(wanted)

        on.store.calls.claim = held  # type: ignore[method-assign]
        await let_go.wait()
        asked = await task.happened("human_approval.requested")
        on.store.calls.claim = claim  # type: ignore[method-assign]
        assert len(on.tools.calls) == 1, "only the first task's"
        failed = await task.happened("tool_call.failed")
        assert failed.data["outcome"] == "denied"
        await task.decide(asked, "approve", by=ANN)
        await task.result()
    assert len(on.tools.calls) == 2
    last = await task.happened("tool_call.started", times=2)
    assert "granted_by" not in last.data


async def test_a_tool_that_grew_more_dangerous_is_asked_for_again(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done(), writes("b"))
    mild = WRITE.model_copy(update={"destructive": False})
    on.tools.offer((mild, lambda a: "written"))
    async with on.workers():
        await given(on)
        on.tools.offer((WRITE, lambda a: "written"))
        task = await on.start(by=BOB)
        assert await ran_unasked(task) is False
        await task.stop()


async def test_always_without_a_choice_decides_nothing(temporal: Client) -> None:
    on = harness(temporal, writes("a"), done())
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN, scope="always", rules=3)
        ignored = await task.happened("human_approval.ignored")
        await task.stop()
    assert ignored.data["reason"].startswith("Choose for whose tasks")
