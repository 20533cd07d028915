"""The activities a workflow may call, by name, with their types, time-outs and retries.

Calling by reference keeps vendor code out of the workflow's imports.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, TimeoutError, TimeoutType

from threadwork.workflows.messages import (
    AgentConfigRequest,
    AgentConfigResult,
    BeginChildRequest,
    BeginChildResult,
    BeginRunRequest,
    BeginRunResult,
    CloseChildRequest,
    HandOverRequest,
    HandOverResult,
    LLMRequest,
    LLMResult,
    MCPToolRequest,
    MCPToolResult,
    NotifyRequest,
    NotifyResult,
    ResolvePrincipalRequest,
    ResolvePrincipalResult,
    WorkflowEventsRequest,
    WorkflowEventsResult,
)

Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

HEARTBEAT = timedelta(seconds=10)  # a worker lost in a call is noticed after this; activities beat every 2 s
ENDLESS = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=15),
    non_retryable_error_types=["StaleRun", "EventConflict", "NotFound"],
)
NOTIFY_QUEUE = "{queue}-notify"  # followers have their own slots, so that they never starve a model
OWN_QUEUE = "{queue}-worker-{worker}"  # of one worker alone, for calls that go on where they are held open
TAKEN_UP = timedelta(seconds=30)  # within which even a busy worker takes what is on its own queue; else it is gone


def never_began(error: ActivityError) -> bool:
    """Whether nobody took it up in time."""
    return isinstance(error.cause, TimeoutError) and error.cause.type == TimeoutType.SCHEDULE_TO_START


@dataclass(frozen=True)
class ActivityReference(Generic[Request, Result]):
    """Retries never end: a call that must not be repeated is kept single by its row, not by its attempts."""

    name: str
    request: type[Request]
    result: type[Result]
    timeout: timedelta  # of one attempt
    heartbeat: timedelta | None = None
    queue: str | None = None  # pattern over the workflow's own queue; None: the same

    def start(
        self, request: Request, timeout: timedelta | None = None, worker: str | None = None
    ) -> workflow.ActivityHandle[Result]:
        """Schedule it. Cancelling the handle waits until the activity has written down what became of it. `worker`: the
        queue of the one worker that is to run it; it fails (`never_began`) where that one is gone."""
        queue = worker or (self.queue and self.queue.format(queue=workflow.info().task_queue))
        return workflow.start_activity(
            self.name,
            request,
            result_type=self.result,
            task_queue=queue,
            schedule_to_start_timeout=TAKEN_UP if worker else None,
            start_to_close_timeout=timeout or self.timeout,
            heartbeat_timeout=self.heartbeat,
            retry_policy=ENDLESS,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )


BEGIN_RUN = ActivityReference("begin_run_activity", BeginRunRequest, BeginRunResult, timedelta(seconds=15))
BUILD_AGENT_CONFIG = ActivityReference(
    "build_agent_config_activity", AgentConfigRequest, AgentConfigResult, timedelta(minutes=3), HEARTBEAT
)
CALL_LLM = ActivityReference("call_llm_activity", LLMRequest, LLMResult, timedelta(minutes=30), HEARTBEAT)
EXECUTE_MCP_TOOL = ActivityReference(
    "execute_mcp_tool_activity", MCPToolRequest, MCPToolResult, timedelta(minutes=30), HEARTBEAT
)
PUBLISH_EVENTS = ActivityReference(
    "publish_workflow_events_activity", WorkflowEventsRequest, WorkflowEventsResult, timedelta(seconds=15)
)
NOTIFY_THREAD = ActivityReference(
    "notify_thread_activity", NotifyRequest, NotifyResult, timedelta(minutes=15), HEARTBEAT, queue=NOTIFY_QUEUE
)
RESOLVE_PRINCIPAL = ActivityReference(
    "resolve_principal_activity", ResolvePrincipalRequest, ResolvePrincipalResult, timedelta(seconds=15)
)
BEGIN_CHILD = ActivityReference("begin_child_activity", BeginChildRequest, BeginChildResult, timedelta(seconds=30))
CLOSE_CHILD = ActivityReference("close_child_activity", CloseChildRequest, MCPToolResult, timedelta(seconds=30))
HAND_OVER = ActivityReference("hand_over_activity", HandOverRequest, HandOverResult, timedelta(seconds=15))

ALL: tuple[ActivityReference[BaseModel, BaseModel], ...] = (  # type: ignore[assignment]
    BEGIN_RUN,
    BUILD_AGENT_CONFIG,
    CALL_LLM,
    EXECUTE_MCP_TOOL,
    PUBLISH_EVENTS,
    NOTIFY_THREAD,
    RESOLVE_PRINCIPAL,
    BEGIN_CHILD,
    CLOSE_CHILD,
    HAND_OVER,
)
