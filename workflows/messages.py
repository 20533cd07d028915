"""What workflows, activities and people say to one another: requests, results and signals.

History keeps all of these, so texts in them are previews and references, never wholes.
"""

from datetime import datetime
from typing import Literal

from threadwork.workflows.agents import AgentSpec, ToolSpec
from threadwork.workflows.events import Event, Outcome, PlanItem
from threadwork.workflows.files import StoredFile
from threadwork.workflows.memory import Compacted, Counted
from threadwork.workflows.models import Finish
from threadwork.workflows.values import Ledger, Principal, Status, Termination, Usage, Value

# --- signals -----------------------------------------------------------------------------------------


class Control(Value):
    """Pause or resume, as the three arguments of those signals."""

    reason: str = ""
    by: Principal | None = None
    click_id: str | None = None


class StopRequest(Value):
    click_id: str
    by: Principal | None = None
    reason: str = ""
    up_to: str | None = None  # newest follow-up the person had seen; a newer one is not stopped. None: all


class ApprovalDecision(Value):
    click_id: str
    approval_id: str
    decision: Literal["approve", "deny"]
    scope: Literal["once", "task"] = "once"
    by: Principal
    reason: str = ""
    digest: str = ""  # of the arguments that are to run; empty: as requested
    seen: str = ""  # of the arguments the person was shown, where they edited them; empty: not known
    edited_ref: str | None = None  # arguments as the person rewrote them
    rules: int = 1  # by which it counts: 2 tells people apart as humans, and grants only what all of a quorum granted


class FollowUp(Value):
    message_id: str  # the platform's own id: a redelivered one has no effect
    by: Principal
    preview: str
    ref: str


class QuestionAnswer(Value):
    click_id: str
    question_id: str
    by: Principal
    answer: str  # at most 2 KB
    ref: str | None = None  # the whole text where it is longer


class BudgetIncrease(Value):
    click_id: str
    by: Principal
    add_usd: float = 0
    add_tokens: int = 0
    add_iterations: int = 0


# --- what every request to an activity carries -------------------------------------------------------


class EventBatch(Value):
    """Every event not yet acknowledged, stored by the activity before it does anything else."""

    task_id: str
    epoch: int
    status: Status  # of the task after these events
    events: tuple[Event, ...] = ()


class Input(Value):
    """A message that enters the conversation: a stored text by `ref`, or a short one in place."""

    position: int
    kind: Literal["follow_up", "answer", "decision", "note", "tool"]
    ref: str | None = None
    text: str = ""
    tool_call_id: str | None = None


# --- activities --------------------------------------------------------------------------------------


class BeginRunRequest(Value):
    task_id: str
    chain_id: str  # Temporal's first_execution_run_id: the same over continue-as-new
    chain_started_at: datetime


class LostCall(Value):
    """A call that an earlier run left open; its outcome is unknown."""

    call_id: str
    tool: str | None  # None: a model call
    model: str = ""


class BeginRunResult(Value):
    """Where the task stands according to the database."""

    epoch: int  # 0: refused, a later run has taken over
    last_seq: int = 0
    started: bool = False  # an earlier run began
    ended: bool = False  # and came to an end that was told
    iteration: int = 0
    position: int = 1  # next free place in the conversation
    goal: str = ""
    goal_ref: str = ""
    requester: Principal | None = None
    ledger: Ledger = Ledger()
    added_usd: float = 0
    added_tokens: int = 0
    follow_up_ids: tuple[str, ...] = ()  # the newest 1,000
    unread: tuple[str, ...] = ()  # refs of follow-ups received that never entered the conversation
    approvals: int = 0  # asked so far
    questions: int = 0
    granted_tools: tuple[str, ...] = ()  # approved for the rest of the task
    open_approvals: tuple[str, ...] = ()
    lost_calls: tuple[LostCall, ...] = ()
    since: int = 0  # conversation before this position stands in the summary
    summary_ref: str | None = None
    parent: str | None = None  # the task that delegated this one
    depth: int = 0  # delegations above it
    delegated: Ledger = Ledger()  # spent by tasks that it delegated, and theirs
    open_children: tuple[str, ...] = ()  # delegated tasks that have not ended


