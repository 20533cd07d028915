from datetime import timedelta

from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Status


async def asks(story, task, approval_id="1", seconds=0, **fields):
    """The run asks for an approval, so many seconds after noon."""
    last = (await story.store.tasks.get(task)).last_seq
    expires = story.clock() + timedelta(hours=1)
    data = {
        "approval_id": approval_id,
        "tool": "notes.write",
        "arguments_preview": '{"path": "a"}',
        "arguments_ref": "a:1",
        "digest": "d1",
        "effect": "destructive",
        "approvers": ["U1", "group:ops"],
        "expires_at": expires.isoformat(),
    }
    event = story.event(task, last + 1, "human_approval.requested", **data | fields)
    event = event.model_copy(update={"at": event.at + timedelta(seconds=seconds)})
    await story.append(task, event, status=Status.WAITING_APPROVAL)


async def pending(story, limit=200):
    return [(one.task.task_id, one.card.approval_id) for one in await story.store.approvals.pending(limit)]


async def test_approvals_wait_the_longest_waiting_first(story):
    one, two = await story.begun(), await story.begun()
    await asks(story, one, "1", seconds=5)
    await asks(story, two, "1", seconds=2)
    await asks(story, one, "2", seconds=7)
    assert await pending(story) == [(two, "1"), (one, "1"), (one, "2")]
    assert await pending(story, limit=1) == [(two, "1")]


async def test_an_approval_that_waits_is_told_with_its_task_and_as_a_card(story):
    task = await story.begun(goal="Tidy up", sink=Sink(platform="slack", workspace="T1", channel="C1", thread="m1"))
    await asks(story, task)
    [waiting] = await story.store.approvals.pending()
    assert waiting.task == await story.store.tasks.get(task)
    card = waiting.card
    assert (card.key, card.approval_id, card.tool, card.arguments) == (
        "approval:1",
        "1",
        "notes.write",
        '{"path": "a"}',
    )
    assert (card.digest, card.effect, card.approvers, card.state) == (
        "d1",
        "destructive",
        ("U1", "group:ops"),
        "pending",
    )
    assert card.expires_at == story.clock() + timedelta(hours=1)


async def test_who_has_approved_already_is_told_while_others_must_too(story):
    task = await story.begun()
    await asks(story, task)
    decision = {"approval_id": "1", "decision": "approve", "by": story.anna.model_dump(), "click_id": "k1"}
    await story.happen(task, ("human_approval.received", decision | {"final": False}))
    [waiting] = await story.store.approvals.pending()
    assert [person.key for person in waiting.card.approved_by] == [story.anna.key]


async def test_what_is_decided_or_withdrawn_does_not_wait(story):
    task = await story.begun()
    for approval_id in ("1", "2", "3"):
        await asks(story, task, approval_id)
    decision = {"approval_id": "1", "decision": "deny", "by": story.anna.model_dump(), "click_id": "k1"}
    await story.happen(
        task, ("human_approval.received", decision), ("human_approval.superseded", {"approval_id": "2", "reason": "x"})
    )
    assert await pending(story) == [(task, "3")]


async def test_approvals_of_a_task_that_has_ended_do_not_wait(story):
    task = await story.begun()
    await asks(story, task)
    last = (await story.store.tasks.get(task)).last_seq
    await story.append(task, story.event(task, last + 1, "workflow.failed", error="Oh"), status=Status.FAILED)
    assert await pending(story) == []
