"""What events of approvals and questions say."""

from datetime import datetime
from typing import ClassVar, Literal

from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.values import Principal

Effect = Literal["read_only", "changes", "destructive"]


class HumanApprovalRequested(Payload):
    """A tool call waits for people, who are shown these arguments."""

    type: ClassVar = EventType.HUMAN_APPROVAL_REQUESTED
    approval_id: str
    tool: str
    title: str | None = None  # what people call it; None: only its name is known
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
    """One person decided on an approval."""

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
    """Nobody decided in time, which counts as a denial."""

    type: ClassVar = EventType.HUMAN_APPROVAL_EXPIRED
    approval_id: str


class HumanApprovalReminded(Payload):
    """An approval still waits, half of its time being over."""

    type: ClassVar = EventType.HUMAN_APPROVAL_REMINDED
    approval_id: str
    expires_at: datetime


class HumanApprovalIgnored(Payload):
    """A decision that had no effect, and why."""

    type: ClassVar = EventType.HUMAN_APPROVAL_IGNORED
    approval_id: str
    by: Principal
    click_id: str
    reason: str


class HumanApprovalSuperseded(Payload):
    """An approval is not needed any more: nobody decided, and its call does not run."""

    type: ClassVar = EventType.HUMAN_APPROVAL_SUPERSEDED
    approval_id: str
    reason: str


class QuestionAsked(Payload):
    """The agent, or a tool server, asks people; `options` are suggestions."""

    type: ClassVar = EventType.QUESTION_ASKED
    question_id: str
    question: str
    options: tuple[str, ...] = ()
    server: str | None = None  # the tool server that asks; None: the agent
    child_task_id: str | None = None  # the delegated task that asks, or below which one does; None: this one


class QuestionAnswered(Payload):
    """A person answered a question; `answer` is a preview."""

    type: ClassVar = EventType.QUESTION_ANSWERED
    question_id: str
    answer: str
    by: Principal
    click_id: str | None = None