class AgentConfigRequest(Value):
    task_id: str
    config_hash: str = ""  # keep the agent of this snapshot and look at its tools alone; empty: begin anew
    granted: tuple[str, ...] = ()  # tools that were approved for the rest of the task


class AgentConfigResult(Value):
    config_hash: str = ""
    agent: AgentSpec | None = None  # without its instructions, which stay in the snapshot
    sinks: int = 0  # places the task reports to, subscribed channels included
    problems: tuple[str, ...] = ()
    error: str = ""  # why there is no configuration to run with
    windows: tuple[int, ...] = ()  # tokens that its models take, in turn; 0: cannot be used. Empty: an older version's
    news: str = ""  # of the tools, where an earlier snapshot was looked at: a sentence for people and model
    worse: tuple[str, ...] = ()  # of the granted ones: may do more than they were said to


class LLMRequest(Value):
    batch: EventBatch
    call_id: str
    config_hash: str
    model: str
    purpose: Literal["think", "compact"] = "think"
    inputs: tuple[Input, ...] = ()
    position: int  # place of the answer in the conversation
    since: int = 0
    summary_ref: str | None = None
    nanos_limit: int | None = None
    tokens_limit: int | None = None
    others: bool = False  # another model can be asked: this one is waited for a short while only
    counted: Counted | None = None  # of this very conversation and model. None: all is to be counted
    window: int = 0  # tokens that the model is known to take where it refused more. 0: as its facts say
    shortened: int = 0  # times that the conversation was shortened for this call
    again: bool = False  # with `compact`: the last try gave nothing that can be used
    without: tuple[str, ...] = ()  # tools that a provider has refused, as `server.tool`


class CompleteTask(Value):
    name: Literal["complete_task"] = "complete_task"
    answer: str
    answer_ref: str


class AskUser(Value):
    name: Literal["ask_user"] = "ask_user"
    question: str
    options: tuple[str, ...] = ()


class UpdatePlan(Value):
    name: Literal["update_plan"] = "update_plan"
    items: tuple[PlanItem, ...]


class Delegate(Value):
    name: Literal["delegate_task"] = "delegate_task"
    agent: str
    goal: str  # preview; the whole stands in the arguments


class ProposedCall(Value):
    """A tool call of the model, as the workflow needs to know it."""

    tool_call_id: str  # ours, as the stored conversation has it; in older runs the provider's
    name: str  # as people read it: "server.tool", or the built-in's
    arguments_ref: str
    arguments_preview: str
    digest: str
    tool: ToolSpec | None = None  # its annotations, without description and schema
    builtin: CompleteTask | AskUser | UpdatePlan | Delegate | None = None
    problem: str = ""  # why it cannot run, in words that the model can act on
    as_text: bool = False  # the model wrote it as text: people are asked, unless it changes nothing
    asks: bool = False  # people are asked for a built-in, which no policy names


# `refusal`: the model or a filter; `broken`: the answer did not come whole; `unavailable`: for too long; `final`: it
# would fail again.
Failure = Literal["refusal", "broken", "unavailable", "final"]


class LLMResult(Value):
    outcome: Literal["ok", "over_budget", "overflow", "failed", "refused"]
    text: str = ""  # preview
    ref: str | None = None  # the whole answer
    thinking: str = ""  # preview of what was thought before
    thinking_ref: str | None = None  # all of it
    calls: tuple[ProposedCall, ...] = ()
    usage: Usage = Usage()
    cost_nanos: int | None = None  # None: the price is not known
    ledger: Ledger = Ledger()
    counted: int | None = None  # tokens that count for the budget; None: all of `usage`
    window: int = 0  # tokens the model can take
    cut: bool = False  # the answer ends where the output limit cut it
    exceeded: Literal["usd", "tokens"] | None = None  # with over_budget: which limit
    queue: str | None = None  # of the one worker that holds the call open, to go on there; None: any
    tools_changed: bool = False  # servers offer other tools than the snapshot says
    error: str = ""
    finish: Finish | None = None  # why the answer ended; None: an older version's result
    output_cap: int = 0  # tokens that the answer could have at most
    announced: bool = False  # the text only says what comes next, though there are tools to do it
    failure: Failure | None = None  # what kind of failure; None: an older version's result
    tallied: int = 0  # tokens of the prompt, to count on from. 0: not known
    compact: bool | None = None  # the conversation is to be summarised before the next call. None: an older version
    too_long: Literal["", "turns", "last_turn"] = ""  # with `overflow`: what is to be shortened. "": an older version
    compacted: Compacted | None = None  # of a call for a summary. None: an older version
    unasked: bool = False  # with `overflow`: we saw it coming, and did not ask the model
    alone: bool = False  # the agent stops by itself where it would ask people how to go on
    refused_tool: str = ""  # with failed: the one tool for which the provider did not take the request


