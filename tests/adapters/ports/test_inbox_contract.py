import asyncio

import pytest

from tests.adapters.conftest import Story
from threadwork.adapters.sql.database import Database
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.messages import ApprovalDecision, Control, QuestionAnswer, StopRequest
from threadwork.workflows.tasks import Answer, Command, Decide, Intake, Pause, RunOrder, Stop
from threadwork.workflows.values import Status


async def test_a_run_is_written_down_together_with_its_task_and_goal(story: Story) -> None:
    intake = await story.run("C1", goal="Tidy up", agent="tidy", model="m", budget_usd=0.5)
    assert (intake.first, intake.state, intake.attempts) == (True, "new", 0)
    assert intake.task_id.startswith("t")
    assert len(intake.task_id) == 12
    record = await story.store.tasks.get(intake.task_id)
    assert (record.status, record.goal, record.agent, record.by) == (Status.QUEUED, "Tidy up", "tidy", story.anna)
    assert (await story.store.tasks.order(intake.task_id)).budget_usd == 0.5
    goal = await story.store.transcript.get(intake.task_id, "goal")
    assert (goal.kind, goal.position, goal.body) == ("goal", 0, {"role": "user", "content": "Tidy up"})


async def test_a_run_whose_author_is_asked_first_is_no_task_yet(story: Story) -> None:
    made = (await story.run("C0")).command
    held = await story.store.intake.store(made.model_copy(update={"platform_id": "C1"}), held=True)
    assert (held.state, held.first) == ("held", True)
    with pytest.raises(NotFound):
        await story.store.tasks.get(held.task_id)
    again = await story.store.intake.get(made.platform, "C1")
    assert again is not None
    assert (again.state, again.command.action) == ("held", made.action)
    assert held.task_id not in [one.task_id for one in await story.store.intake.lease("bot", 9, 60)]


async def test_a_redelivered_run_is_the_same_task(story: Story) -> None:
    first, again = await story.run("C1", goal="Tidy up"), await story.run("C1", goal="Something else")
    assert again.first is False
    assert (again.intake_id, again.task_id) == (first.intake_id, first.task_id)
    assert isinstance(again.command.action, RunOrder)
    assert again.command.action.order.goal == "Tidy up"
    assert (await story.store.tasks.get(first.task_id)).goal == "Tidy up"


async def test_the_same_id_on_another_platform_is_another_task(story: Story) -> None:
    first = await story.run("C1")
    other = await story.store.intake.store(first.command.model_copy(update={"platform": "discord"}))
    assert other.first
    assert other.task_id != first.task_id


async def test_a_task_id_follows_from_the_platforms_id(story: Story) -> None:
    assert (await story.run("C1")).task_id == "tbfkl5epbpn4"


async def test_what_people_write_is_stored_with_the_command(story: Story) -> None:
    task = await story.task()
    await story.reply(task, "m1", "And the attic")
    decide = ApprovalDecision(click_id="c1", approval_id="1", decision="approve", by=story.anna, edited_ref="edited:c1")
    answer = QuestionAnswer(click_id="c2", question_id="1", by=story.anna, answer="Bl…", ref="answer:c2")
    for number, action in enumerate(
        (Decide(task_id=task, click=decide, edited='{"a": 1}'), Answer(task_id=task, click=answer, text="Blue"))
    ):
        await story.store.intake.store(
            Command(platform="slack", platform_id=f"x{number}", by=story.anna, action=action)
        )
    texts = [await story.store.transcript.get(task, ref) for ref in ("reply:m1", "edited:c1", "answer:c2")]
    assert [(text.kind, text.position, text.body) for text in texts] == [
        ("follow_up", None, {"role": "user", "content": "And the attic"}),
        ("text", None, {"content": '{"a": 1}'}),
        ("answer", None, {"role": "user", "content": "Blue"}),
    ]


async def test_a_command_for_an_unknown_task_is_refused_and_not_kept(story: Story) -> None:
    with pytest.raises(NotFound):
        await story.reply("nobody", "m1")
    assert await story.store.intake.get("slack", "m1") is None
    assert await story.store.intake.lease("bot", 10, 60) == []


async def test_commands_are_taken_oldest_first_and_by_one_holder(story: Story) -> None:
    ids = [(await story.run(f"C{n}")).intake_id for n in range(5)]
    first = await story.store.intake.lease("one", 2, 60)
    assert [(intake.intake_id, intake.attempts) for intake in first] == [(ids[0], 1), (ids[1], 1)]
    assert [intake.intake_id for intake in await story.store.intake.lease("two", 9, 60)] == ids[2:]
    assert await story.store.intake.lease("one", 9, 60) == []


async def test_a_lease_that_ran_out_is_taken_by_the_next(story: Story) -> None:
    await story.run("C1")
    await story.store.intake.lease("one", 9, 60)
    story.clock.pass_by(59)
    assert await story.store.intake.lease("two", 9, 60) == []
    story.clock.pass_by(1)
    [intake] = await story.store.intake.lease("two", 9, 60)
    stored = await story.store.intake.get("slack", "C1")
    assert stored
    assert (intake.attempts, intake.command) == (2, stored.command)


