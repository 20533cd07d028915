"""What happens to a task: the event types, their payloads and the numbered event itself."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field

from threadwork.workflows.files import StoredFile
from threadwork.workflows.values import Principal, Status, Termination, Usage, Value


def _no(value: bool | str) -> bool:
    return not value


class EventType(StrEnum):
    """Wire values; other programs rely on them."""

    WORKFLOW_STARTED = "workflow.started"
    WORKFLOW_COMPLETED = "workflow.completed"
    WORKFLOW_FAILED = "workflow.failed"
    WORKFLOW_PAUSED = "workflow.paused"
    WORKFLOW_RESUMED = "workflow.resumed"
    WORKFLOW_CANCELLED = "workflow.cancelled"
    WORKFLOW_CONTINUED = "workflow.continued"
    ITERATION_STARTED = "iteration.started"
    ITERATION_COMPLETED = "iteration.completed"
    LLM_CALL_STARTED = "llm_call.started"
    LLM_CALL_CHUNK = "llm_call.chunk"  # live text only: never stored, never numbered
    LLM_CALL_COMPLETED = "llm_call.completed"
    LLM_CALL_FAILED = "llm_call.failed"
    TOOL_CALL_STARTED = "tool_call.started"
    TOOL_CALL_COMPLETED = "tool_call.completed"
    TOOL_CALL_FAILED = "tool_call.failed"
    HUMAN_APPROVAL_REQUESTED = "human_approval.requested"
    HUMAN_APPROVAL_RECEIVED = "human_approval.received"
    HUMAN_APPROVAL_EXPIRED = "human_approval.expired"
    HUMAN_APPROVAL_REMINDED = "human_approval.reminded"
    HUMAN_APPROVAL_IGNORED = "human_approval.ignored"
    HUMAN_APPROVAL_SUPERSEDED = "human_approval.superseded"
    BUDGET_WARNING = "budget.warning"
    BUDGET_EXCEEDED = "budget.exceeded"
    BUDGET_INCREASED = "budget.increased"
    FOLLOW_UP_RECEIVED = "follow_up.received"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    PLAN_UPDATED = "plan.updated"
    CONTEXT_COMPACTED = "context.compacted"
    TASK_DELEGATED = "task.delegated"
    TASK_REPORTED = "task.reported"
    CLICK_REFUSED = "click.refused"
    SINK_FAILED = "sink.failed"


class Event(Value):
    """One thing that happened to a task; `seq` counts 1, 2, 3 … without gaps."""

    task_id: str
    seq: int
    type: EventType
    at: datetime  # workflow time, UTC
    iteration: int
    data: dict[str, Any]  # the payload below that belongs to `type`, without its empty fields

    def payload(self) -> "Payload":
        return PAYLOADS[self.type].model_validate(self.data)


class Payload(Value):
    """What an event of one type says. Texts are previews; a `…_ref` names the whole text in the transcript."""

    type: ClassVar[EventType]


Outcome = Literal["ok", "error", "denied", "unknown"]
Unit = Literal["usd", "tokens"]


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


class LlmCallStarted(Payload):
    type: ClassVar = EventType.LLM_CALL_STARTED
    call_id: str
    model: str
    because: str | None = None  # why another model is asked than before


class LlmCallCompleted(Payload):
    type: ClassVar = EventType.LLM_CALL_COMPLETED
    call_id: str
    model: str
    usage: Usage
    cost_usd: float | None = None  # None: the price is not known
    text: str = ""
    thinking: str | None = None  # what it thought before
    thinking_ref: str | None = None
    counted: int | None = Field(None, exclude_if=lambda value: value is None)  # tokens for the budget; None: all


class LlmCallFailed(Payload):
    type: ClassVar = EventType.LLM_CALL_FAILED
    call_id: str
    model: str
    error: str
    problem: str | None = None  # what is done without from now on


class ToolCallStarted(Payload):
    type: ClassVar = EventType.TOOL_CALL_STARTED
    call_id: str
    tool: str
    arguments_preview: str
    digest: str


class ToolCallCompleted(Payload):
    type: ClassVar = EventType.TOOL_CALL_COMPLETED
    call_id: str
    tool: str
    output_preview: str
    outcome: Outcome = "ok"
    files: tuple[StoredFile, ...] = Field((), exclude_if=lambda files: not files)  # that came with the output
    approval_id: str | None = None  # that a delegated task had asked for: its parent tells that it ran
    agent: str | None = None  # that the call delegated to


class ToolCallFailed(Payload):
    type: ClassVar = EventType.TOOL_CALL_FAILED
    call_id: str | None = None  # None: it was never started
    tool: str
    output_preview: str
    outcome: Outcome = "error"
    approval_id: str | None = None  # as above
    agent: str | None = None


Effect = Literal["read_only", "changes", "destructive"]


class HumanApprovalRequested(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_REQUESTED
    approval_id: str
    tool: str
    arguments_preview: str
    arguments_ref: str
    digest: str
    effect: Effect = "changes"  # what it costs to be wrong
    why: str = ""  # the model's own words beside the call
    approvers: tuple[str, ...] = ("*",)
    quorum: int = 1
    expires_at: datetime
    child_task_id: str | None = None  # the delegated task that asks, or below which one does; None: this one


class HumanApprovalReceived(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_RECEIVED
    approval_id: str
    decision: Literal["approve", "deny"]
    scope: Literal["once", "task"] = "once"  # what holds
    said: Literal["once", "task"] | None = None  # what this person allowed, where others of the quorum allowed less
    by: Principal
    reason: str = ""
    click_id: str
    digest: str = ""  # of the arguments that will run: other than requested where they were edited
    edited_ref: str | None = None
    final: bool = True  # False: more approvals are needed


class HumanApprovalExpired(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_EXPIRED
    approval_id: str


class HumanApprovalReminded(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_REMINDED
    approval_id: str
    expires_at: datetime


class HumanApprovalIgnored(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_IGNORED
    approval_id: str
    by: Principal
    click_id: str
    reason: str


class HumanApprovalSuperseded(Payload):
    type: ClassVar = EventType.HUMAN_APPROVAL_SUPERSEDED
    approval_id: str
    reason: str


class BudgetWarning(Payload):
    type: ClassVar = EventType.BUDGET_WARNING
    unit: Unit
    used: float
    limit: float
    share: float  # used / limit when it was noticed


class BudgetExceeded(Payload):
    type: ClassVar = EventType.BUDGET_EXCEEDED
    unit: Unit
    used: float
    limit: float
    share: float
    child_task_id: str | None = None  # the delegated task whose grant it is; None: this one's own budget
    agent: str | None = None  # of that task


class BudgetIncreased(Payload):
    type: ClassVar = EventType.BUDGET_INCREASED
    by: Principal
    click_id: str
    add_usd: float = 0
    add_tokens: int = 0
    add_iterations: int = 0
    usd_limit: float | None = None
    tokens_limit: int | None = None
    max_iterations: int


class FollowUpReceived(Payload):
    type: ClassVar = EventType.FOLLOW_UP_RECEIVED
    message_id: str
    by: Principal
    preview: str
    ref: str


class QuestionAsked(Payload):
    type: ClassVar = EventType.QUESTION_ASKED
    question_id: str
    question: str
    options: tuple[str, ...] = ()
    server: str | None = None  # the tool server that asks; None: the agent
    child_task_id: str | None = None  # the delegated task that asks, or below which one does; None: this one


class QuestionAnswered(Payload):
    type: ClassVar = EventType.QUESTION_ANSWERED
    question_id: str
    answer: str
    by: Principal
    click_id: str | None = None


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


class TaskDelegated(Payload):
    type: ClassVar = EventType.TASK_DELEGATED
    child_task_id: str
    agent: str
    goal: str


class TaskReported(Payload):
    """Where a delegated task stands, told now and then."""

    type: ClassVar = EventType.TASK_REPORTED
    child_task_id: str
    agent: str
    status: Status
    iteration: int = 0
    doing: str = ""
    usd: float = 0  # spent by it so far, its own children included
    tokens: int = 0
    approval_id: str | None = None  # a call that people had approved has ended
    outcome: Outcome | None = None  # so


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


PAYLOADS: dict[EventType, type[Payload]] = {payload.type: payload for payload in Payload.__subclasses__()}


class Chunk(Value):
    """A piece of live text. A new attempt starts its text anew, and so does a text after a thought, and a thought."""

    task_id: str
    call_id: str
    attempt: int
    text: str
    # Left out of what other programs read where they are empty.
    waiting: str = Field("", exclude_if=_no)  # that the model is waited for, in words for people: until when, and why
    thinking: bool = Field(False, exclude_if=_no)  # a piece of what the model thinks, which is no part of its answer
    progress: str = Field("", exclude_if=_no)  # how far a tool's call is, such as "notes.sync 40 % — indexing"


class Hint(Value):
    """What the bus says of a task: events were stored, or text is being written."""

    task_id: str
    events: tuple[Event, ...] = ()
    chunk: Chunk | None = None
