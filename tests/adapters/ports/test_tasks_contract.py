from datetime import UTC, datetime
from typing import Any

import pytest

from tests.adapters.conftest import Story
from threadwork.adapters.discord.inbound import task_threads
from threadwork.workflows.errors import NotFound
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Status


async def listed(story: Story, **which: Any) -> list[str]:
    return [record.task_id for record in await story.store.tasks.list(TaskFilter(**which))]


async def made(story: Story, count: int, **order: Any) -> list[str]:
    tasks = []
    for _ in range(count):
        story.clock.pass_by(1)
        tasks.append(await story.task(**order))
    return tasks


async def test_tasks_are_listed_newest_first_up_to_the_limit(story: Story) -> None:
    tasks = await made(story, 4)
    assert await listed(story) == tasks[::-1]
    assert await listed(story, limit=2) == [tasks[3], tasks[2]]


async def test_tasks_can_be_narrowed_to_a_person_and_to_open_ones(story: Story) -> None:
    ben = story.anna.model_copy(update={"user_id": "U2"})
    [first, second], [third] = await made(story, 2), await made(story, 1, by=ben)
    await story.begin(first, "chain", 0)
    await story.append(first, story.event(first, 1, "workflow.failed", error="Oh"), status=Status.FAILED)
    assert await listed(story, open_only=True) == [third, second]
    assert await listed(story, by=(ben.key,)) == [third]
    assert await listed(story, by=(story.anna.key,), open_only=True) == [second]


async def test_a_task_is_found_by_the_beginning_of_its_id(story: Story) -> None:
    [task, *_] = await made(story, 3)
    assert (await story.store.tasks.find(task)).task_id == task
    assert (await story.store.tasks.find(task[:8])).task_id == task


@pytest.mark.parametrize("prefix", ["t", "", "nobody", "T", "t%", "_"])
async def test_what_is_not_the_beginning_of_exactly_one_id_is_not_found(story: Story, prefix: str) -> None:
    await made(story, 2)
    with pytest.raises(NotFound):
        await story.store.tasks.find(prefix)


async def test_an_unknown_task_is_not_found(story: Story) -> None:
    with pytest.raises(NotFound):
        await story.store.tasks.get("nobody")
    with pytest.raises(NotFound):
        await story.store.tasks.order("nobody")


async def test_a_goal_is_listed_as_a_preview_and_ordered_in_full(story: Story) -> None:
    task = await story.task(goal="Tidy \0 up " * 100)
    assert len((await story.store.tasks.get(task)).goal) == 400
    assert (await story.store.tasks.order(task)).goal == "Tidy \0 up " * 100


# --- where tasks live --------------------------------------------------------------------------------

CHANNEL = Sink(platform="slack", workspace="T1", channel="C1")


def under(thread: str, sink: Sink = CHANNEL) -> Sink:
    return sink.model_copy(update={"thread": thread})


async def posted(story: Story, task: str, sink: Sink, message: str, card_key: str = "status", part: int = 0) -> None:
    fence = await story.store.leases.lease(task, sink.key, "notifier", 60)
    delivery = Delivery(
        task_id=task, sink=sink.key, card_key=card_key, part=part, message_id=message, state="posted", fence=fence
    )
    assert await story.store.deliveries.write(delivery)


async def found(story: Story, sink: Sink) -> str | None:
    record = await story.store.tasks.in_thread(sink)
    return record.task_id if record else None


async def test_a_task_is_found_in_the_thread_that_was_there_before_it(story: Story) -> None:
    task = await story.task(sink=under("m1"))
    await story.task(sink=under("m2"))
    assert await found(story, under("m1")) == task
    assert await found(story, under("m3")) is None


async def test_a_task_is_found_in_the_thread_under_its_own_root(story: Story) -> None:
    task = await story.task(sink=CHANNEL)
    assert await found(story, under("m5")) is None
    await posted(story, task, CHANNEL, "m5")
    assert await found(story, under("m5")) == task


