import pytest

from threadwork.workflows.agents import AgentSpec, RunConfig, ToolSpec
from threadwork.workflows.errors import NotFound
from threadwork.workflows.values import Ledger


async def test_a_fresh_task_stands_at_its_beginning(story):
    task = await story.task(goal="Tidy up " * 100)
    begun = await story.begin(task, "chain", 0)
    assert begun.epoch == 1
    assert (begun.last_seq, begun.started, begun.ended, begun.iteration) == (0, False, False, 0)
    assert begun.position == 1
    assert begun.goal.endswith("…")
    assert len(begun.goal) == 400
    assert (begun.goal_ref, begun.requester) == ("goal", story.anna)


async def test_the_same_chain_begins_again_under_the_same_epoch(story):
    task = await story.task()
    assert [(await story.begin(task, "chain", 0)).epoch for _ in range(3)] == [1, 1, 1]


async def test_a_later_chain_takes_over_and_an_earlier_one_is_refused(story):
    task = await story.task()
    assert (await story.begin(task, "first", 0)).epoch == 1
    assert (await story.begin(task, "second", 10)).epoch == 2
    assert (await story.begin(task, "first", 0)).epoch == 0
    assert (await story.begin(task, "second", 10)).epoch == 2
    assert (await story.begin(task, "third", 10)).epoch == 3


async def test_an_unknown_task_cannot_begin(story):
    with pytest.raises(NotFound):
        await story.begin("nobody", "chain", 0)


async def test_open_calls_of_an_earlier_run_are_closed_as_unknown_and_named_each_time(story):
    task = await story.begun()
    await story.claim(task, "1.2", "a", kind="tool", name="notes.delete", repeatable=False)
    await story.claim(task, "1.10", "b", name="gpt", reserve=story.reserve(price=1.0, tokens_limit=100_000))
    await story.claim(task, "1.3", "c")
    await story.finish(task, "1.3", "c")
    first = await story.begin(task, "second", 10)
    assert [(lost.call_id, lost.tool, lost.model) for lost in first.lost_calls] == [
        ("1.2", "notes.delete", ""),
        ("1.10", None, "gpt"),
    ]
    assert await story.store.calls.recorded(task, "1.2") == {"outcome": "unknown"}
    assert await story.store.calls.recorded(task, "1.3") == {"text": "done"}
    assert (await story.begin(task, "second", 10)).lost_calls == first.lost_calls
    assert (await story.begin(task, "third", 20)).lost_calls == ()
    assert first.ledger == Ledger(nanos=4_100, tokens=4_100)


async def test_the_standing_tells_the_course_of_the_task(story):
    task = await story.begun()
    started = {"goal": "g", "goal_ref": "goal", "agent": "a", "model": "m", "by": {}, "max_iterations": 5}
    await story.happen(task, ("workflow.started", started), ("iteration.started", {"number": 1}))
    begun = await story.begin(task, "first", 0)
    assert (begun.started, begun.ended, begun.last_seq, begun.iteration) == (True, False, 2, 2)
    await story.happen(
        task, ("workflow.completed", {"reason": "goal_achieved"}), ("follow_up.received", {"message_id": "m1"})
    )
    assert (await story.begin(task, "first", 0)).ended
    await story.happen(task, ("workflow.continued", {"reason": "reply"}))
    assert not (await story.begin(task, "first", 0)).ended


async def test_the_standing_adds_up_what_people_gave_and_asked(story):
    task = await story.begun()
    asked = {"tool": "notes.delete", "arguments_preview": "", "arguments_ref": "", "digest": "d"}
    granted = {"decision": "approve", "scope": "task", "click_id": "c"}
    await story.happen(
        task,
        ("budget.increased", {"add_usd": 0.5, "max_iterations": 5}),
        ("budget.increased", {"add_usd": 0.25, "add_tokens": 700, "max_iterations": 5}),
        ("question.asked", {"question_id": "1", "question": "Which?"}),
        ("human_approval.requested", asked | {"approval_id": "1"}),
        ("human_approval.requested", asked | {"approval_id": "2", "tool": "notes.write"}),
        ("human_approval.requested", asked | {"approval_id": "10", "tool": "notes.move"}),
        ("human_approval.received", granted | {"approval_id": "1"}),
        ("context.compacted", {"since": 3, "summary_ref": "summary:1"}),
        ("context.compacted", {"since": 8, "summary_ref": "summary:2"}),
        ("follow_up.received", {"message_id": "m1", "ref": "reply:m1"}),
    )
    begun = await story.begin(task, "first", 0)
    assert (begun.added_usd, begun.added_tokens) == (0.75, 700)
    assert (begun.approvals, begun.questions) == (3, 1)
    assert (begun.granted_tools, begun.open_approvals) == (("notes.delete",), ("2", "10"))
    assert (begun.since, begun.summary_ref) == (8, "summary:2")
    assert begun.follow_up_ids == ("m1",)


async def test_only_the_newest_thousand_follow_ups_are_named(story):
    task = await story.begun()
    await story.happen(task, *(("follow_up.received", {"message_id": f"m{n}"}) for n in range(1_005)))
    ids = (await story.begin(task, "first", 0)).follow_up_ids
    assert (len(ids), ids[0], ids[-1]) == (1_000, "m5", "m1004")


async def test_received_replies_that_never_entered_the_conversation_are_unread(story):
    task = await story.begun()
    for name in ("m1", "m2", "m3"):
        await story.reply(task, name)
    received = [("follow_up.received", {"message_id": name, "ref": f"reply:{name}"}) for name in ("m2", "m1")]
    await story.happen(task, *received)
    assert (await story.begin(task, "first", 0)).unread == ("reply:m2", "reply:m1")
    await story.claim(task, inputs=(story.note(1, kind="follow_up", ref="reply:m2"),))
    assert (await story.begin(task, "first", 0)).unread == ("reply:m1",)


async def test_the_next_position_follows_the_last_message_placed(story):
    task = await story.begun()
    await story.store.transcript.put(task, story.text("a", position=6))
    await story.store.transcript.put(task, story.text("b"))
    assert (await story.begin(task, "first", 0)).position == 7


CONFIG = RunConfig(
    agent=AgentSpec(name="default", model="m"), tools=(ToolSpec(name="notes.read"),), system_prompt="Be kind ☃"
)


async def test_a_snapshot_is_stored_once_under_the_hash_of_its_content(story):
    name = await story.store.runs.save_config(CONFIG)
    assert len(name) == 64
    assert await story.store.runs.save_config(CONFIG) == name
    assert await story.store.runs.config(name) == CONFIG
    other = CONFIG.model_copy(update={"system_prompt": "Be brief"})
    assert await story.store.runs.save_config(other) != name


async def test_an_unknown_snapshot_is_not_found(story):
    with pytest.raises(NotFound):
        await story.store.runs.config("0" * 64)
