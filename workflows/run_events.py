"""What events of a run say: its beginning, end and pauses, its iterations, plan, context and sinks."""

from typing import ClassVar, Literal

from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.values import Principal, Termination, Value


class WorkflowStarted(Payload):
    type: ClassVar = EventType.WORKFLOW_STARTED
    goal: str
    goal_ref: str
    agent: str
    model: str
    by: Principal
    max_iterations: int
    usd_limit: float | None = None
    tokens_limit: int | None = None
    problems: tuple[str, ...] = ()  # what did not come up, such as a tool server


class WorkflowContinued(Payload):
    """A reply after the end woke the task."""

    type: ClassVar = EventType.WORKFLOW_CONTINUED
    reason: str
    model: str
    max_iterations: int
    problems: tuple[str, ...] = ()


class WorkflowCompleted(Payload):
    type: ClassVar = EventType.WORKFLOW_COMPLETED
    reason: Termination
    answer: str = ""
    answer_ref: str | None = None


class WorkflowFailed(Payload):
    type: ClassVar = EventType.WORKFLOW_FAILED
    reason: Termination = Termination.FAILED
    error: str


class WorkflowCancelled(Payload):
    type: ClassVar = EventType.WORKFLOW_CANCELLED
    reason: str = ""
    by: Principal | None = None  # None: the operator, through Temporal
    click_id: str | None = None


class WorkflowPaused(Payload):
    type: ClassVar = EventType.WORKFLOW_PAUSED
    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class WorkflowResumed(Payload):
    type: ClassVar = EventType.WORKFLOW_RESUMED
    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class IterationStarted(Payload):
    type: ClassVar = EventType.ITERATION_STARTED
    number: int
    news: str | None = None  # tools that came or went since the iteration before


class IterationCompleted(Payload):
    type: ClassVar = EventType.ITERATION_COMPLETED
    number: int


class FollowUpReceived(Payload):
    type: ClassVar = EventType.FOLLOW_UP_RECEIVED
    message_id: str
    by: Principal
    preview: str
    ref: str


class PlanItem(Value):
    text: str
    state: Literal["todo", "doing", "done"] = "todo"


class PlanUpdated(Payload):
    type: ClassVar = EventType.PLAN_UPDATED
    items: tuple[PlanItem, ...]


class Kept(Value):
    """How much of a conversation is kept word for word beside its summary."""

    answers: int = 0
    decisions: int = 0
    follow_ups: int = 0
    effects: int = 0  # calls that may have changed something
    plan: bool = False


class ContextCompacted(Payload):
    type: ClassVar = EventType.CONTEXT_COMPACTED
    since: int  # the conversation before this position stands in the summary
    summary_ref: str
    how: Literal["summary", "excerpt"] | None = None  # excerpt: no summary could be had. None: an older version
    pieces: int | None = None  # summaries that it took
    kept: Kept | None = None  # word for word


class ClickRefused(Payload):
    """A request that had no effect, and the answer the person gets."""

    type: ClassVar = EventType.CLICK_REFUSED
    click_id: str
    by: Principal | None = None
    reason: str


class SinkFailed(Payload):
    type: ClassVar = EventType.SINK_FAILED
    sink: str
    error: str
