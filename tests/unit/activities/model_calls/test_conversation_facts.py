"""What is kept word for word: read out of a conversation by code."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.activities.test_units import message
from tests.worker_harness import BOB, READ, WRITE, agent
from threadwork.activities.model_calls.conversation import prompt
from threadwork.activities.model_calls.conversation_facts import Recorder
from threadwork.activities.model_calls.conversation_units import units
from threadwork.adapters.memory.store import MemoryStore
from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.approval_events import HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.call_events import LlmCallStarted
from threadwork.workflows.calls import Claim, Finish, Message
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.memory import Effect, Record, Said, record_of
from threadwork.workflows.outbox import EventManager, Outbox
from threadwork.workflows.run_events import ContextCompacted, Kept
from threadwork.workflows.run_requests import BeginRunRequest, EventBatch
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder
from threadwork.workflows.values import LOCAL, Status, digest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = RunConfig(agent=agent(), tools=(READ, WRITE), system_prompt="You are an agent.")


def turn(name: str, arguments: Any, content: str | None, ref: str = "input:2", kind: Any = "tool") -> list[Message]:
    call = {"id": "a", "function": {"name": name, "arguments": json.dumps(arguments)}}
    answer = Message(ref="said:1.1", kind="assistant", position=1, body={"content": "I do it.", "tool_calls": [call]})
    if content is None:
        return [answer]
    body = {"content": content, "tool_call_id": "a"}
    return [answer, Message(ref=ref, kind=kind, body=body, position=2)]


async def read(talk: list[Message], store: MemoryStore | None = None, task_id: str = "t", each: int = 500) -> Record:
    store = store or MemoryStore()
    recorder = Recorder(task_id, CONFIG, store.transcript, store.calls, store.events)
    return await recorder.read(units(talk), each)


async def test_a_call_through_call_tool_is_an_effect_of_the_tool_behind_it() -> None:
    through = {"name": "notes__write", "arguments": {"name": "invoice-7"}}
    (effect,) = (await read(turn("call_tool", through, "wrote invoice-7", ref="result:1.2"))).effects
    assert effect.tool == "notes.write"
    assert "invoice-7" in effect.text


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (turn("ask_user", {"question": "Which?"}, "Ann answered: Blue."), "Asked 'Which?', Ann answered: Blue."),
        (
            turn("notes__write", {"name": "a"}, "Bob denied this call. Reason: not this one"),
            'notes.write({"name": "a"}): Bob denied this call. Reason: not this one',
        ),
        (
            turn("notes__write", {"name": "a"}, "Nobody decided in time, which counts as a denial."),
            'notes.write({"name": "a"}): Nobody decided in time, which counts as a denial.',
        ),
        (
            turn("notes__write", {}, "The policy of this agent does not allow notes.write."),
            "notes.write({}): The policy of this agent does not allow notes.write.",
        ),
        ([message(1, "follow_up", "And this.")], "And this."),
        ([message(1, "answer", "All of it.")], "All of it."),
    ],
)
async def test_what_people_said_and_decided_is_kept(talk: list[Message], said: str) -> None:
    record = await read(talk)
    assert [line.text for line in record.said] == [said]
    assert record.effects == ()


@pytest.mark.parametrize(
    "talk",
    [
        turn("ask_user", {"question": "Which?"}, "Not run; nobody decided on it. The task was stopped."),
        turn("notes__write", {}, "There is no note of that name; the arguments are wrong."),
        turn("notes__read", {"name": "a"}, None),
        turn("read_output", {"id": "a"}, None),
        turn("update_plan", {"items": "none"}, "The arguments of update_plan are wrong."),
        [message(1, "note", "You said nothing.")],
    ],
)
async def test_what_is_no_word_of_people_and_changed_nothing_is_left_to_the_summary(talk: list[Message]) -> None:
    assert await read(talk) == Record()


async def test_the_newest_plan_stands_and_a_call_without_a_result_is_unknown() -> None:
    plans = [turn("update_plan", {"items": [{"text": text, "state": "doing"}]}, "Shown.") for text in ("Old", "New")]
    lost = turn("notes__write", {"name": "b"}, None)
    talk = [m.model_copy(update={"ref": f"{n}"}) for n, m in enumerate([*plans[0], *plans[1], *lost])]
    record = await read(talk)
    assert record.plan == "- [doing] New"
    (effect,) = record.effects
    assert (effect.tool, effect.outcome) == ("notes.write", "unknown")


async def test_a_long_saying_is_kept_as_head_and_tail_with_a_way_to_the_rest() -> None:
    record = await read([message(7, "follow_up", "log " * 5_000)], each=600)
    (line,) = record.said
    assert len(line.text) < 700
    assert 'read_output(id="r7", offset=400)' in line.text


async def test_a_call_that_ran_is_kept_with_its_outcome_and_with_who_approved_what() -> None:
    store = MemoryStore()
    task_id = await _approved_with_other_arguments(store)
    talk = turn("notes__write", {"name": "a"}, "wrote b", ref="result:1.4")
    record = await read(talk, store, task_id)
    (said,), (effect,) = record.said, record.effects
    assert said.kind == "decision"
    assert said.text.startswith(
        'notes.write({"name": "a"}): Bob approved this call with other arguments: {"name": "b"}'
    )
    assert said.text.endswith("Reason: b is right")
    assert (effect.outcome, effect.text) == ("ok", 'notes.write({"name": "b"}): ok; wrote b')


async def _approved_with_other_arguments(store: MemoryStore) -> str:
    order = RunOrder(order=TaskOrder(goal="Do it.", by=LOCAL))
    intake = await store.intake.store(Command(platform="test", platform_id="1", by=LOCAL, action=order))
    task_id = intake.task_id
    begin = BeginRunRequest(task_id=task_id, chain_id="c", chain_started_at=NOW)
    epoch = (await store.runs.begin(begin)).epoch
    await store.transcript.put(task_id, Message(ref="edited:1", kind="text", body={"content": '{"name": "b"}'}))
    outbox = Outbox(task_id=task_id)
    events = EventManager(outbox, lambda: NOW)
    asked = {"tool": "notes.write", "arguments_preview": "", "arguments_ref": "r", "digest": digest({"name": "a"})}
    about = {"by": BOB, "click_id": "k", "digest": digest({"name": "b"}), "edited_ref": "edited:1"}
    for payload in (
        LlmCallStarted(call_id="1.1", model="m"),
        HumanApprovalRequested(approval_id="1", expires_at=NOW, **asked),
        HumanApprovalReceived(approval_id="1", decision="approve", reason="b is right", **about),
    ):
        events.emit(payload, 1)
    batch = EventBatch(task_id=task_id, epoch=epoch, status=Status.RUNNING, events=tuple(events.tail))
    call = {"call_id": "1.4", "attempt": "x"}
    await store.calls.claim(Claim(batch=batch, kind="tool", name="notes.write", timeout=1, **call))
    await store.calls.finish(Finish(task_id=task_id, epoch=epoch, result={"outcome": "ok"}, **call))
    return task_id


def test_what_there_is_no_room_for_is_the_oldest_and_calls_are_counted_still() -> None:
    said = tuple(Said(kind="follow_up", text=f"{n} " + "s" * 98) for n in range(10))
    effects = tuple(Effect(tool="bank.pay", outcome="ok", text=f"{n} " + "e" * 98) for n in range(10))
    record, left_out = Record(said=said, effects=effects, plan="- [todo] Pay").within(1_000)
    assert [line.text[0] for line in record.said] == ["5", "6", "7", "8", "9"]
    assert record.earlier == {"bank.pay": {"ok": 7}}
    assert [line[0] for line in left_out] == [*"01234", *"0123456"]
    assert record.kept().effects == 10
    again, _ = record.and_then(Record(effects=effects[:3])).within(1_000)
    assert again.earlier == {"bank.pay": {"ok": 10}}
    assert "earlier: bank.pay: 10 × ok" in again.text()


def test_the_model_is_shown_the_record_beside_the_summary_and_of_an_older_version_what_people_said() -> None:
    talk = [message(0, "goal", "Do it."), message(1, "follow_up", "Long ago."), message(5, "follow_up", "Now.")]
    record = Record(said=(Said(kind="follow_up", text="Long ago."),))
    new = Message(ref="s", kind="text", body={"content": "Read.", "record": record.model_dump(mode="json")})
    old = Message(ref="s", kind="text", body={"content": "Read."})
    shown = [m["content"] for m in prompt(CONFIG, talk, 5, new)]
    assert shown[1] == "Do it."
    assert "- Long ago." in shown[2]
    assert shown[2].endswith("[Summary of the earlier conversation]\nRead.")
    assert shown[3:] == ["Now."]
    assert [m["content"] for m in prompt(CONFIG, talk, 5, old)][1:3] == ["Do it.", "Long ago."]
    assert record_of(new.body) == record
    assert record_of(old.body) is None


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({}, "✂ earlier conversation summarised"),
        (
            {"how": "summary", "kept": Kept(answers=2, decisions=1, follow_ups=2, effects=3, plan=True)},
            "✂ earlier conversation summarised; "
            "kept word for word: the goal, the plan, 2 answers, 1 decision, 2 replies, 3 calls",
        ),
        (
            {"how": "excerpt", "kept": Kept()},
            "✂ no summary could be made; earlier conversation cut to its beginning and end; "
            "kept word for word: the goal",
        ),
    ],
    ids=["by an older version", "summary", "excerpt"],
)
def test_people_are_told_what_is_kept(told: dict[str, Any], line: str) -> None:
    data = ContextCompacted(since=5, summary_ref="s", **told).model_dump(mode="json", exclude_none=True)
    event = Event(task_id="t", seq=1, type=EventType.CONTEXT_COMPACTED, at=NOW, iteration=1, data=data)
    view = thread.apply(ThreadView(task_id="t"), event)
    assert view.status.log == (line,)
