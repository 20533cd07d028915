"""Decisions on calls of delegated tasks: what was written in the parent's thread, and what is given for good."""

import pytest
from temporalio.client import Client

from tests.worker_harness import ANN, BOB, done
from tests.workflows.test_delegation import child_of, delegating, harness, writing
from threadwork.workflows.sinks import Sink

HERE = Sink(platform="memory", channel="C1")
LAST = "C1:1700000001.000100"


@pytest.mark.parametrize(
    ("up_to", "rules", "held"), [("", 3, True), (LAST, 3, False), (None, 3, False), ("", 2, False)]
)
async def test_a_line_in_the_parents_thread_holds_back_who_had_not_seen_it(
    temporal: Client, up_to: str | None, rules: int, held: bool
) -> None:
    on = harness(temporal, [delegating("Write it"), done()], writing)
    async with on.workers():
        task = await on.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.reply("Not that one!", by=ANN, message_id=LAST, rules=2)
        await task.happened("follow_up.received")
        await task.decide(asked, "approve", by=BOB, up_to=up_to, rules=rules, click_id="first")
        if held:
            ignored = await task.happened("human_approval.ignored")
            assert (ignored.data["click_id"], ignored.data["approval_id"]) == ("first", asked.data["approval_id"])
            assert ignored.data["reason"].startswith("Ann wrote since: “Not that one!”.")
            assert (await task.state())["status"] == "waiting_approval"
            await task.decide(asked, "approve", by=BOB, up_to=LAST, rules=rules)
        received = await task.happened("human_approval.received")
        await task.result()
    assert (received.data["click_id"] == "first") is not held
    assert len(on.tools.calls) == 1


async def test_whoever_wrote_the_line_is_not_held_back_and_a_denial_never(temporal: Client) -> None:
    on = harness(temporal, [delegating("a"), delegating("b"), done()], writing)
    async with on.workers():
        task = await on.start(by=ANN)
        first = await task.happened("human_approval.requested")
        await task.reply("Go ahead.", by=ANN, message_id=LAST, rules=2)
        await task.happened("follow_up.received")
        await task.decide(first, "approve", by=ANN, up_to="", rules=3)
        second = await task.happened("human_approval.requested", times=2)
        await task.decide(second, "deny", by=BOB, up_to="", rules=3)
        await task.result()
    assert "human_approval.ignored" not in await task.types()
    assert len(on.tools.calls) == 1


async def test_what_is_given_for_good_in_the_parents_thread_is_the_childs_agents_and_of_that_channel(
    temporal: Client,
) -> None:
    on = harness(temporal, [delegating("a"), delegating("b"), done()], writing)
    async with on.workers():
        task = await on.start(by=ANN, sink=HERE)
        asked = await task.happened("human_approval.requested")
        assert asked.data["always"] is True
        await task.decide(asked, "approve", by=BOB, scope="always", rules=3, grant={"scope": "channel"})
        child = await child_of(task)
        await task.result()
    [grant] = await on.store.grants.all(standing=False)
    assert (grant.task_id, grant.agent, grant.tool) == (child.task_id, "scout", "notes.write")
    assert grant.about == HERE.channel_key
    received = await task.happened("human_approval.received")
    assert received.data["grant"]["task_id"] == child.task_id, "the thread tells it"
    assert (await task.types()).count("human_approval.requested") == 1
    assert len(on.tools.calls) == 2