async def test_a_task_is_found_by_its_status_card_in_a_thread_of_others(story: Story) -> None:
    task = await story.task(sink=under("m1"))
    await posted(story, task, under("m1"), "m6")
    assert await found(story, under("m6")) == task


async def test_a_task_is_found_by_each_workspace_that_its_channel_is_in(story: Story) -> None:
    there, own = await story.task(sink=under("m1")), await story.task(sink=CHANNEL)
    await posted(story, own, CHANNEL, "m5")
    for message, task in (("m1", there), ("m5", own)):
        elsewhere = under(message, CHANNEL.in_workspace("T2"))
        assert await found(story, elsewhere) is None
        record = await story.store.tasks.in_thread(elsewhere, ["T1", "T3"])
        assert record
        assert record.sink
        assert (record.task_id, record.sink.workspace) == (task, "T1")
        assert await story.store.tasks.in_thread(elsewhere, ["T3"]) is None


async def test_other_cards_and_other_places_are_no_thread_of_a_task(story: Story) -> None:
    task = await story.task(sink=CHANNEL)
    await posted(story, task, CHANNEL, "m7", card_key="answer:1")
    await posted(story, task, CHANNEL, "m8", part=1)
    await posted(story, task, CHANNEL, "m9")
    assert [await found(story, under(message)) for message in ("m7", "m8", "")] == [None, None, None]
    elsewhere = [{"channel": "C2"}, {"workspace": "T2"}, {"platform": "discord"}, {"channel": "C"}]
    assert [await found(story, under("m9", CHANNEL.model_copy(update=other))) for other in elsewhere] == [None] * 4


async def test_the_newest_task_of_a_thread_is_the_one_people_talk_to(story: Story) -> None:
    [*_, newest] = await made(story, 3, sink=under("m1"))
    assert await found(story, under("m1")) == newest


async def test_tasks_can_be_narrowed_to_a_channel(story: Story) -> None:
    [first] = await made(story, 1, sink=under("m1"))
    [second] = await made(story, 1, sink=CHANNEL)
    await made(story, 1, sink=Sink(platform="slack", workspace="T1", channel="C2"))
    await made(story, 1, sink=Sink(platform="slack", workspace="T", channel="1:C1"))
    await made(story, 1)
    assert await listed(story, channel=under("m9")) == [second, first]


async def test_tasks_can_be_narrowed_to_a_platform(story: Story) -> None:
    await made(story, 1, sink=CHANNEL)
    [wanted] = await made(story, 1, sink=Sink(platform="discord", workspace="5", channel="1"))
    await made(story, 1, sink=Sink(platform="discordant", workspace="5", channel="1"))
    assert await listed(story, platform="discord") == [wanted]


async def test_a_task_tells_where_its_thread_is_as_soon_as_it_is_known(story: Story) -> None:
    own, joined, none = [await story.task(sink=sink) for sink in (CHANNEL, under("m1"), None)]
    get = story.store.tasks.get
    assert [(await get(task)).sink for task in (own, joined, none)] == [CHANNEL, under("m1"), None]
    await posted(story, own, CHANNEL, "m5")
    await posted(story, joined, under("m1"), "m6")
    assert [(await get(task)).sink for task in (own, joined)] == [under("m5"), under("m1")]


async def test_threads_of_tasks_at_work_are_looked_through_however_many_ended_since(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_threads, "MAX_THREADS", 2)
    monkeypatch.setattr(task_threads, "REPLY_TIME", datetime.now(UTC) - story.clock.now + task_threads.REPLY_TIME)
    sinks = [Sink(platform="discord", workspace="5", channel="1", thread=str(number)) for number in range(5)]
    tasks = [(await made(story, 1, sink=sink))[0] for sink in sinks]
    for task in tasks[1:]:
        await story.begin(task, "chain", 0)
        await story.append(task, story.event(task, 1, "workflow.failed", error="Oh"), status=Status.FAILED)
    assert await task_threads.threads(story.store.tasks) == [sinks[0], sinks[4], sinks[3]]
