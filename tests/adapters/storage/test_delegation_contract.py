"""Tasks that other tasks delegated, as a store keeps them."""

import pytest

from threadwork.workflows.errors import NotFound
from threadwork.workflows.tasks import TaskFilter, TaskOrder
from threadwork.workflows.values import Ledger, Status

ASKED = {"tool": "notes.write", "arguments_preview": "{}", "arguments_ref": "a", "digest": "d", "effect": "changes"}


async def delegated(story, parent, call_id="1.4", depth=1, goal="Look."):
    order = TaskOrder(goal=goal, agent="scout", by=story.anna, parent=parent, depth=depth, budget_tokens=5_000)
    return await story.store.runs.delegate(call_id, order)


async def test_a_call_delegates_one_task_however_often_it_is_tried(story):
    parent = await story.begun()
    child = await delegated(story, parent)
    assert await delegated(story, parent, goal="Something else.") == child
    assert await delegated(story, parent, call_id="1.5") != child
    record, order = await story.store.tasks.get(child), await story.store.tasks.order(child)
    assert (record.parent, record.agent, record.by, record.sink) == (parent, "scout", story.anna, None)
    assert (order.goal, order.depth, order.budget_tokens) == ("Look.", 1, 5_000)
    begun = await story.begin(child, "chain", 0)
    assert (begun.parent, begun.depth, begun.goal) == (parent, 1, "Look.")
    assert (await story.store.transcript.get(child, "goal")).body["content"] == "Look."


async def test_nobody_delegates_who_is_not_there(story):
    with pytest.raises(NotFound):
        await delegated(story, "nobody")


async def test_lists_have_those_that_nobody_delegated_or_those_of_one_parent(story):
    parent, other = await story.begun(), await story.task()
    child = await delegated(story, parent)
    below = await delegated(story, child, depth=2)

    async def listed(parent_id=None):
        return {record.task_id for record in await story.store.tasks.list(TaskFilter(parent=parent_id))}

    assert await listed() == {parent, other}
    assert await listed(parent) == {child}
    assert await listed(child) == {below}


async def test_what_is_below_a_task_is_counted_and_what_is_open_is_named(story):
    parent = await story.begun()
    child, ended = await delegated(story, parent), await delegated(story, parent, call_id="1.5")
    below = await delegated(story, child, depth=2)
    for task, tokens in ((child, 100), (ended, 20), (below, 3)):
        await story.begin(task, "chain", 0)
        await story.claim(task, "1.1", "a", reserve=story.reserve())
        await story.finish(task, "1.1", "a", usage=story.usage(tokens, 0))
    await story.append(ended, story.event(ended, 1, "workflow.failed", error="Oh"), status=Status.FAILED)
    begun = await story.begin(parent, "second", 10)
    assert (begun.delegated, begun.ledger) == (Ledger(tokens=123), Ledger())
    assert begun.open_children == (child,)
    assert (await story.begin(child, "second", 10)).delegated == Ledger(tokens=3)


async def test_what_a_delegated_task_asks_is_listed_with_its_parent_alone(story):
    parent = await story.begun()
    child = await delegated(story, parent)
    await story.begin(child, "chain", 0)
    asked = ASKED | {"approval_id": "1", "expires_at": "2030-01-01T00:00:00Z"}
    await story.append(child, story.event(child, 1, "human_approval.requested", **asked))
    await story.append(parent, story.event(parent, 1, "human_approval.requested", **asked, child_task_id=child))
    assert [one.task.task_id for one in await story.store.approvals.pending()] == [parent]
