import pytest

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
