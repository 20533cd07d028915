from datetime import timedelta

import pytest

from threadwork.workflows.errors import EventConflict, NotFound, StaleRun
from threadwork.workflows.values import Ledger


async def test_a_call_is_taken_with_its_events(story):
    task = await story.begun()
    claimed = await story.claim(task, batch=story.batch(task, story.event(task, 1)))
    assert (claimed.state, claimed.result, claimed.ledger) == ("mine", None, Ledger())
    assert (await story.store.tasks.get(task)).last_seq == 1
    assert await story.store.calls.recorded(task, "1.1") is None


async def test_a_call_that_is_done_answers_every_later_attempt_with_its_result(story):
    task = await story.begun()
    await story.claim(task)
    await story.finish(task, result={"text": "first", "n": [1, None]})
    claimed = await story.claim(task, attempt="b")
    assert (claimed.state, claimed.result) == ("done", {"text": "first", "n": [1, None]})
    assert await story.store.calls.recorded(task, "1.1") == {"text": "first", "n": [1, None]}


async def test_the_same_attempt_may_ask_again(story):
    task = await story.begun()
    wanted = {"reserve": story.reserve(price=1.0, tokens_limit=10_000), "repeatable": False}
    first = await story.claim(task, **wanted)
    assert await story.claim(task, **wanted) == first
    assert first.ledger == Ledger(nanos=4_100, tokens=4_100)


async def test_a_call_that_may_not_be_repeated_stays_with_its_attempt(story):
    task = await story.begun()
    await story.claim(task, kind="tool", repeatable=False, timeout=60)
    taken = await story.claim(task, attempt="b", kind="tool", repeatable=False)
    assert (taken.state, taken.until) == ("taken", story.clock.now + timedelta(seconds=60))


async def test_a_repeatable_call_goes_to_the_newest_attempt(story):
    task = await story.begun()
    await story.claim(task, kind="tool", timeout=60)
    assert (await story.claim(task, attempt="b", kind="tool", timeout=90)).state == "mine"
    until = story.clock.now + timedelta(seconds=90)
    assert (await story.claim(task, attempt="a", kind="tool", repeatable=False)).until == until


async def test_a_call_begun_before_a_stop_is_refused_and_a_later_one_is_not(story):
    task = await story.begun()
    await story.happen(task, ("llm_call.started", {"call_id": "1.1"}), ("workflow.cancelled", {}))
    assert (await story.claim(task, "1.1")).state == "refused"
    assert (await story.claim(task, "1.3")).state == "mine"


async def test_a_stop_that_comes_with_the_claim_itself_counts(story):
    task = await story.begun()
    batch = story.batch(task, story.event(task, 1), story.event(task, 2, "workflow.cancelled"))
    assert (await story.claim(task, "1.1", batch=batch)).state == "refused"
    assert (await story.store.tasks.get(task)).last_seq == 2


@pytest.mark.parametrize("epoch", [0, 2])
async def test_a_claim_of_another_epoch_changes_nothing(story, epoch):
    task = await story.begun()
    batch = story.batch(task, story.event(task, 1), epoch=epoch)
    with pytest.raises(StaleRun):
        await story.claim(task, batch=batch, inputs=(story.note(1, text="Hi"),))
    assert await story.store.events.read(task) == []
    assert len(await story.store.transcript.conversation(task, 99)) == 1


async def test_a_claim_with_a_conflict_changes_nothing(story):
    task = await story.begun()
    with pytest.raises(EventConflict):
        await story.claim(task, batch=story.batch(task, story.event(task, 5)), inputs=(story.note(1, text="Hi"),))
    assert (await story.claim(task, attempt="b", repeatable=False)).state == "mine"
    assert len(await story.store.transcript.conversation(task, 99)) == 1


async def test_a_claim_for_an_unknown_task_is_not_found(story):
    with pytest.raises(NotFound):
        await story.claim("nobody")
    with pytest.raises(NotFound):
        await story.finish("nobody")


async def test_inputs_enter_the_conversation_once(story):
    task = await story.begun()
    await story.reply(task, "m1", "And the attic")
    inputs = (
        story.note(1, kind="follow_up", ref="reply:m1"),
        story.note(2, kind="decision", text="Denied"),
        story.note(3, kind="tool", text="No such file", tool_call_id="x1"),
    )
    for _ in range(2):
        await story.claim(task, inputs=inputs)
    conversation = await story.store.transcript.conversation(task, 99)
    assert [(message.position, message.ref, message.kind) for message in conversation] == [
        (0, "goal", "goal"),
        (1, "reply:m1", "follow_up"),
        (2, "input:2", "decision"),
        (3, "input:3", "tool"),
    ]
    assert [message.body for message in conversation[1:]] == [
        {"role": "user", "content": "And the attic"},
        {"role": "user", "content": "Denied"},
        {"role": "tool", "tool_call_id": "x1", "content": "No such file"},
    ]


