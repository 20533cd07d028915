"""What was posted where, who may post, and what may have been posted."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.adapters.conftest import Story
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.leases import newest_fence
from threadwork.workflows.sinks import Delivery, InDoubtCall, Sink, SinkState

SINK = Sink(platform="slack", workspace="T1", channel="C1")


def delivery(**fields: Any) -> Delivery:
    return Delivery(**{"task_id": "t1", "sink": "s", "card_key": "status", "part": 0, "fence": 1} | fields)


def later(story: Story, seconds: float) -> datetime:
    return story.clock.now + timedelta(seconds=seconds)


def doubt(story: Story, seconds: float, **fields: Any) -> InDoubtCall:
    key = {"task_id": "t1", "sink": "s", "card_key": "status", "part": 0, "fence": 1}
    return InDoubtCall(check_at=later(story, seconds), **key | fields)


async def test_a_task_reports_to_the_thread_it_was_ordered_in(story: Story) -> None:
    task, silent = await story.task(sink=SINK), await story.task()
    assert await story.store.deliveries.sinks(task) == [SINK]
    assert await story.store.deliveries.sinks(silent) == []
    assert await story.store.deliveries.sinks("nobody") == []


# --- leases ------------------------------------------------------------------------------------------


async def test_one_holder_at_a_time_and_every_new_one_has_a_higher_fence(story: Story) -> None:
    lease = story.store.leases.lease
    assert await lease("t1", "s", "one", 30) == 1
    assert await lease("t1", "s", "two", 30) is None
    assert await lease("t1", "other", "two", 30) == 1
    story.clock.pass_by(30)
    assert await lease("t1", "s", "two", 30) == 2
    assert await lease("t1", "s", "one", 30) is None


async def test_a_holder_keeps_its_fence_only_while_its_lease_lasts(story: Story) -> None:
    lease = story.store.leases.lease
    assert await lease("t1", "s", "one", 30) == 1
    story.clock.pass_by(20)
    assert await lease("t1", "s", "one", 30) == 1
    story.clock.pass_by(20)
    assert await lease("t1", "s", "two", 30) is None
    story.clock.pass_by(10)
    assert await lease("t1", "s", "one", 30) == 2


async def test_a_lease_given_back_is_free_at_once_but_only_by_its_own_fence(story: Story) -> None:
    leases = story.store.leases
    await leases.lease("t1", "s", "one", 30)
    await leases.release("t1", "s", 7)
    assert await leases.lease("t1", "s", "two", 30) is None
    await leases.release("t1", "s", 1)
    assert await leases.lease("t1", "s", "two", 30) == 2


async def test_who_holds_a_lease_is_told_with_its_fence_while_it_lasts(story: Story) -> None:
    leases = story.store.leases
    assert await leases.holder("t1", "s") is None
    await leases.lease("t1", "s", "one", 30)
    await story.store.connections.lease("t1", "s", "of another scope", 30)
    assert await leases.holder("t1", "s") == ("one", 1)
    assert await leases.holder("t1", "other") is None
    story.clock.pass_by(30)
    assert await leases.holder("t1", "s") is None
    await leases.lease("t1", "s", "two", 30)
    assert await leases.holder("t1", "s") == ("two", 2)
    await leases.release("t1", "s", 2)
    assert await leases.holder("t1", "s") is None


# --- deliveries --------------------------------------------------------------------------------------


async def test_a_delivery_is_written_and_changed_under_the_newest_fence(story: Story) -> None:
    deliveries = story.store.deliveries
    await story.store.leases.lease("t1", "s", "one", 30)
    assert await deliveries.write(delivery(posting_at=story.clock.now))
    posted = delivery(state="posted", message_id="17.1", content_hash="abc", rendered_seq=9)
    assert await deliveries.write(posted)
    assert await deliveries.write(delivery(card_key="answer:1", part=1))
    assert await deliveries.rows("t1", "s") == [delivery(card_key="answer:1", part=1), posted]
    assert await deliveries.rows("t1", "other") == []


async def test_an_old_fence_writes_nothing(story: Story) -> None:
    deliveries, leases = story.store.deliveries, story.store.leases
    assert not await deliveries.write(delivery())
    await leases.lease("t1", "s", "one", 30)
    story.clock.pass_by(60)
    assert await deliveries.write(delivery())
    await leases.lease("t1", "s", "two", 30)
    assert not await deliveries.write(delivery(message_id="late"))
    assert not await deliveries.write(delivery(fence=3))
    assert await deliveries.rows("t1", "s") == [delivery()]


async def test_an_intention_writes_the_row_as_given_and_the_doubt_of_its_call(story: Story) -> None:
    await story.store.leases.lease("t1", "s", "one", 30)
    intended = delivery(message_id="17.1", content_hash="old", posting_at=story.clock.now)
    assert await story.store.deliveries.intend(intended, later(story, 60))
    assert await story.store.deliveries.rows("t1", "s") == [intended]
    assert await story.store.doubts.open("t1", "s") == [doubt(story, 60)]


async def test_an_old_fence_intends_nothing_and_touches_no_doubt(story: Story) -> None:
    deliveries, doubts = story.store.deliveries, story.store.doubts
    assert not await deliveries.intend(delivery(), later(story, 60))
    await story.store.leases.lease("t1", "s", "one", 30)
    await deliveries.intend(delivery(), later(story, 60))
    story.clock.pass_by(30)
    await story.store.leases.lease("t1", "s", "two", 30)
    assert not await deliveries.intend(delivery(card_key="answer:1"), later(story, 60))
    assert not await deliveries.write(delivery(state="posted"))
    assert await deliveries.rows("t1", "s") == [delivery()]
    assert await doubts.open("t1", "s") == [doubt(story, 30)]


# --- sinks -------------------------------------------------------------------------------------------


async def test_what_is_known_of_a_sink_is_its_own_and_no_message(story: Story) -> None:
    deliveries = story.store.deliveries
    assert await deliveries.state("t1", "s") == SinkState(task_id="t1", sink="s")
    await story.store.leases.lease("t1", "s", "one", 30)
    failed = SinkState(task_id="t1", sink="s", failure="It is gone.", failed_seq=7, failed_reply="C1:1", told=True)
    assert await deliveries.write_state(failed, 1)
    assert await deliveries.state("t1", "s") == failed
    assert await deliveries.state("t1", "other") == SinkState(task_id="t1", sink="other")
    assert await deliveries.write_state(failed.model_copy(update={"failure": "", "told": False}), 1)
    mended = await deliveries.state("t1", "s")
    assert (mended.failure, mended.told) == ("", False)
    assert await deliveries.rows("t1", "s") == []


async def test_an_old_fence_says_nothing_of_a_sink(story: Story) -> None:
    deliveries, state = story.store.deliveries, SinkState(task_id="t1", sink="s", failure="It is gone.")
    assert not await deliveries.write_state(state, 0)
    await story.store.leases.lease("t1", "s", "one", 30)
    story.clock.pass_by(30)
    await story.store.leases.lease("t1", "s", "two", 30)
    assert not await deliveries.write_state(state, 1)
    assert await deliveries.state("t1", "s") == SinkState(task_id="t1", sink="s")


async def test_a_root_that_was_deleted_still_leads_to_its_task_and_is_never_forgotten(story: Story) -> None:
    task = await story.task(sink=SINK)
    await story.store.leases.lease(task, SINK.key, "one", 30)
    for roots in (("17.1",), ("17.2",), ()):
        state = SinkState(task_id=task, sink=SINK.key, former_roots=roots)
        assert await story.store.deliveries.write_state(state, 1)
    assert (await story.store.deliveries.state(task, SINK.key)).former_roots == ("17.1", "17.2")
    for root in ("17.1", "17.2"):
        found = await story.store.tasks.in_thread(SINK.model_copy(update={"thread": root}))
        assert found is not None
        assert found.task_id == task
    elsewhere = SINK.model_copy(update={"channel": "C2", "thread": "17.1"})
    assert await story.store.tasks.in_thread(elsewhere) is None


async def test_leases_of_another_scope_are_others(story: Story) -> None:
    assert await story.store.leases.lease("t1", "s", "one", 30) == 1
    assert await story.store.connections.lease("t1", "s", "two", 30) == 1
    await story.store.connections.release("t1", "s", 1)
    assert await story.store.leases.lease("t1", "s", "two", 30) is None


# --- doubts ------------------------------------------------------------------------------------------


async def test_an_acknowledged_call_ends_its_own_doubt_and_no_other(story: Story) -> None:
    deliveries, leases = story.store.deliveries, story.store.leases
    await leases.lease("t1", "s", "one", 30)
    await deliveries.intend(delivery(), later(story, 60))
    story.clock.pass_by(30)
    await leases.lease("t1", "s", "two", 30)
    for other in ({}, {"part": 1}, {"card_key": "answer:1"}):
        await deliveries.intend(delivery(fence=2, **other), later(story, 60))
    assert await deliveries.write(delivery(fence=2, state="posted", message_id="17.1"))
    assert await story.store.doubts.open("t1", "s") == [
        doubt(story, 60, fence=2, card_key="answer:1"),
        doubt(story, 30, fence=1),
        doubt(story, 60, fence=2, part=1),
    ]


@pytest.mark.parametrize("intended", [True, False])
async def test_an_acknowledged_call_may_stay_in_doubt_until_a_later_time(story: Story, intended: bool) -> None:
    await story.store.leases.lease("t1", "s", "one", 30)
    if intended:
        await story.store.deliveries.intend(delivery(), later(story, 60))
    assert await story.store.deliveries.write(delivery(state="posted"), check_at=later(story, 300))
    assert await story.store.doubts.open("t1", "s") == [doubt(story, 300)]


async def test_a_call_intended_again_keeps_count_of_the_looks(story: Story) -> None:
    await story.store.leases.lease("t1", "s", "one", 30)
    await story.store.deliveries.intend(delivery(), later(story, 60))
    await story.store.doubts.resolve(doubt(story, 60), later(story, 120))
    await story.store.deliveries.intend(delivery(), later(story, 90))
    assert await story.store.doubts.open("t1", "s") == [doubt(story, 90, checks=1)]


async def test_a_doubt_looked_into_is_counted_and_comes_again_or_is_gone(story: Story) -> None:
    doubts = story.store.doubts
    await story.store.leases.lease("t1", "s", "one", 30)
    for part in (0, 1):
        await story.store.deliveries.intend(delivery(part=part), later(story, 60))
    await doubts.resolve(doubt(story, 60), later(story, 120))
    await doubts.resolve(doubt(story, 60), later(story, 180))
    assert await doubts.open("t1", "s") == [doubt(story, 180, checks=2), doubt(story, 60, part=1)]
    await doubts.resolve(doubt(story, 60), None)
    assert await doubts.open("t1", "s") == [doubt(story, 60, part=1)]


async def test_a_doubt_that_is_gone_does_not_come_back(story: Story) -> None:
    await story.store.doubts.resolve(doubt(story, 60), later(story, 120))
    await story.store.doubts.resolve(doubt(story, 60), None)
    assert await story.store.doubts.open("t1", "s") == []


async def test_a_settled_doubt_leaves_those_of_other_fences_alone(story: Story) -> None:
    for fence in (1, 2):
        await story.store.leases.lease("t1", "s", f"holder {fence}", 30)
        await story.store.deliveries.intend(delivery(fence=fence), later(story, 60))
        story.clock.pass_by(30)
    await story.store.doubts.resolve(doubt(story, 0, fence=2), None)
    assert await story.store.doubts.open("t1", "s") == [doubt(story, 0, fence=1)]


async def intend(story: Story, task_id: str, sink: str, *seconds: float) -> None:
    """One intended part for each number of seconds."""
    fence = await story.store.leases.lease(task_id, sink, "one", 30)
    for part, after in enumerate(seconds):
        intended = delivery(task_id=task_id, sink=sink, fence=fence, part=part)
        assert await story.store.deliveries.intend(intended, later(story, after))


async def test_places_with_a_doubt_come_once_each_the_most_overdue_first(story: Story) -> None:
    await intend(story, "t1", "s", 50, 10)
    await intend(story, "t1", "other", 5)
    await intend(story, "t2", "s", 20, 30)
    await intend(story, "t3", "s", 61)
    due = story.store.doubts.due
    assert await due(later(story, 4), 9) == []
    assert await due(later(story, 5), 9) == [("t1", "other")]
    assert await due(later(story, 60), 9) == [("t1", "other"), ("t1", "s"), ("t2", "s")]
    assert await due(later(story, 60), 2) == [("t1", "other"), ("t1", "s")]


async def test_reopened_doubts_of_a_fence_are_due_at_once_and_overdue_ones_keep_their_place(story: Story) -> None:
    await intend(story, "t1", "s", 60, 10)
    await intend(story, "t2", "s", 60)
    story.clock.pass_by(30)
    assert await story.store.leases.lease("t1", "s", "two", 30) == 2
    await story.store.deliveries.intend(delivery(fence=2), later(story, 60))
    await story.store.doubts.reopen("t1", "s", 1)
    assert await story.store.doubts.open("t1", "s") == [
        doubt(story, 0),
        doubt(story, 60, fence=2),
        doubt(story, -20, part=1),
    ]
    assert await story.store.doubts.due(story.clock.now, 9) == [("t1", "s")]


async def test_of_writes_and_a_new_holder_at_once_every_write_that_counted_came_before_it(story: Story) -> None:
    deliveries, leases = story.store.deliveries, story.store.leases
    await leases.lease("t1", "s", "one", 30)
    story.clock.pass_by(30)
    writes = [deliveries.intend(delivery(part=part), later(story, 60)) for part in range(10)]
    *counted, fence = await asyncio.gather(*writes, leases.lease("t1", "s", "two", 30))
    assert fence == 2
    parts = [part for part, did in enumerate(counted) if did]
    assert [row.part for row in await deliveries.rows("t1", "s")] == parts
    assert [one.part for one in await story.store.doubts.open("t1", "s")] == parts


async def test_a_new_holder_waits_for_a_write_that_has_checked_its_fence(database: Database, sql_story: Story) -> None:
    leases = sql_story.store.leases
    await leases.lease("t1", "s", "one", 30)
    sql_story.clock.pass_by(30)
    async with database.write() as connection:
        assert await newest_fence(connection, "t1", "s") == 1
        taking = asyncio.create_task(leases.lease("t1", "s", "two", 30))
        for _ in range(5):  # readings wait for nobody: these began later, and are through
            await sql_story.store.deliveries.rows("t1", "s")
        assert not taking.done()
    assert await taking == 2
