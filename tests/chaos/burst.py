"""A thousand events in ten seconds, followed into a sink."""

import asyncio
import time
from datetime import UTC, datetime

from temporalio.testing import ActivityEnvironment

from tests.worker_harness import WorkerHarness
from threadwork.activities.delivery.notifier import NotifyActivities
from threadwork.workflows.events import Event, EventType
from threadwork.workflows.messages import BeginRunRequest, EventBatch, NotifyRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Status

EVENTS = 1_001  # the last one is the end


async def burst(harness: WorkerHarness, sink: Sink) -> None:
    """Returns when all of it was shown."""
    task_id = await harness.order(sink=sink)
    begun = await harness.store.runs.begin(
        BeginRunRequest(task_id=task_id, chain_id="c", chain_started_at=datetime.now(UTC))
    )
    notify = NotifyActivities(harness.dependencies)
    request = NotifyRequest(task_id=task_id, epoch=begun.epoch)
    following = asyncio.create_task(ActivityEnvironment().run(notify.notify_thread_activity, request))
    began = time.monotonic()
    for hundred in range(100):
        await harness.store.events.append(_ten_events(task_id, begun.epoch, hundred * 10 + 1))
        await asyncio.sleep(max(0.0, began + (hundred + 1) * 0.1 - time.monotonic()))
    await harness.store.events.append(_end(task_id, begun.epoch))
    result = await asyncio.wait_for(following, 30)
    assert result.rendered_seq == EVENTS


def _ten_events(task_id: str, epoch: int, first: int) -> EventBatch:
    events = tuple(
        Event(
            task_id=task_id,
            seq=seq,
            type=EventType.ITERATION_STARTED,
            at=datetime.now(UTC),
            iteration=seq,
            data={"number": seq},
        )
        for seq in range(first, first + 10)
    )
    return EventBatch(task_id=task_id, epoch=epoch, status=Status.RUNNING, events=events)


def _end(task_id: str, epoch: int) -> EventBatch:
    end = Event(
        task_id=task_id,
        seq=EVENTS,
        type=EventType.WORKFLOW_COMPLETED,
        at=datetime.now(UTC),
        iteration=1,
        data={"reason": "goal_achieved", "answer": "Ready."},
    )
    return EventBatch(task_id=task_id, epoch=epoch, status=Status.COMPLETED, events=(end,))