class MCPToolRequest(Value):
    batch: EventBatch
    call_id: str
    config_hash: str
    tool: ToolSpec
    tool_call_id: str
    arguments_ref: str
    digest: str
    position: int  # place of the output in the conversation
    timeout: float  # seconds
    asked_ref: str | None = None  # the call goes on: what its server asked, and
    answer: str = ""  # what a person answered
    answer_ref: str | None = None  # the whole of it where it is longer
    queue: str | None = None  # of the worker that holds the call open; None: nothing is held


class MCPToolResult(Value):
    outcome: Outcome | Literal["refused", "input_required"]
    output: str = ""  # preview
    files: tuple[StoredFile, ...] = ()
    digest: str = ""  # of the whole output; empty: an older version's result
    question: str = ""  # with input_required: what the server asks, for people
    options: tuple[str, ...] = ()
    asked_ref: str | None = None  # where the question stands in whole
    queue: str | None = None  # of the one worker that holds the call open, to go on there; None: any
    tools_changed: bool = False  # servers offer other tools than the snapshot says


class BeginChildRequest(Value):
    batch: EventBatch
    call_id: str
    agent: str
    arguments_ref: str  # the whole goal is in them
    nanos: int | None = None  # nano-dollars granted; None: the parent has no limit
    tokens: int | None = None
    on_exceeded: Literal["ask", "stop"] = "ask"  # the parent's: a child that may not ask ends by itself


class BeginChildResult(Value):
    outcome: Literal["ok", "error", "refused"]
    child_id: str = ""
    goal: str = ""  # preview
    grant: Ledger = Ledger()  # what it may spend, its own agent's limits considered; 0: no limit
    error: str = ""  # why there is no child, in words that the model can act on


class CloseChildRequest(Value):
    batch: EventBatch
    call_id: str
    child_id: str
    agent: str
    tool_call_id: str
    position: int  # place of the result in the conversation


class HandOverRequest(Value):
    """Texts of one task that another will look for under its own."""

    task_id: str
    to: str
    refs: tuple[str, ...]
    prefix: str = ""  # of the refs over there


class HandOverResult(Value):
    pass


class WorkflowEventsRequest(Value):
    batch: EventBatch
    inputs: tuple[Input, ...] = ()  # what the model was to be told when the run ended: a later run tells it


class WorkflowEventsResult(Value):
    stored_seq: int


class NotifyRequest(Value):
    task_id: str
    epoch: int
    ended: bool = False  # the run is over: return once all is delivered instead of following on
    last_seq: int = 0  # newest event when this was asked: it may be on its way to the database still


class SinkFailure(Value):
    sink: str
    error: str


class NotifyResult(Value):
    rendered_seq: int
    undelivered: int = 0
    failures: tuple[SinkFailure, ...] = ()  # sinks that were found dead for good


class ResolvePrincipalRequest(Value):
    principal: Principal
    groups: bool = True  # False: names of the person's other accounts will do, and no platform is asked
    standing: bool = False  # True: what the person is there is asked too
    task_id: str = ""  # accounts that were one person's since this task began count as one in it


class ResolvePrincipalResult(Value):
    groups: tuple[str, ...] = ()  # user ids and keys of the person's other accounts; groups and standings of all
    humans: tuple[str, ...] = ()  # `Principal.human` of accounts that are one with it, or were since the task began


class AgentExecutionResult(Value):
    task_id: str
    status: Status
    reason: Termination | None = None  # None: there was nothing new to do
    answer: str = ""  # preview
    iterations: int = 0
    spent: Ledger = Ledger()
