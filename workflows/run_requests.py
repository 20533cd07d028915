"""What a run asks activities for, and what they answer: beginning, configuration, events and people.

History keeps all of these, so texts in them are previews and references, never wholes.
"""

from datetime import datetime
from typing import Literal

from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.events import Event
from threadwork.workflows.values import Ledger, Principal, Status, Termination, Value


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


class BeginRunRequest(Value):
    """Asks for the task to be taken over by this chain of executions, under a new epoch."""

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
    """Asks for what a run works with: its agent, tools and models, stored as a snapshot."""

    task_id: str
    config_hash: str = ""  # keep the agent of this snapshot and look at its tools alone; empty: begin anew
    granted: tuple[str, ...] = ()  # tools that were approved for the rest of the task


class AgentConfigResult(Value):
    """What the workflow needs of a snapshot; `config_hash` names the whole."""

    config_hash: str = ""
    agent: AgentSpec | None = None  # without its instructions, which stay in the snapshot
    sinks: int = 0  # places the task reports to, subscribed channels included
    problems: tuple[str, ...] = ()
    error: str = ""  # why there is no configuration to run with
    windows: tuple[int, ...] = ()  # tokens that its models take, in turn; 0: cannot be used. Empty: an older version's
    news: str = ""  # of the tools, where an earlier snapshot was looked at: a sentence for people and model
    worse: tuple[str, ...] = ()  # of the granted ones: may do more than they were said to
    channel: str | None = None  # `Sink.channel_key` of where people see the task; None: a worker without grants said it


class WorkflowEventsRequest(Value):
    """Asks for events to be stored that go with no call."""

    batch: EventBatch
    inputs: tuple[Input, ...] = ()  # what the model was to be told when the run ended: a later run tells it


class WorkflowEventsResult(Value):
    """`stored_seq`: number of the task's newest stored event."""

    stored_seq: int


class NotifyRequest(Value):
    """Asks for a task's sinks to be kept up to date for as long as its run of this epoch lasts."""

    task_id: str
    epoch: int
    ended: bool = False  # the run is over: return once all is delivered instead of following on
    last_seq: int = 0  # newest event when this was asked: it may be on its way to the database still


class SinkFailure(Value):
    """A sink that can be posted to no more, and why, as a sentence for people."""

    sink: str
    error: str


class NotifyResult(Value):
    """How far the sinks are: number of the newest event shown, and messages still to be posted."""

    rendered_seq: int
    undelivered: int = 0
    failures: tuple[SinkFailure, ...] = ()  # sinks that were found dead for good


class ResolvePrincipalRequest(Value):
    """Asks who somebody is: other accounts, groups, and what they are in their workspace."""

    principal: Principal
    groups: bool = True  # False: names of the person's other accounts will do, and no platform is asked
    standing: bool = False  # True: what the person is there is asked too
    task_id: str = ""  # accounts that were one person's since this task began count as one in it


class ResolvePrincipalResult(Value):
    """What is known of a person; empty where it was not needed."""

    groups: tuple[str, ...] = ()  # user ids and keys of the person's other accounts; groups and standings of all
    humans: tuple[str, ...] = ()  # `Principal.human` of accounts that are one with it, or were since the task began


class AgentExecutionResult(Value):
    """What a run came to, as Temporal keeps it."""

    task_id: str
    status: Status
    reason: Termination | None = None  # None: there was nothing new to do
    answer: str = ""  # preview
    iterations: int = 0
    spent: Ledger = Ledger()
