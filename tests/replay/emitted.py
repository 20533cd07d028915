"""What a history recorded that the workflow said, and what it says when it is replayed.

Temporal compares which commands come, never what is in them: so a run under way might tell another event under a number
that is stored already, and that is refused."""

import json
from collections.abc import Iterable
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, WorkflowRunner
from temporalio.worker._workflow_instance import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from threadwork.workflows.agent_execution import AgentExecutionWorkflow

END = "end"
Said = dict[str, Any]  # by activity's id: its request; under `END`: the result, or the state for the next execution


def recorded(history: WorkflowHistory) -> Said:
    said: Said = {}
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            scheduled = event.activity_task_scheduled_event_attributes
            said[scheduled.activity_id] = _plain(scheduled.input.payloads)
        elif event.HasField("workflow_execution_completed_event_attributes"):
            said[END] = _plain(event.workflow_execution_completed_event_attributes.result.payloads)
        elif event.HasField("workflow_execution_continued_as_new_event_attributes"):
            said[END] = _plain(event.workflow_execution_continued_as_new_event_attributes.input.payloads)
    return said


async def replayed(history: WorkflowHistory) -> Said:
    """Raises what `Replayer` raises where the commands differ."""
    runner = Listening()
    replayer = Replayer(
        workflows=[AgentExecutionWorkflow], data_converter=pydantic_data_converter, workflow_runner=runner
    )
    await replayer.replay_workflow(history)
    return runner.said


def events(said: Said) -> dict[int, Any]:
    """The run's events by number."""
    batches = (request["batch"]["events"] for request in said.values() if "batch" in request)
    return {event["seq"]: event for batch in batches for event in batch}


def kept(before: Any, after: Any) -> bool:
    """Everything there was is there, but for what was added: fields of a message, and nothing of an event."""
    if isinstance(before, dict) and isinstance(after, dict):
        exactly = "seq" in before and before != after
        return not exactly and all(key in after and kept(value, after[key]) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(kept, before, after))
    return bool(before == after)


class Listening(WorkflowRunner):
    """Runs workflows as workers do, and notes what they command."""

    def __init__(self) -> None:
        self.said: Said = {}
        self._runner = SandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._runner.create_instance(det)
        activate = instance.activate

        def listened(act: WorkflowActivation) -> WorkflowActivationCompletion:
            completion = activate(act)
            for command in completion.successful.commands:
                self._note(command)
            return completion

        instance.activate = listened  # type: ignore[method-assign]
        return instance

    def _note(self, command: WorkflowCommand) -> None:
        if command.HasField("schedule_activity"):
            self.said[command.schedule_activity.activity_id] = _plain(command.schedule_activity.arguments)
        elif command.HasField("complete_workflow_execution"):
            self.said[END] = _plain([command.complete_workflow_execution.result])
        elif command.HasField("continue_as_new_workflow_execution"):
            self.said[END] = _plain(command.continue_as_new_workflow_execution.arguments)


def _plain(payloads: Iterable[Payload]) -> Any:
    """The one message that every command of ours carries."""
    (payload,) = payloads
    return json.loads(payload.data)
