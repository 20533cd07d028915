"""The types of events, and what each payload is."""

from enum import StrEnum
from typing import ClassVar, Literal

from threadwork.workflows.values import Value


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
    HUMAN_APPROVAL_ESCALATED = "human_approval.escalated"
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


class Payload(Value):
    """What an event of one type says. Texts are previews; a `…_ref` names the whole text in the transcript."""

    type: ClassVar[EventType]


Effect = Literal["read_only", "changes", "destructive"]  # what it costs to be wrong, least first
Outcome = Literal["ok", "error", "denied", "unknown"]
Unit = Literal["usd", "tokens"]
