"""What events of approvals and questions say."""

from datetime import datetime
from typing import ClassVar, Literal

from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.values import Principal

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
