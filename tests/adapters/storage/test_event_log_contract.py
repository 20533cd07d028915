from datetime import timedelta, timezone

import pytest

from threadwork.workflows.errors import EventConflict, NotFound, StaleRun
from threadwork.workflows.values import Status


async def test_events_come_back_as_they_were_stored(story):
    task = await story.begun()
    first = story.event(
        task, 1, "tool_call.started", call_id="1.1", tool="notes.read", odd="NUL \0 and ☃ and 1.0", n=1.5
    )
    assert await story.append(task, first, story.event(task, 2)) == 2
    events = await story.store.events.read(task)
    assert events == [first, story.event(task, 2)]
    assert events[0].at.tzinfo is not None


async def test_times_of_another_zone_are_the_same_times_in_utc(story):
    task = await story.begun()
    event = story.event(task, 1)
    elsewhere = event.model_copy(update={"at": event.at.astimezone(timezone(timedelta(hours=5, minutes=30)))})
    await story.append(task, elsewhere)
    [stored] = await story.store.events.read(task)
    assert stored.at == event.at
    assert stored.at.utcoffset() == timedelta(0)


async def test_a_batch_that_is_sent_again_changes_nothing(story):
    task = await story.begun()
    events = [story.event(task, 1), story.event(task, 2)]
    await story.append(task, *events)
    before = await story.store.tasks.get(task)
    story.clock.pass_by(5)
    assert await story.append(task, *events, status=Status.PAUSED) == 2
    assert await story.store.tasks.get(task) == before


async def test_a_batch_that_overlaps_brings_only_what_is_new(story):
    task = await story.begun()
    await story.append(task, story.event(task, 1), story.event(task, 2))
    assert await story.append(task, story.event(task, 2), story.event(task, 3), status=Status.PAUSED) == 3
    assert [event.seq for event in await story.store.events.read(task)] == [1, 2, 3]
    assert (await story.store.tasks.get(task)).status is Status.PAUSED


@pytest.mark.parametrize(
    "change", [{"data": {"number": 9}}, {"type": "iteration.completed"}, {"iteration": 7}, {"at": timedelta(seconds=1)}]
)
async def test_a_different_event_under_a_stored_number_is_an_error(story, change):
    task = await story.begun()
    event = story.event(task, 1)
    await story.append(task, event)
    if "at" in change:
        change = {"at": event.at + change["at"]}
    with pytest.raises(EventConflict):
        await story.append(task, event.model_copy(update=change), story.event(task, 2))
    assert await story.store.events.read(task) == [event]


async def test_a_number_left_out_is_an_error_and_nothing_is_written(story):
    task = await story.begun()
    with pytest.raises(EventConflict):
        await story.append(task, story.event(task, 1), story.event(task, 3), status=Status.PAUSED)
    assert await story.store.events.read(task) == []
    assert (await story.store.tasks.get(task)).status is Status.QUEUED


async def test_the_first_number_is_one(story):
    task = await story.begun()
    with pytest.raises(EventConflict):
        await story.append(task, story.event(task, 2))


@pytest.mark.parametrize("epoch", [0, 2])
async def test_another_epoch_is_refused_even_with_nothing_to_say(story, epoch):
    task = await story.begun()
    with pytest.raises(StaleRun):
        await story.append(task, epoch=epoch)
    with pytest.raises(StaleRun):
        await story.append(task, story.event(task, 1), epoch=epoch)
    assert await story.store.events.read(task) == []


async def test_an_empty_batch_tells_the_last_number_and_sets_nothing(story):
    task = await story.begun()
    await story.append(task, story.event(task, 1))
    assert await story.append(task, status=Status.PAUSED) == 1
    assert (await story.store.tasks.get(task)).status is Status.RUNNING


async def test_events_of_an_unknown_task_are_refused(story):
    with pytest.raises(NotFound):
        await story.append("nobody", story.event("nobody", 1))


async def test_reading_goes_on_after_a_number_and_in_pages(story):
    task = await story.begun()
    await story.append(task, *(story.event(task, seq) for seq in range(1, 8)))
    read = story.store.events.read
    assert [event.seq for event in await read(task, after=2, limit=3)] == [3, 4, 5]
    assert await read(task, after=7) == []
    assert await read("nobody") == []


