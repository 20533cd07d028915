"""What events of approvals and questions say."""

from datetime import datetime
from typing import ClassVar, Literal

from threadwork.workflows.event_types import Effect, EventType, Payload
from threadwork.workflows.grants import Grant, Scope
from threadwork.workflows.values import Principal

UNDECIDED = "Nobody decided in time"  # how the reason of a stop begins that silence made, by the agent's policy


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
    always: bool | None = None  # the tool may be allowed for good. None: it may not
    private: bool | None = None  # the arguments are for those who may decide. None: for who reads the thread


class HumanApprovalReceived(Payload):
    """One person decided on an approval."""

    type: ClassVar = EventType.HUMAN_APPROVAL_RECEIVED
    approval_id: str
    decision: Literal["approve", "deny"]
    scope: Scope = "once"  # what holds
    said: Scope | None = None  # what this person allowed, where others of the quorum allowed less
    by: Principal
    reason: str = ""
    click_id: str
    digest: str = ""  # of the arguments that will run: other than requested where they were edited
    edited_ref: str | None = None
    final: bool = True  # False: more approvals are needed
    grant: Grant | None = None  # that it gives, with the scope `always`


class HumanApprovalExpired(Payload):
    """Nobody decided in time, which counts as a denial."""

    type: ClassVar = EventType.HUMAN_APPROVAL_EXPIRED
    approval_id: str


class HumanApprovalReminded(Payload):
    """An approval still waits, half of its time being over."""

    type: ClassVar = EventType.HUMAN_APPROVAL_REMINDED
    approval_id: str
    expires_at: datetime


class HumanApprovalEscalated(Payload):
    """Others are asked too, as nobody has decided for so long."""

    type: ClassVar = EventType.HUMAN_APPROVAL_ESCALATED
    approval_id: str
    approvers: tuple[str, ...]  # all who may decide now
    escalated_to: tuple[str, ...]  # members and channels, as the agent's policy names them
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
