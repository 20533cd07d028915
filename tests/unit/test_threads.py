"""Reading a thread."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fake_run import Front
from threadwork.activities import thread_reader
from threadwork.bot import threads
from threadwork.bot.threads import Threads
from threadwork.workflows.calls import Message
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.events import HumanApprovalRequested, IterationStarted, QuestionAsked, WorkflowCompleted
from threadwork.workflows.values import Status, Termination


class Counted:
    """An event log that says how many events it gave away."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self.given = 0

    async def read(self, *which: Any) -> Any:
        found = await self._events.read(*which)
        self.given += len(found)
        return found


@pytest.fixture
def front() -> Front:
    return Front()


def reader(front: Front) -> tuple[Threads, Counted]:
    events = Counted(front.store.events)
    return Threads(events, front.store.views, front.store.transcript), events  # type: ignore[arg-type]


def approval(number: str, ref: str) -> HumanApprovalRequested:
    return HumanApprovalRequested(
        approval_id=number,
        tool="notes.write",
        arguments_preview="{…",
        arguments_ref=ref,
        digest="d",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


async def test_a_task_without_events_has_an_empty_view(front: Front) -> None:
    task_id = await front.task(begun=False)
    assert await reader(front)[0].view(task_id) == ThreadView(task_id=task_id)


async def test_the_view_is_the_fold_of_all_events(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, QuestionAsked(question_id="1", question="Where?"))
    view = await reader(front)[0].view(task_id)
    assert (view.seq, view.status.goal, [card.key for card in view.cards]) == (2, "Do it.", ["question:1"])


async def test_a_second_reading_costs_only_what_is_new(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, *(IterationStarted(number=n) for n in range(50)))
    await reader(front)[0].view(task_id)
    await front.fake_run.tell(task_id, QuestionAsked(question_id="1", question="Where?"))
    threads_, events = reader(front)
    view = await threads_.view(task_id)
    assert (events.given, view.seq) == (1, 52)
    assert (await front.store.views.load(task_id)).seq == 52


async def test_a_long_thread_is_folded_page_by_page(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_reader, "PAGE_SIZE", 10)
    task_id = await front.task()
    await front.fake_run.tell(task_id, *(IterationStarted(number=n) for n in range(29)))  # 30 in all: whole pages
    assert (await reader(front)[0].view(task_id)).seq == 30


async def test_a_long_fold_that_is_interrupted_goes_on_from_its_last_page(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_reader, "PAGE_SIZE", 10)
    monkeypatch.setattr(thread_reader, "SAVE_EVERY", 10)
    task_id = await front.task()
    await front.fake_run.tell(task_id, *(IterationStarted(number=n) for n in range(34)))
    threads_, events = reader(front)
    read = events.read

    async def away_at_last(task_id: str, after: int, limit: int) -> Any:
        if after == 20:
            raise OSError("connection lost")
        return await read(task_id, after, limit)

    monkeypatch.setattr(events, "read", away_at_last)
    with pytest.raises(OSError, match="lost"):
        await threads_.view(task_id)
    threads_, events = reader(front)
    assert ((await threads_.view(task_id)).seq, events.given) == (35, 15)


async def test_whole_texts_come_by_their_refs_as_far_as_they_are_stored(front: Front) -> None:
    task_id = await front.task()
    answer = Message(ref="answer:2", kind="assistant", body={"role": "assistant", "content": "The whole answer."})
    arguments = Message(ref="arguments:1", kind="text", body={"content": '{"path": "a"}'})
    for message in (answer, arguments):
        await front.store.transcript.put(task_id, message)
    await front.fake_run.tell(task_id, approval("1", "arguments:1"), approval("2", "arguments:missing"))
    ended = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED, answer="The…", answer_ref="answer:2")
    await front.fake_run.tell(task_id, ended, status=Status.COMPLETED)
    threads_, _ = reader(front)
    assert await threads_.texts(await threads_.view(task_id)) == {
        "goal": "Do it.",
        "arguments:1": '{"path": "a"}',
        "answer:2": "The whole answer.",
    }


async def test_a_text_in_parts_is_put_together_and_one_without_text_is_empty(front: Front) -> None:
    assert threads._content({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}) == "ab"
    assert threads._content({"content": None, "tool_calls": []}) == ""