async def test_heads_name_the_last_number_of_tasks_that_have_events(story):
    one, two, silent = await story.begun(), await story.begun(), await story.begun()
    await story.append(one, story.event(one, 1))
    await story.append(two, story.event(two, 1), story.event(two, 2))
    assert await story.store.events.heads([one, two, silent, "nobody"]) == {one: 1, two: 2}
    assert await story.store.events.heads([]) == {}


async def test_the_task_follows_its_events(story):
    task = await story.begun()
    story.clock.pass_by(9)
    await story.append(task, story.event(task, 1), story.event(task, 2), status=Status.WAITING_APPROVAL)
    record = await story.store.tasks.get(task)
    assert (record.status, record.last_seq, record.iteration) == (Status.WAITING_APPROVAL, 2, 2)
    assert record.updated_at == story.clock.now
    assert record.created_at < record.updated_at


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("workflow.completed", {"reason": "max_iterations_reached"}, "max_iterations_reached"),
        ("workflow.failed", {"reason": "failed", "error": "Oh"}, "failed"),
        ("workflow.cancelled", {"reason": "I changed my mind"}, "cancelled"),
    ],
)
async def test_the_end_names_its_reason_and_a_reply_takes_it_back(story, kind, data, reason):
    task = await story.begun()
    await story.happen(task, (kind, data))
    assert (await story.store.tasks.get(task)).reason == reason
    await story.happen(task, ("workflow.continued", {"reason": "reply", "model": "m", "max_iterations": 5}))
    assert (await story.store.tasks.get(task)).reason is None


ASKED = {
    "approval_id": "1",
    "tool": "notes.delete",
    "arguments_preview": "{…}",
    "arguments_ref": "arguments:1",
    "digest": "abc",
    "effect": "destructive",
    "approvers": ["U1", "U2"],
    "quorum": 2,
    "expires_at": "2026-01-06T12:00:00Z",
}


def decision(**fields):
    by = {"platform": "slack", "workspace": "T1", "user_id": "U1"}
    return {"approval_id": "1", "decision": "approve", "scope": "once", "by": by, "click_id": "c1"} | fields


async def test_a_request_for_approval_is_recorded(story):
    task = await story.begun()
    await story.happen(task, ("human_approval.requested", ASKED))
    [record] = await story.store.approvals.of_task(task)
    assert (record.state, record.tool, record.arguments_ref, record.digest) == (
        "pending",
        "notes.delete",
        "arguments:1",
        "abc",
    )
    assert (record.effect, record.approvers, record.decisions) == ("destructive", ("U1", "U2"), ())
    assert record.expires_at.isoformat() == "2026-01-06T12:00:00+00:00"
    assert record.requested_at == story.event(task, 1).at


async def test_every_decision_is_kept_and_the_final_one_decides(story):
    task = await story.begun()
    await story.happen(task, ("human_approval.requested", ASKED))
    await story.happen(task, ("human_approval.received", decision(final=False)))
    [record] = await story.store.approvals.of_task(task)
    assert record.state == "pending"
    await story.happen(task, ("human_approval.received", decision(click_id="c2", scope="task", reason="Fine")))
    [record] = await story.store.approvals.of_task(task)
    assert (record.state, record.scope) == ("approved", "task")
    assert [given["click_id"] for given in record.decisions] == ["c1", "c2"]
    assert record.decisions[1]["reason"] == "Fine"
    assert record.decided_at == story.event(task, 3).at


@pytest.mark.parametrize(
    ("kind", "data", "state"),
    [
        ("human_approval.received", decision(decision="deny"), "denied"),
        ("human_approval.expired", {"approval_id": "1"}, "expired"),
        ("human_approval.superseded", {"approval_id": "1", "reason": "A reply came"}, "superseded"),
    ],
)
async def test_an_approval_ends_as_its_event_says(story, kind, data, state):
    task = await story.begun()
    await story.happen(task, ("human_approval.requested", ASKED), (kind, data))
    [record] = await story.store.approvals.of_task(task)
    assert record.state == state
    assert record.decided_at == story.event(task, 2).at


async def test_a_refused_batch_leaves_no_approval_behind(story):
    task = await story.begun()
    with pytest.raises(EventConflict):
        await story.append(task, story.event(task, 1, "human_approval.requested", **ASKED), story.event(task, 3))
    assert await story.store.approvals.of_task(task) == []
