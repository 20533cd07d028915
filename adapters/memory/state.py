"""What the in-memory store knows. Nothing here awaits, so every method of a port is one transaction."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from threadwork.workflows.agents import RunConfig
from threadwork.workflows.calls import Message
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.domain.approval_records import ApprovalRecord
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import no_task
from threadwork.workflows.domain.linking import Offer, Tries
from threadwork.workflows.domain.tokens import Tokens
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.sinks import Delivery, InDoubtCall, SinkState
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import Command, TaskOrder
from threadwork.workflows.values import Ledger, Principal


@dataclass
class TaskRow:
    """A row of `tasks`."""

    task_id: str
    order: TaskOrder
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    reason: str | None = None
    last_seq: int = 0
    iteration: int = 0
    stopped_seq: int = 0
    run_epoch: int = 0
    run_chain: str | None = None
    run_started_at: datetime | None = None
    spent: Ledger = field(default_factory=Ledger)
    follow_ups: FollowUps | None = None


@dataclass
class CallRow:
    """A row of `calls`."""

    call_id: str
    kind: str
    name: str
    epoch: int
    attempt: str
    until: datetime
    result: dict[str, Any] | None = None  # None: claimed, not done
    closed_by: int | None = None  # epoch that gave it up as lost


@dataclass
class SpendRow:
    """A row of `spend`: what one attempt of a call has cost, or has set aside."""

    account: str
    at: datetime
    counted: Ledger  # reserved until it is settled
    settled: bool = False


@dataclass
class IntakeRow:
    """A row of `intake`: a command, and how far it got."""

    intake_id: int
    task_id: str
    command: Command
    state: str = "new"
    refused: str = ""
    attempts: int = 0
    lease_until: datetime | None = None


@dataclass
class LeaseRow:
    """A row of `leases`."""

    holder: str
    until: datetime | None
    fence: int


@dataclass
class FormerLink:
    """An account left its person, or its person became another's."""

    person_id: str
    principal: Principal
    left_at: datetime


@dataclass
class LinkRow:
    """An account of a person's, linked since then."""

    person_id: str
    principal: Principal
    linked_at: datetime


@dataclass
class MemoryState:
    """All rows; keys are those of the SQL tables."""

    clock: Clock
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[str, dict[str, Message]] = field(default_factory=lambda: defaultdict(dict))
    amended: dict[tuple[str, str], datetime] = field(default_factory=dict)  # by task and ref
    approvals: dict[str, dict[str, ApprovalRecord]] = field(default_factory=lambda: defaultdict(dict))
    calls: dict[str, dict[str, CallRow]] = field(default_factory=lambda: defaultdict(dict))
    spend: dict[tuple[str, str], SpendRow] = field(default_factory=dict)  # by task and attempt
    configs: dict[str, RunConfig] = field(default_factory=dict)
    intake: list[IntakeRow] = field(default_factory=list)
    views: dict[str, ThreadView] = field(default_factory=dict)
    leases: dict[tuple[str, str, str], LeaseRow] = field(default_factory=dict)  # by scope, owner and key
    sinks: dict[tuple[str, str], SinkState] = field(default_factory=dict)
    deliveries: dict[tuple[str, str, str, int], Delivery] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)  # by id
    doubts: dict[tuple[str, str, str, int, int], InDoubtCall] = field(default_factory=dict)  # the last is the fence
    rates: dict[str, Tokens] = field(default_factory=dict)
    links: dict[str, LinkRow] = field(default_factory=dict)  # by account
    former_links: list[FormerLink] = field(default_factory=list)
    offers: dict[str, Offer] = field(default_factory=dict)  # by the hash of the code
    tries: dict[str, Tries] = field(default_factory=dict)  # by account

    def task(self, task_id: str) -> TaskRow:
        """Raises `NotFound`."""
        row = self.tasks.get(task_id)
        if row is None:
            raise no_task(task_id)
        return row


def create_task(state: MemoryState, task_id: str, order: TaskOrder) -> None:
    """A task that is there stays as it is."""
    now = state.clock()
    state.tasks.setdefault(task_id, TaskRow(task_id, order, now, now))