async def test_an_input_whose_text_is_missing_lets_the_claim_fail_as_a_whole(story):
    task = await story.begun()
    inputs = (story.note(1, text="Hi"), story.note(2, ref="lost"))
    with pytest.raises(NotFound):
        await story.claim(task, batch=story.batch(task, story.event(task, 1)), inputs=inputs)
    assert await story.store.events.read(task) == []
    assert len(await story.store.transcript.conversation(task, 99)) == 1


async def test_the_first_result_stays_and_brings_its_messages(story):
    task = await story.begun()
    await story.claim(task)
    won = await story.finish(task, result={"text": "won"}, messages=(story.text("answer:1", "won", position=1),))
    lost = await story.finish(
        task, attempt="b", result={"text": "lost"}, messages=(story.text("answer:2", "lost", position=2),)
    )
    assert won.result == lost.result == {"text": "won"}
    assert [message.ref for message in await story.store.transcript.conversation(task, 99)] == ["goal", "answer:1"]


async def test_a_result_of_an_older_epoch_only_settles_its_cost(story):
    task = await story.begun()
    await story.claim(task, reserve=story.reserve(price=1.0, tokens_limit=10_000))
    await story.begin(task, "second", 10)
    late = await story.finish(
        task, usage=story.usage(100, 50), cost_nanos=150, messages=(story.text("late", position=1),)
    )
    assert late.result == {"outcome": "unknown"}
    assert late.ledger == Ledger(nanos=150, tokens=150)
    assert len(await story.store.transcript.conversation(task, 99)) == 1
    unclaimed = await story.finish(task, call_id="1.9", attempt="z", result={"text": "late"})
    assert unclaimed.result == {"text": "late"}
    assert await story.store.calls.recorded(task, "1.9") is None


async def test_a_result_may_come_without_a_claim(story):
    task = await story.begun()
    await story.finish(task, "1.4", result={"text": "done"})
    assert (await story.claim(task, "1.4", "b")).result == {"text": "done"}


async def test_the_reservation_stands_until_usage_settles_it_once(story):
    task = await story.begun()
    claimed = await story.claim(task, reserve=story.reserve(1_024, prompt=100, price=2.0, nanos_limit=10_000))
    assert (claimed.output_cap, claimed.ledger) == (1_024, Ledger(nanos=2_248, tokens=1_124))
    assert await story.store.spend.total(task) == claimed.ledger
    settled = await story.finish(task, usage=story.usage(100, 50), cost_nanos=300)
    assert settled.ledger == Ledger(nanos=300, tokens=150)
    again = await story.finish(task, usage=story.usage(100, 9_000), cost_nanos=9_000)
    assert again.ledger == await story.store.spend.total(task) == Ledger(nanos=300, tokens=150)


async def test_a_refusal_settles_at_nothing_and_silence_counts_in_full(story):
    task = await story.begun()
    await story.claim(task, "1.1", "a", reserve=story.reserve(1_024, price=1.0))
    assert (await story.finish(task, "1.1", "a", usage=story.usage(0, 0))).ledger == Ledger()
    await story.claim(task, "1.2", "b", reserve=story.reserve(1_024, price=1.0))
    assert (await story.finish(task, "1.2", "b")).ledger == Ledger(nanos=1_124, tokens=1_124)


async def test_a_lost_attempt_counts_beside_the_one_that_took_over(story):
    task = await story.begun()
    await story.claim(task, attempt="a", reserve=story.reserve(1_024))
    await story.claim(task, attempt="b", reserve=story.reserve(1_024))
    assert (await story.finish(task, attempt="b", usage=story.usage(100, 10))).ledger.tokens == 1_124 + 110
    assert (await story.finish(task, attempt="a", usage=story.usage(100, 20))).ledger.tokens == 120 + 110


async def test_usage_without_a_reservation_is_counted(story):
    task = await story.begun()
    await story.claim(task)
    assert (await story.finish(task, usage=story.usage(100, 50), cost_nanos=7)).ledger == Ledger(nanos=7, tokens=150)
    assert await story.store.spend.by_person([story.anna.key], story.clock.now) == Ledger(nanos=7, tokens=150)


@pytest.mark.parametrize(
    ("limits", "price", "cap"),
    [
        ({"tokens_limit": 100_000}, None, 4_000),
        ({"tokens_limit": 3_100}, None, 3_000),
        ({"tokens_limit": 1_124}, None, 1_024),
        ({"nanos_limit": 20_000}, 10.0, 1_900),
        ({"nanos_limit": 20_000, "tokens_limit": 1_500}, 10.0, 1_400),
        ({"nanos_limit": 0}, None, 4_000),
        ({"nanos_limit": 0}, 0.0, 4_000),
        ({}, 10.0, 4_000),
    ],
)
async def test_the_answer_is_cut_to_what_is_affordable(story, limits, price, cap):
    task = await story.begun()
    claimed = await story.claim(task, reserve=story.reserve(4_000, prompt=100, price=price, **limits))
    assert (claimed.state, claimed.output_cap) == ("mine", cap)


