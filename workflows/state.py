"""All that a run knows, as one value that survives continue-as-new."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from threadwork.workflows.approvals import Approvals
from threadwork.workflows.budget_usage import BudgetTracker
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.delegation import Family, Parent
from threadwork.workflows.grants import Grant
from threadwork.workflows.loops import LoopGuard
from threadwork.workflows.memory import Counted
from threadwork.workflows.messages import SIGNALS, FollowUp, Said, StopRequest
from threadwork.workflows.outbox import Outbox
from threadwork.workflows.run_requests import AgentConfigResult, Input
from threadwork.workflows.values import LOCAL, Principal, Termination


class Received(BaseModel):
    """A signal that cannot be acted on yet: the run is loading, or a person's groups are being looked up."""

    signal: str
    body: Said

    @model_validator(mode="before")
    @classmethod
    def _typed(cls, given: Any) -> Any:
        """Stored without its type, which the signal's name tells."""
        body = given.get("body") if isinstance(given, dict) else None
        return given | {"body": SIGNALS[given["signal"]].model_validate(body)} if isinstance(body, dict) else given


class TurnCall(BaseModel):
    """A tool call of the present turn."""

    call: ProposedCall
    state: Literal["asking", "ready", "away", "done"] = "ready"  # away: a delegated task is at work on it
    approval_id: str | None = None
    question_id: str | None = None
    child_id: str | None = None
    arguments_ref: str  # as they will run
    digest: str
    result: str = ""  # what it came to, as a digest; empty: not known
    by_guard: bool = False  # asked by the run itself: no call of the model's waits for it
    answered_by: Principal | None = None  # who may stop the task; None: who answered may not
    asked_ref: str | None = None  # where it stands what its tool server asked in the middle of the call
    queue: str | None = None  # of the worker that holds the call open meanwhile
    answer: str = ""  # of a person, to the run itself or to the tool server
    answer_ref: str | None = None
    grant: Grant | None = None  # by which it runs unasked


class RunState(BaseModel):
    """Texts in it are previews; whole ones are in the transcript."""

    outbox: Outbox
    epoch: int = 0
    requester: Principal = LOCAL
    goal: str = ""
    goal_ref: str = ""
    config: AgentConfigResult = AgentConfigResult()
    tools_changed: bool = False  # servers offer other tools than the configuration says
    model_index: int = 0  # 0: the agent's model, 1…: its fallbacks

    # the loop
    iteration: int = 0
    iteration_limit: int = 0  # iteration numbers go on over a wake, so this is start + allowance
    iteration_open: bool = False  # begun and not completed
    turn: list[TurnCall] = Field(default_factory=list)
    inputs: list[Input] = Field(default_factory=list)  # for the next model call; positions are given then
    idle_answers: int = 0  # answers in a row that said and asked nothing
    cut_answers: int = 0  # in a row that the output limit cut, with nothing in them that could be used
    broken_answers: int = 0  # in a row that did not come whole
    acted: bool = False  # the model has made a call
    nudged: bool = False  # and was told that to announce one is not to make it
    watched: bool = False  # the turn is one that the loop guard looks at
    alone: bool = False  # and that ends the run where people would be asked
    loops: LoopGuard = Field(default_factory=LoopGuard)
    because: str = ""  # why another model is asked; told at its first call
    goal_achieved: bool = False
    answer: str = ""
    answer_ref: str | None = None
    ended: Termination | None = None
    woken: bool = False  # a follow-up came in after the end
    continued: bool = False  # and the run went on with it

    # the conversation
    position: int = 1
    since: int = 0  # what stands before this position is summarised
    summary_ref: str | None = None
    compact_next: bool = False  # the window is filling up
    counted: Counted | None = None  # tokens as the last call told; None: the conversation or the model is another
    window: int = 0  # tokens that the present model is known to take where it refused more
    refused_tools: list[str] = Field(default_factory=list)  # that a provider did not take: offered no more

    # people
    paused: bool = False
    pause_reason: str = ""
    stop: StopRequest | None = None
    approvals: Approvals = Approvals()
    questions_asked: int = 0
    follow_up_ids: list[str] = Field(default_factory=list)
    lines: list[FollowUp] = Field(default_factory=list)  # the newest of them, for who decides without having seen them
    line_rules: int = 1  # the newest `FollowUp.rules` that came in
    clicks: list[str] = Field(default_factory=list)
    inbox: list[Received] = Field(default_factory=list)

    # delegation
    parent: Parent | None = None  # who delegated this task; None: a person asked for it
    depth: int = 0  # delegations above it
    family: Family = Field(default_factory=Family)

    # money and time
    budget: BudgetTracker = BudgetTracker()
    budget_deadline: datetime | None = None  # until when somebody may raise an exceeded budget
    started_at: datetime | None = None
    work_began_at: datetime | None = None  # since when the time-out counts
    waited: float = 0  # seconds since then in which people were waited for

    # the thread
    rendered_seq: int = 0
    undelivered: int = 0


class AgentExecutionRequest(BaseModel):
    """Starts a task, or continues one as new with its `state`."""

    task_id: str
    state: RunState | None = None
