"""Storing events, and hinting that they are there."""

from temporalio import activity

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.ports import EventBus
from threadwork.workflows import crash_points
from threadwork.workflows.events import Hint
from threadwork.workflows.messages import EventBatch, WorkflowEventsRequest, WorkflowEventsResult


class EventActivities:
    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._events = dependencies.events
        self._bus = dependencies.bus
        self._transcript = dependencies.transcript

    @activity.defn
    async def publish_workflow_events_activity(self, request: WorkflowEventsRequest) -> WorkflowEventsResult:
        stored = await self._events.append(request.batch)
        if request.inputs:
            await self._transcript.place(request.batch.task_id, request.inputs)
        await hint(self._bus, request.batch)
        return WorkflowEventsResult(stored_seq=stored)


async def hint(bus: EventBus, batch: EventBatch) -> None:
    """Wake whoever listens to the task; the events themselves are stored already."""
    if batch.events:
        crash_points.reached("events_stored")
        await bus.publish(Hint(task_id=batch.task_id, events=batch.events))
