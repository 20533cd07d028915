"""A task as it is ordered, recorded and commanded."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.files import GivenFile
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.messages import (
    ApprovalDecision,
    BudgetIncrease,
    Control,
    FollowUp,
    QuestionAnswer,
    StopRequest,
)
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Status, Termination, Value


class TaskOrder(Value):
    """What a person asked for."""

    goal: str
    agent: str = "default"
    model: str | None = None  # None: the agent's
    budget_usd: float | None = Field(None, ge=0)
    by: Principal
    sink: Sink | None = None  # None: nobody is told; the page and the terminal look for themselves
    joined: bool = False  # people talked in the sink's thread before; not all they say there is for the agent
    goal_above: bool = False  # the goal is a message in the sink's thread, right above what is posted there
    private: bool = False  # its thread is a conversation with the bot alone
    parent: str | None = None  # the task that delegated it; None: a person or a trigger asked for it
    depth: int = 0  # delegations above it
    budget_tokens: int | None = Field(None, ge=0)
    on_exceeded: Literal["ask", "stop"] | None = None  # None: as the agent's


class TaskRecord(Value):
    """A task in a list."""

    task_id: str
    goal: str  # preview
    agent: str
    by: Principal
    status: Status
    reason: Termination | None = None
    last_seq: int = 0
    iteration: int = 0
    usd: float = 0
    tokens: int = 0
    created_at: datetime
    updated_at: datetime
    parent: str | None = None  # the task that delegated it
    follow_ups: FollowUps | None = None  # as people set it for its thread; None: as its channel or agent says
    sink: Sink | None = None  # where its thread is; `thread` is empty until its root is known to be posted


class TaskFilter(Value):
    """Which tasks are listed; conditions are joined by “and”."""

    by: tuple[str, ...] = ()  # accounts of a person; empty: of everybody
    channel: Sink | None = None  # the channel of this sink, whatever the thread
    platform: str | None = None  # on which the task's thread is
    open_only: bool = False
    parent: str | None = None  # tasks that this one delegated; None: those that nobody delegated
    limit: int = Field(50, ge=1, le=500)


class WaitingApproval(Value):
    """An approval that nobody has decided yet, as far as its row tells: quorum and reason stand in the thread."""

    task: TaskRecord
    card: ApprovalCard


class RunOrder(Value):
    """Command: start a task."""

    kind: Literal["run"] = "run"
    order: TaskOrder
    files: tuple[GivenFile, ...] = Field((), exclude=True)  # stored beside the goal, not with the command


class Reply(Value):
    """Command: a person wrote in a task's thread."""

    kind: Literal["follow_up"] = "follow_up"
    task_id: str
    message: FollowUp
    text: str  # the whole text; stored under `message.ref` in the same transaction
    files: tuple[GivenFile, ...] = Field((), exclude=True)  # stored beside it, likewise


class Pause(Value):
    """Command: pause a task."""

    kind: Literal["pause"] = "pause"
    task_id: str
    click: Control


class Resume(Value):
    """Command: resume a task."""

    kind: Literal["resume"] = "resume"
    task_id: str
    click: Control


class Stop(Value):
    """Command: stop a task."""

    kind: Literal["stop"] = "stop"
    task_id: str
    click: StopRequest
    moment: str = ""  # `{channel}:{message}`: a reply that is later refuses it. Empty: it means whatever came before it


class Decide(Value):
    """Command: approve or deny a tool call."""

    kind: Literal["decide"] = "decide"
    task_id: str
    click: ApprovalDecision
    edited: str | None = None  # the rewritten arguments as JSON, stored under `click.edited_ref`


class Answer(Value):
    """Command: answer a question."""

    kind: Literal["answer"] = "answer"
    task_id: str
    click: QuestionAnswer
    text: str | None = None  # the whole answer, stored under `click.ref`


class AddBudget(Value):
    """Command: raise a task's budget."""

    kind: Literal["add_budget"] = "add_budget"
    task_id: str
    click: BudgetIncrease


class Feedback(Value):
    """Command: say whether an answer was good. No run is told."""

    kind: Literal["feedback"] = "feedback"
    task_id: str
    answer: str  # its number
    verdict: Literal["good", "bad"]
    reason: str = ""  # in the person's own words


Action = Annotated[
    RunOrder | Reply | Pause | Resume | Stop | Decide | Answer | AddBudget | Feedback, Field(discriminator="kind")
]


class Command(Value):
    """What a person wants, under the platform's own id for it."""

    platform: str
    platform_id: str  # unique on the platform: a redelivery carries the same
    by: Principal
    action: Action


class Intake(Value):
    """A command that was written down."""

    intake_id: int
    task_id: str
    command: Command
    first: bool  # False: it had been written down before
    head: int = 0  # number of its task's last event just before; told by whoever stores it first
    state: Literal["new", "held", "done", "refused"] = "new"  # held: its author is asked whether it is meant
    refused: str = ""
    attempts: int = 0
