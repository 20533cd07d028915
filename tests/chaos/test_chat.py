"""A chat platform that loses answers, refuses, limits and stalls; followers that freeze; bursts and crowds."""

import asyncio
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType as HistoryEventType
from temporalio.client import Client

from tests.chaos.burst import burst
from tests.chaos.crash_harness import CrashHarness
from tests.chat_platform.adapter import PlatformChat
from tests.chat_platform.client import ChatPlatform
from tests.chat_platform.faults import Fault
from tests.worker_harness import ANN, READ, Actor, WorkerHarness, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.models import ModelRequest
from threadwork.workflows.sinks import Sink

pytestmark = pytest.mark.timeout(400)
LATE = 90  # seconds after which a call lands that was under way when its process froze


def reading(steps: int) -> MemoryModel:
    """Reads so many times, then answers."""

    def script(request: ModelRequest) -> Any:
        said = sum(message["role"] == "assistant" for message in request.messages)
        return done("Ready.") if said >= steps else says(f"Step {said}.", call("notes__read", name="a"))

    return MemoryModel(script)


def on(platform: ChatPlatform, temporal: Client, script: Any, **chat: Any) -> WorkerHarness:
    return WorkerHarness(
        temporal,
        script,
        tools=MemoryToolBox((READ, lambda arguments: "text")),
        chats={"memory": PlatformChat(platform.url, **chat)},
    )


async def test_with_every_fault_at_once_twenty_tasks_end_with_every_card_exactly_once(
    temporal: Client, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(grace=0.5)
    chat_platform.faults(
        Fault(kind="lose_answer", every=3, methods=("post", "update")),
        Fault(kind="rate_limited", every=4, retry_after=1),
        Fault(kind="server_error", every=10),
    )
    harness = on(chat_platform, temporal, reading(4))
    async with harness.workers():
        tasks = [await harness.start(by=ANN, sink=Sink(platform="memory", channel=f"C{n}")) for n in range(20)]
        await asyncio.gather(*(task.result(within=200) for task in tasks))
    for number, task in enumerate(tasks):
        messages = chat_platform.messages(f"C{number}")
        assert sorted(m.mark.split("/")[1] for m in messages) == ["answer:1", "status"], task.task_id
        status, answer = sorted(messages, key=lambda m: m.mark, reverse=True)
        assert answer.thread == status.id
        assert "completed" in status.text.lower() or "done" in status.text.lower()
    assert chat_platform.doubles() == []
    early = [violation for violation in chat_platform.violations() if "Retry-After" in violation.problem]
    assert early == []


async def test_a_thousand_events_in_ten_seconds_cost_a_sink_at_most_twelve_calls(
    temporal: Client, chat_platform: ChatPlatform
) -> None:
    harness = on(chat_platform, temporal, [])
    await burst(harness, Sink(platform="memory", channel="burst"))
    assert len(chat_platform.calls()) <= 12
    assert len(chat_platform.messages("burst")) == 2


async def test_two_hundred_followers_keep_no_model_call_waiting(temporal: Client, chat_platform: ChatPlatform) -> None:
    def script(request: ModelRequest) -> Any:
        if "quick" in request.messages[1]["content"]:
            return done("Quick.")
        return says("", call("ask_user", question="And now?"))

    harness = on(chat_platform, temporal, MemoryModel(script))
    async with harness.workers():
        waiting = [
            await harness.start("wait", sink=Sink(platform="memory", channel=f"W{number}")) for number in range(200)
        ]
        await asyncio.gather(*(task.happened("question.asked", within=100) for task in waiting))
        await asyncio.sleep(3)
        quick = await harness.start("quick", sink=Sink(platform="memory", channel="Q"))
        await quick.result()
        waited = await _schedule_to_start(quick)
        for task in waiting:
            await task.handle.terminate()
    assert waited < timedelta(seconds=1), waited


async def _schedule_to_start(task: Actor) -> timedelta:
    """The longest that a model call of the task lay in the queue."""
    scheduled: dict[int, datetime] = {}
    longest = timedelta(0)
    async for event in task.handle.fetch_history_events():
        at = event.event_time.ToDatetime()
        if event.event_type == HistoryEventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            if event.activity_task_scheduled_event_attributes.activity_type.name == "call_llm_activity":
                scheduled[event.event_id] = at
        elif event.event_type == HistoryEventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            begun = scheduled.get(event.activity_task_started_event_attributes.scheduled_event_id)
            longest = max(longest, at - begun) if begun else longest
    assert scheduled
    return longest


@pytest.mark.parametrize("method", ["post", "update"])
async def test_a_call_that_lands_long_after_its_follower_froze_leaves_no_double_and_no_older_text(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path, method: str
) -> None:
    """The call is under way when its process is frozen; another takes over, finishes the run, and then it lands."""
    harness = CrashHarness(client, chat_platform, tmp_path)
    chat_platform.faults(
        Fault(kind="stall", methods=(method,), channels=(harness.channel,), next_calls=1, seconds=LATE)
    )
    try:
        frozen = harness.worker(pause=0.5)
        task = await harness.start()
        await _until(lambda: any(c.outcome == "pending" for c in _calls(harness, method)))
        sent = time.monotonic()
        await harness.freeze(frozen)
        harness.worker()
        await task.happened("workflow.completed", within=120)
        await task.result()
        assert time.monotonic() < sent + LATE, "the run must have ended before the call lands"
        before = {m.mark: m.text for m in chat_platform.messages(harness.channel)}
        assert {"status/0", "answer:1/0"} <= {(mark or "").split("/", 1)[1] for mark in before}
        await asyncio.sleep(sent + LATE + 1 - time.monotonic())
        assert len([c for c in _calls(harness, "post") if c.delivered]) == len(before) + (method == "post")
        frozen.send_signal(signal.SIGCONT)
        await _until(lambda: _as_before(harness, before), within=60)
    finally:
        await harness.close()


def _calls(harness: CrashHarness, method: str) -> list[Any]:
    return [c for c in harness.platform.calls(method) if c.channel == harness.channel]


def _as_before(harness: CrashHarness, before: dict[str, str]) -> bool:
    messages = harness.platform.messages(harness.channel)
    return len(messages) == len(before) and {m.mark: m.text for m in messages} == before


async def _until(condition: Callable[[], bool], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.2)
