"""The cards of a thread, as every surface renders them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from threadwork.workflows.event_types import Effect, Unit
from threadwork.workflows.files import StoredFile
from threadwork.workflows.grants import FOREVER, Grant, Scope
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Status, Termination, Value, Verbosity

THINKING = "Thinking"  # what a status card says is going on while a model writes
RUNNING = "Running"  # and while a tool runs, before its name
FOLD_VERSION = 6  # raise it when `thread.apply` changes what it makes of old events


class Context(Value):
    """The task that a card is about, for people who see the card outside of the task's thread."""

    task_id: str
    goal: str  # preview
    agent: str
    by: Principal | None = None
    thread: Sink | None = None  # where the task lives; its `thread` is the root message, as far as it is known


class ChildLine(Value):
    """A delegated task, as a line of its parent's status."""

    task_id: str
    agent: str
    goal: str = ""
    status: Status = Status.QUEUED
    iteration: int = 0
    doing: str = ""
    usd: float = 0
    tokens: int = 0


class StatusCard(Value):
    """The head of the thread: edited in place, never repeated."""

    kind: Literal["status"] = "status"
    key: str = "status"
    goal: str = ""
    goal_ref: str | None = None
    agent: str = ""
    model: str = ""
    by: Principal | None = None
    status: Status = Status.QUEUED
    reason: str = ""  # why it is paused, or how it ended
    paused_by: Principal | None = None
    iteration: int = 0
    max_iterations: int = 0
    usd: float = 0
    usd_limit: float | None = None
    tokens: int = 0
    tokens_limit: int | None = None
    unpriced: bool = False  # some call's price is not known: the dollars are a lower bound
    started_at: datetime | None = None
    ended_at: datetime | None = None
    plan: tuple[PlanItem, ...] = ()
    doing: str = ""  # what goes on right now
    log: tuple[str, ...] = ()  # the last five activities
    tools_used: tuple[tuple[str, int], ...] = ()
    children: tuple[ChildLine, ...] = ()  # the newest last
    last_reply: str = ""  # message id of the newest follow-up: what a person who stops it has seen
    thought: str = ""  # preview of what the model thought before it last spoke
    thought_ref: str | None = None
    live: str = ""  # what the model is writing right now; added by who follows it, never stored
    verbosity: Verbosity = "normal"  # quiet: the thread has neither notices nor files; verbose: the card has all
    goal_above: bool = False  # the goal stands right above, as a person's message; added for one sink, never stored


class LineSince(Value):
    """What somebody wrote in the thread while a card waits for people."""

    by: Principal
    text: str  # preview
    message_id: str  # of the platform's own


class ApprovalCard(Value):
    """A tool call that waits for people, or what they decided. `key` names the card within its thread."""

    kind: Literal["approval"] = "approval"
    key: str
    approval_id: str
    tool: str
    title: str = ""  # what people call it; empty: only its name is known
    arguments: str  # preview, as they will run
    arguments_ref: str
    digest: str
    effect: Effect
    why: str = ""
    approvers: tuple[str, ...] = ("*",)
    quorum: int = 1
    approved_by: tuple[Principal, ...] = ()
    asked_at: datetime | None = None  # None: an older version's card
    expires_at: datetime
    reminded_at: datetime | None = None
    state: Literal["pending", "approved", "denied", "expired", "superseded"] = "pending"
    scope: Scope = "once"
    grant: Grant | None = None  # that it gave, with the scope `always`
    by: Principal | None = None  # who decided
    decided_at: datetime | None = None
    reason: str = ""
    edited: bool = False
    outcome: str = ""  # what the call came to
    last_reply: str = ""  # message id of the newest follow-up: what a person who decides has seen
    since: LineSince | None = None  # that one, where it came after the call was asked for
    child_task_id: str | None = None  # the delegated task that asks
    context: Context | None = None  # in a subscribed channel
    always: bool = False  # the tool may be allowed for good
    private: bool = False  # the arguments are for those who may decide: `arguments` and `why` are empty
    escalated_to: tuple[str, ...] = ()  # members and channels that were asked later
    escalated_at: datetime | None = None

    @property
    def expires(self) -> bool:
        return self.expires_at != FOREVER


class QuestionCard(Value):
    """A question of the agent or of a tool server, and its answer once there is one."""

    kind: Literal["question"] = "question"
    key: str
    question_id: str
    question: str
    options: tuple[str, ...] = ()
    server: str | None = None  # the tool server that asks; None: the agent
    child_task_id: str | None = None  # the delegated task that asks
    state: Literal["open", "answered", "superseded"] = "open"
    answer: str = ""
    by: Principal | None = None


class BudgetCard(Value):
    """A budget that is used up or nearly so; `used` and `limit` are dollars or tokens, as `unit` says."""

    kind: Literal["budget"] = "budget"
    key: str
    unit: Unit
    used: float
    limit: float
    state: Literal["warning", "exceeded", "increased", "closed"] = "warning"
    by: Principal | None = None
    since: LineSince | None = None  # the newest line in the thread since it was told
    child: str = ""  # the delegated task whose grant it is; empty: the task's own budget
    agent: str = ""  # of that task


class AnswerCard(Value):
    """What a run came to: the answer's preview, the whole of it by reference, and why the run ended."""

    kind: Literal["answer"] = "answer"
    key: str
    answer: str  # preview
    answer_ref: str | None = None
    reason: Termination = Termination.GOAL_ACHIEVED
    seconds: float | None = None  # from the order to the first answer; None: it is a later one
    usd: float | None = None  # spent by the task so far; None: an older version's card
    unpriced: bool = False  # the dollars are a lower bound
    model: str = ""


class NoticeCard(Value):
    """Something people should know: a follow-up taken in, a failure, a server that did not come up."""

    kind: Literal["notice"] = "notice"
    key: str
    text: str
    level: Literal["info", "warning", "error"] = "info"


class FileCard(Value):
    """What a tool returned that is no text, such as a screenshot."""

    kind: Literal["file"] = "file"
    key: str
    tool: str
    file: StoredFile


class End(Value):
    """How a run of the task ended."""

    kind: Literal["end"] = "end"
    key: str
    status: Literal[Status.COMPLETED, Status.FAILED, Status.CANCELLED]
    reason: Termination
    text: str = ""  # head of the answer, the error, or why it was stopped
    by: Principal | None = None  # who stopped it
    went_on: bool = False  # a reply made the task go on


class NotificationCard(Value):
    """What a subscribed channel is told of a task, in short: edited when the state moves on."""

    kind: Literal["notification"] = "notification"
    key: str
    about: Annotated[QuestionCard | BudgetCard | End, Field(discriminator="kind")]
    context: Context


Card = Annotated[
    StatusCard | ApprovalCard | QuestionCard | BudgetCard | AnswerCard | NoticeCard | FileCard | NotificationCard,
    Field(discriminator="kind"),
]


def is_for_everybody(card: Card) -> bool:
    """Whether a quiet thread shows it: decisions and answers, and of notices those that warn."""
    return not (isinstance(card, FileCard) or (isinstance(card, NoticeCard) and card.level == "info"))


class ThreadView(Value):
    """The cards of a thread in the order people see them, after the event `seq`."""

    task_id: str
    seq: int = 0
    fold_version: int = FOLD_VERSION
    status: StatusCard = StatusCard()
    cards: tuple[Card, ...] = ()  # below the status card
    ends: tuple[End, ...] = ()  # of its runs, the newest last
    unreachable: dict[str, int] = Field({})  # sinks that are dead, by address: number of the event that last said so
    paused: bool = False