async def test_the_commands_of_a_task_are_taken_one_after_the_other(story: Story) -> None:
    run = await story.run("C1")
    await story.reply(run.task_id, "m1")
    await story.reply(run.task_id, "m2")
    seen = []
    for _ in range(3):
        [intake] = await story.store.intake.lease("bot", 9, 60)
        assert await story.store.intake.lease("other", 9, 60) == []
        seen.append(intake.command.platform_id)
        await story.store.intake.finish(intake.intake_id)
    assert seen == ["C1", "m1", "m2"]
    assert await story.store.intake.lease("bot", 9, 60) == []


async def test_a_command_ends_done_or_refused_and_the_first_word_counts(story: Story) -> None:
    run = await story.run("C1")
    pause = Pause(task_id=run.task_id, click=Control(click_id="c", by=story.anna))
    click = await story.store.intake.store(Command(platform="slack", platform_id="c", by=story.anna, action=pause))
    await story.store.intake.finish(run.intake_id)
    await story.store.intake.finish(click.intake_id, refused="Too late.")
    await story.store.intake.finish(click.intake_id)
    ended, refused = [await story.store.intake.get("slack", key) for key in ("C1", "c")]
    assert ended
    assert refused
    assert ended.state == "done"
    assert (refused.state, refused.refused, refused.command.action) == ("refused", "Too late.", pause)


async def test_a_redelivery_tells_how_the_first_stands(story: Story) -> None:
    run = await story.run("C1")
    await story.store.intake.finish(run.intake_id)
    again = await story.run("C1")
    assert (again.first, again.state) == (False, "done")


async def test_who_stores_a_command_first_is_told_the_tasks_last_event(story: Story) -> None:
    task = await story.begun()
    await story.happen(task, *[("iteration.started", {"number": 1})] * 3)
    assert (await story.reply(task, "m1")).head == 3
    await story.happen(task, ("iteration.started", {"number": 2}))
    assert (await story.reply(task, "m2")).head == 4
    assert not (await story.reply(task, "m2")).first


async def test_a_look_that_finds_nothing_waits_for_no_writer(sql_story: Story, database: Database) -> None:
    await sql_story.run("C1")
    await sql_story.store.intake.lease("one", 9, 60)
    async with asyncio.timeout(5), database.write():
        assert await sql_story.store.intake.lease("two", 9, 60) == []


async def test_an_unknown_command_is_not_there(story: Story) -> None:
    assert await story.store.intake.get("slack", "nothing") is None


def stopping(story: Story, task: str, moment: str, key: str = "") -> Command:
    click = StopRequest(click_id=key or f"stop-{moment}", by=story.anna)
    return Command(
        platform="slack",
        platform_id=click.click_id,
        by=story.anna,
        action=Stop(task_id=task, click=click, moment=moment),
    )


async def test_a_stop_is_refused_where_a_later_reply_of_its_channel_is_stored(story: Story) -> None:
    task, other = await story.task(), await story.task()
    for message in ("C1:1700000005.000100", "C1:1700000002.000100", "C2:1800000000.000100"):
        await story.reply(task, message)
    store = story.store.intake.store
    late = stopping(story, task, "C1:1700000003.000000")
    with pytest.raises(Rejected, match="newer message"):
        await store(late)
    assert await story.store.intake.get("slack", late.platform_id) is None
    for fine in (
        stopping(story, task, "C1:1700000005.000100"),
        stopping(story, task, "C1:1700000006.000000"),
        stopping(story, other, "C1:1700000003.000000", "elsewhere"),
        stopping(story, task, "", "without a moment"),
    ):
        assert (await store(fine)).first


async def test_a_stop_that_was_written_down_stands_when_it_is_delivered_again_after_a_later_reply(story: Story) -> None:
    task = await story.task()
    command = stopping(story, task, "C1:1700000003.000000")
    assert (await story.store.intake.store(command)).first
    await story.reply(task, "C1:1700000005.000100")
    assert not (await story.store.intake.store(command)).first


async def test_of_a_stop_and_a_later_reply_at_the_same_moment_the_reply_survives(story: Story) -> None:
    """Either the stop is refused, or it is taken up before the reply, which then wakes the task."""
    for number in range(20):
        task = await story.task()
        stop = story.store.intake.store(stopping(story, task, f"C{number}:1700000003.000000"))
        reply = story.reply(task, f"C{number}:1700000005.000100")
        stopped, replied = await asyncio.gather(
            *((stop, reply) if number % 2 else (reply, stop)), return_exceptions=True
        )
        if not number % 2:
            stopped, replied = replied, stopped
        assert isinstance(replied, Intake)
        assert isinstance(stopped, Rejected) or (isinstance(stopped, Intake) and stopped.intake_id < replied.intake_id)