@pytest.mark.parametrize(
    ("limits", "price", "exceeded"),
    [
        ({"tokens_limit": 1_123}, None, "tokens"),
        ({"tokens_limit": 0}, 1.0, "tokens"),
        ({"nanos_limit": 0}, 1.0, "usd"),
        ({"nanos_limit": 11_239}, 10.0, "usd"),
        ({"nanos_limit": 50, "tokens_limit": 1_100}, 1.0, "usd"),
    ],
)
async def test_a_call_that_cannot_be_afforded_is_not_made(story, limits, price, exceeded):
    task = await story.begun()
    claimed = await story.claim(
        task,
        batch=story.batch(task, story.event(task, 1)),
        inputs=(story.note(1, text="Hi"),),
        reserve=story.reserve(4_000, prompt=100, price=price, **limits),
    )
    assert (claimed.state, claimed.exceeded, claimed.ledger) == ("over_budget", exceeded, Ledger())
    assert (await story.store.tasks.get(task)).last_seq == 1
    assert len(await story.store.transcript.conversation(task, 99)) == 2
    assert (await story.claim(task, attempt="b", repeatable=False)).state == "mine"


async def test_what_was_spent_before_counts_against_the_limit(story):
    task = await story.begun()
    await story.claim(task, "1.1", "a", reserve=story.reserve(1_024, tokens_limit=3_000))
    claimed = await story.claim(task, "1.2", "b", reserve=story.reserve(4_000, tokens_limit=3_000))
    assert (claimed.output_cap, claimed.ledger.tokens) == (1_776, 3_000)
    over = await story.claim(task, "1.3", "c", reserve=story.reserve(100, tokens_limit=3_000))
    assert (over.state, over.ledger.tokens) == ("over_budget", 3_000)


async def test_a_small_answer_needs_only_what_it_asks_for(story):
    task = await story.begun()
    claimed = await story.claim(task, reserve=story.reserve(50, prompt=100, tokens_limit=150))
    assert (claimed.state, claimed.output_cap) == ("mine", 50)


async def test_spending_is_summed_by_person_since_a_time(story):
    task, other = await story.begun(), await story.begun(by=story.anna.model_copy(update={"user_id": "U2"}))
    await story.claim(task, attempt="a", reserve=story.reserve(1_024))
    story.clock.pass_by(3_600)
    await story.claim(task, attempt="b", reserve=story.reserve(2_000, price=1.0))
    await story.claim(other, attempt="c", reserve=story.reserve(1_024))
    by_person = story.store.spend.by_person
    assert await by_person([story.anna.key], story.clock.now) == Ledger(nanos=2_100, tokens=2_100)
    assert (await by_person([story.anna.key], story.clock.now - timedelta(days=1))).tokens == 2_100 + 1_124
    assert await by_person(["slack:T1:U9"], story.clock.now) == Ledger()
    assert await story.store.spend.total("nobody") == Ledger()


async def test_a_list_of_tasks_shows_what_each_has_spent(story):
    task = await story.begun()
    await story.claim(task)
    await story.finish(task, usage=story.usage(), cost_nanos=1_500_000_000)
    record = await story.store.tasks.get(task)
    assert (record.usd, record.tokens) == (1.5, 150)


async def test_a_result_that_is_changed_by_its_reader_stays_as_recorded(story):
    task = await story.begun()
    await story.claim(task)
    (await story.finish(task, result={"items": [1]})).result["items"].append(2)
    (await story.store.calls.recorded(task, "1.1"))["items"].append(3)
    assert await story.store.calls.recorded(task, "1.1") == {"items": [1]}


async def test_attempts_of_different_tasks_may_have_the_same_name(story):
    one, two = await story.begun(), await story.begun()
    for task in (one, two):
        await story.claim(task, attempt="a", reserve=story.reserve(1_024))
    await story.finish(one, attempt="a", usage=story.usage(0, 0))
    assert (await story.store.spend.total(one)).tokens == 0
    assert (await story.store.spend.total(two)).tokens == 1_124


async def test_an_attempt_that_will_not_be_finished_is_settled_by_itself_once(story):
    task = await story.begun()
    await story.claim(task, attempt="a", reserve=story.reserve(1_024, price=1.0))
    settle = story.store.spend.settle
    assert await settle(task, "a", story.usage(0, 0), 0) == Ledger()
    assert await settle(task, "a", story.usage(500, 500), 9) == Ledger()
    assert await settle(task, "never", story.usage(500, 500), 9) == Ledger()
    assert (await story.claim(task, attempt="b")).state == "mine"
    with pytest.raises(NotFound):
        await settle("nobody", "a", story.usage(0, 0), 0)
