import pytest

from workflows.chat import Delivery, Sink
from workflows.errors import NotFound
from workflows.tasks import TaskFilter
from workflows.values import Status


async def listed(story, **which):
    return [record.task_id for record in await story.store.tasks.list(TaskFilter(**which))]


async def made(story, count, **order):
    tasks = []
    for _ in range(count):
        story.clock.pass_by(1)
        tasks.append(await story.task(**order))
    return tasks


async def test_tasks_are_listed_newest_first_up_to_the_limit(story):
    tasks = await made(story, 4)
    assert await listed(story) == tasks[::-1]
    assert await listed(story, limit=2) == [tasks[3], tasks[2]]


async def test_tasks_can_be_narrowed_to_a_person_and_to_open_ones(story):
    ben = story.anna.model_copy(update={"user_id": "U2"})
    [first, second], [third] = await made(story, 2), await made(story, 1, by=ben)
    await story.begin(first, "chain", 0)
    await story.append(first, story.event(first, 1, "workflow.failed", error="Oh"), status=Status.FAILED)
    assert await listed(story, open_only=True) == [third, second]
    assert await listed(story, by=ben.key) == [third]
    assert await listed(story, by=story.anna.key, open_only=True) == [second]


async def test_a_task_is_found_by_the_beginning_of_its_id(story):
    [task, *_] = await made(story, 3)
    assert (await story.store.tasks.find(task)).task_id == task
    assert (await story.store.tasks.find(task[:8])).task_id == task


@pytest.mark.parametrize("prefix", ["t", "", "nobody", "T", "t%", "_"])
async def test_what_is_not_the_beginning_of_exactly_one_id_is_not_found(story, prefix):
    await made(story, 2)
    with pytest.raises(NotFound):
        await story.store.tasks.find(prefix)


async def test_an_unknown_task_is_not_found(story):
    with pytest.raises(NotFound):
        await story.store.tasks.get("nobody")
    with pytest.raises(NotFound):
        await story.store.tasks.order("nobody")


async def test_a_goal_is_listed_as_a_preview_and_ordered_in_full(story):
    task = await story.task(goal="Tidy \0 up " * 100)
    assert len((await story.store.tasks.get(task)).goal) == 400
    assert (await story.store.tasks.order(task)).goal == "Tidy \0 up " * 100


# --- what was posted where ---------------------------------------------------------------------------

SINK = Sink(platform="slack", workspace="T1", channel="C1")


async def test_a_task_reports_to_the_thread_it_was_ordered_in(story):
    task, silent = await story.task(sink=SINK), await story.task()
    assert await story.store.deliveries.sinks(task) == [SINK]
    assert await story.store.deliveries.sinks(silent) == []
    assert await story.store.deliveries.sinks("nobody") == []


async def test_one_holder_at_a_time_and_every_new_one_has_a_higher_fence(story):
    lease = story.store.deliveries.lease
    assert await lease("t1", "s", "one", 30) == 1
    assert await lease("t1", "s", "two", 30) is None
    assert await lease("t1", "other", "two", 30) == 1
    story.clock.pass_by(30)
    assert await lease("t1", "s", "two", 30) == 2
    assert await lease("t1", "s", "one", 30) is None


async def test_a_holder_keeps_its_fence_only_while_its_lease_lasts(story):
    lease = story.store.deliveries.lease
    assert await lease("t1", "s", "one", 30) == 1
    story.clock.pass_by(20)
    assert await lease("t1", "s", "one", 30) == 1
    story.clock.pass_by(20)
    assert await lease("t1", "s", "two", 30) is None
    story.clock.pass_by(10)
    assert await lease("t1", "s", "one", 30) == 2


async def test_a_lease_given_back_is_free_at_once_but_only_by_its_own_fence(story):
    deliveries = story.store.deliveries
    await deliveries.lease("t1", "s", "one", 30)
    await deliveries.release("t1", "s", 7)
    assert await deliveries.lease("t1", "s", "two", 30) is None
    await deliveries.release("t1", "s", 1)
    assert await deliveries.lease("t1", "s", "two", 30) == 2


def delivery(**fields):
    return Delivery(**{"task_id": "t1", "sink": "s", "card_key": "status", "part": 0, "fence": 1} | fields)


async def test_a_delivery_is_written_and_changed_under_the_newest_fence(story):
    deliveries = story.store.deliveries
    await deliveries.lease("t1", "s", "one", 30)
    assert await deliveries.write(delivery(posting_at=story.clock.now))
    posted = delivery(state="posted", message_id="17.1", content_hash="abc", rendered_seq=9)
    assert await deliveries.write(posted)
    assert await deliveries.write(delivery(card_key="answer:1", part=1))
    assert await deliveries.rows("t1", "s") == [delivery(card_key="answer:1", part=1), posted]
    assert await deliveries.rows("t1", "other") == []


async def test_an_old_fence_writes_nothing(story):
    deliveries = story.store.deliveries
    assert not await deliveries.write(delivery())
    await deliveries.lease("t1", "s", "one", 30)
    story.clock.pass_by(60)
    assert await deliveries.write(delivery())
    await deliveries.lease("t1", "s", "two", 30)
    assert not await deliveries.write(delivery(message_id="late"))
    assert not await deliveries.write(delivery(fence=3))
    assert await deliveries.rows("t1", "s") == [delivery()]
