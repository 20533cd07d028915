"""What events of a run say: its beginning, end and pauses, its iterations, plan, context and sinks."""

from typing import ClassVar, Literal

from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.values import Principal, Termination, Value, Verbosity


class WorkflowStarted(Payload):
    """A run began: its goal, agent and model."""

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
    verbosity: Verbosity | None = None  # None: normal, and what older versions wrote


class WorkflowContinued(Payload):
    """A reply after the end woke the task."""

    type: ClassVar = EventType.WORKFLOW_CONTINUED
    reason: str
    model: str
    max_iterations: int
    problems: tuple[str, ...] = ()
    verbosity: Verbosity | None = None  # None: normal, and what older versions wrote


class WorkflowCompleted(Payload):
    """A run ended by itself, for `reason`, such as an achieved goal; `answer` is a preview."""

    type: ClassVar = EventType.WORKFLOW_COMPLETED
    reason: Termination
    answer: str = ""
    answer_ref: str | None = None


class WorkflowFailed(Payload):
    """A run ended by an error, which is a sentence for people."""

    type: ClassVar = EventType.WORKFLOW_FAILED
    reason: Termination = Termination.FAILED
    error: str


class WorkflowCancelled(Payload):
    """A run was stopped by somebody."""

    type: ClassVar = EventType.WORKFLOW_CANCELLED
    reason: str = ""
    by: Principal | None = None  # None: the operator, through Temporal
    click_id: str | None = None


class WorkflowPaused(Payload):
    """Somebody paused the run; no new call begins until it is resumed."""

    type: ClassVar = EventType.WORKFLOW_PAUSED
    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class WorkflowResumed(Payload):
    """Somebody resumed the run."""

    type: ClassVar = EventType.WORKFLOW_RESUMED
    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class IterationStarted(Payload):
    """The model is about to be asked; iterations of a task are numbered from 1."""

    type: ClassVar = EventType.ITERATION_STARTED
    number: int
    news: str | None = None  # tools that came or went since the iteration before


class IterationCompleted(Payload):
    """Everything that followed from one answer of the model is done."""

    type: ClassVar = EventType.ITERATION_COMPLETED
    number: int


class FollowUpReceived(Payload):
    """A person wrote in the thread; an ended run goes on."""

    type: ClassVar = EventType.FOLLOW_UP_RECEIVED
    message_id: str
    by: Principal
    preview: str
    ref: str


class PlanItem(Value):
    """One step of the agent's plan, in a few words."""

    text: str
    state: Literal["todo", "doing", "done"] = "todo"


class PlanUpdated(Payload):
    """The agent wrote its plan anew; `items` is all of it."""

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
    """Older turns of the conversation were replaced by a summary."""

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
    """A sink can be posted to no more, such as a channel that is gone; `error` is a sentence for people."""

    type: ClassVar = EventType.SINK_FAILED
    sink: str
    error: str
