"""The tables. Statements use them as Core tables: `tasks.c.status`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, MetaData, Table, Text, text
from sqlmodel import Field, SQLModel

from threadwork.adapters.sql.columns import Id, Json, UtcTime
from threadwork.workflows.domain.resume_state import LASTING

# A partial index is used only where the query repeats its condition word for word.
IS_LASTING = "type IN (" + ", ".join(f"'{kind.value}'" for kind in LASTING) + ")"
IS_OPEN_TASK = "status NOT IN ('completed', 'failed', 'cancelled')"
IS_DELEGATED = "parent IS NOT NULL"
IS_OPEN_CALL = "state = 'claimed'"
IS_LOST_CALL = "closed_by IS NOT NULL"
IS_NEW_COMMAND = "state = 'new'"
IS_PENDING = "state = 'pending'"
IS_NOT_REVOKED = "revoked_at IS NULL"
IS_ROOT = "card_key = 'status' AND part = 0"  # messages a thread hangs on, where the task opened its own

_TASK = "tasks.task_id"


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Base(SQLModel):
    """Holds the metadata of all tables."""

    metadata = MetaData()


class TaskTable(Base, table=True):
    """One row a task, with running totals of what it has spent."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_by_age", "created_at", "task_id"),
        Index("tasks_by_person", "requester_key", "created_at"),
        Index("tasks_by_place", "place", "created_at"),
        Index("tasks_by_thread", "place", "thread", "created_at"),
        _partial("tasks_by_parent", "parent", where=IS_DELEGATED),
        _partial("tasks_open", "created_at", where=IS_OPEN_TASK),
        _partial("tasks_open_by_person", "requester_key", "created_at", where=IS_OPEN_TASK),
        _partial("tasks_open_by_place", "place", "created_at", where=IS_OPEN_TASK),
    )

    task_id: str = Field(sa_type=Id, primary_key=True)
    status: str
    reason: str | None = None
    goal: str = Field(sa_type=Json)  # preview
    agent: str = Field(sa_type=Text)
    task_order: dict[str, Any] = Field(sa_type=Json)
    requester: dict[str, Any] = Field(sa_type=Json)
    requester_key: str  # `Principal.account`
    place: str | None = None  # "platform:workspace:channel"; None: it has no thread, or is older than this column
    thread: str | None = None  # message the thread hangs on, where it was there before the task; empty: its own
    parent: str | None = Field(None, sa_type=Id)  # the task that delegated it
    follow_ups: str | None = None  # as people set it for its thread; None: as the channel or the agent says
    created_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)
    last_seq: int = 0
    iteration: int = 0
    stopped_seq: int = 0  # of the newest workflow.cancelled; 0: never stopped
    run_epoch: int = 0  # grows with every chain of runs that took over
    run_chain: str | None = None
    run_started_at: datetime | None = Field(None, sa_type=UtcTime)
    spent_nanos: int = Field(0, sa_type=BigInteger)  # running totals of `spend`, changed under this row's lock
    spent_tokens: int = Field(0, sa_type=BigInteger)


class EventTable(Base, table=True):
    """One row an event; `seq` has no gaps within a task."""

    __tablename__ = "task_events"
    __table_args__ = (
        _partial("task_events_lasting", "task_id", "seq", where=IS_LASTING),
        {"sqlite_with_rowid": False},  # rows lie in the order in which they are read
    )

    task_id: str = Field(sa_type=Id, primary_key=True, foreign_key=_TASK)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str
    at: datetime = Field(sa_type=UtcTime)
    iteration: int
    data: dict[str, Any] = Field(sa_type=Json)


class MessageTable(Base, table=True):
    """The transcript: one row a text, under its reference."""

    __tablename__ = "task_messages"
    __table_args__ = (Index("task_messages_in_order", "task_id", "position"),)

    task_id: str = Field(sa_type=Id, primary_key=True, foreign_key=_TASK)
    ref: str = Field(sa_type=Id, primary_key=True)
    kind: str
    body: dict[str, Any] = Field(sa_type=Json)
    position: int | None = None  # place in the conversation
    amended_at: datetime | None = Field(None, sa_type=UtcTime)  # of the newest edit by its author
    stored_at: datetime = Field(sa_type=UtcTime)


class CallTable(Base, table=True):
    """One row a call: claimed once, done once."""

    __tablename__ = "calls"
    __table_args__ = (
        _partial("calls_open", "task_id", where=IS_OPEN_CALL),
        _partial("calls_lost", "task_id", "closed_by", where=IS_LOST_CALL),
    )

    task_id: str = Field(sa_type=Id, primary_key=True, foreign_key=_TASK)
    call_id: str = Field(primary_key=True)
    kind: str
    name: str = Field(sa_type=Text)
    epoch: int
    state: str  # claimed, done
    attempt: str
    until: datetime = Field(sa_type=UtcTime)  # when that attempt has surely ended
    result: dict[str, Any] | None = Field(None, sa_type=Json)
    closed_by: int | None = None  # epoch that gave the call up as lost
    claimed_at: datetime = Field(sa_type=UtcTime)
    done_at: datetime | None = Field(None, sa_type=UtcTime)


class ApprovalTable(Base, table=True):
    """One row an approval, with what was decided."""

    __tablename__ = "approvals"
    __table_args__ = (_partial("approvals_pending", "requested_at", where=IS_PENDING),)

    task_id: str = Field(sa_type=Id, primary_key=True, foreign_key=_TASK)
    approval_id: str = Field(primary_key=True)
    tool: str = Field(sa_type=Text)
    arguments_preview: str = Field(sa_type=Json)
    arguments_ref: str
    digest: str
    effect: str
    approvers: list[str] = Field(sa_type=Json)
    state: str
    scope: str
    decisions: list[dict[str, Any]] = Field(sa_type=Json)
    requested_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime | None = Field(None, sa_type=UtcTime)
    decided_at: datetime | None = Field(None, sa_type=UtcTime)
    always: bool = False  # its tool may be allowed for good
    private: bool = False  # the arguments are for those who may decide


class GrantTable(Base, table=True):
    """One row for each time that a tool was allowed for good. Kept, also when it is revoked."""

    __tablename__ = "grants"
    __table_args__ = (_partial("grants_standing", "agent", "tool", where=IS_NOT_REVOKED),)

    grant_id: str = Field(sa_type=Id, primary_key=True)  # "task.approval"
    task_id: str = Field(sa_type=Id, foreign_key=_TASK)
    approval_id: str
    agent: str = Field(sa_type=Text)
    tool: str = Field(sa_type=Text)
    effect: str
    scope: str
    about: str  # `Principal.account`, `Sink.channel_key`, or empty
    shown: str = Field(sa_type=Json)
    givers: list[dict[str, Any]] = Field(sa_type=Json)
    given_at: datetime = Field(sa_type=UtcTime)
    until: datetime | None = Field(None, sa_type=UtcTime)
    revoked_at: datetime | None = Field(None, sa_type=UtcTime)
    revoked_by: dict[str, Any] | None = Field(None, sa_type=Json)


class SpendTable(Base, table=True):
    """The ledger: one row an attempt of a call."""

    __tablename__ = "spend"
    __table_args__ = (Index("spend_by_person", "principal_key", "at"),)

    task_id: str = Field(sa_type=Id, primary_key=True, foreign_key=_TASK)
    attempt: str = Field(primary_key=True)
    call_id: str
    principal_key: str
    at: datetime = Field(sa_type=UtcTime)
    tokens: int = Field(sa_type=BigInteger)  # as reserved, until it is settled
    nanos: int = Field(sa_type=BigInteger)
    settled: bool = False


class IntakeTable(Base, table=True):
    """One row a command; the platform's id keeps a redelivery from being another."""

    __tablename__ = "intake"
    __table_args__ = (
        Index("intake_once", "platform", "platform_id", unique=True),
        _partial("intake_new", "task_id", "intake_id", where=IS_NEW_COMMAND),
        {"sqlite_autoincrement": True},
    )

    intake_id: int | None = Field(None, primary_key=True)
    platform: str
    platform_id: str
    task_id: str = Field(sa_type=Id)
    command: dict[str, Any] = Field(sa_type=Json)
    state: str = "new"  # new, held, done, refused
    refused: str = Field("", sa_type=Json)
    attempts: int = 0
    holder: str | None = None
    lease_until: datetime | None = Field(None, sa_type=UtcTime)
    stored_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(None, sa_type=UtcTime)


class ViewTable(Base, table=True):
    """One row a task: its events as folded up to `seq`."""

    __tablename__ = "views"

    task_id: str = Field(sa_type=Id, primary_key=True)
    seq: int
    fold_version: int
    view: dict[str, Any] = Field(sa_type=Json)
    saved_at: datetime = Field(sa_type=UtcTime)


class LeaseTable(Base, table=True):
    """One row a sink: who delivers to it, until when, under which fence."""

    __tablename__ = "leases"

    scope: str = Field(primary_key=True)  # `LeaseScope`, which says what owner and key are
    owner: str = Field(sa_type=Id, primary_key=True)
    key: str = Field(primary_key=True)
    holder: str
    until: datetime | None = Field(None, sa_type=UtcTime)
    fence: int


class SinkTable(Base, table=True):
    """Sinks of which more is known than what was posted there."""

    __tablename__ = "sinks"

    task_id: str = Field(sa_type=Id, primary_key=True)
    sink: str = Field(primary_key=True)
    failure: str = Field(sa_type=Json)  # why it takes no messages; empty: it does
    failed_seq: int
    failed_reply: str
    told: bool


class FormerRootTable(Base, table=True):
    """Messages that a thread hung on before somebody deleted them."""

    __tablename__ = "former_roots"
    __table_args__ = (Index("former_roots_by_message", "message_id"),)

    task_id: str = Field(sa_type=Id, primary_key=True)
    sink: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)


class DeliveryTable(Base, table=True):
    """One row a message of a card, in each sink."""

    __tablename__ = "deliveries"
    __table_args__ = (_partial("deliveries_roots", "message_id", where=IS_ROOT),)

    task_id: str = Field(sa_type=Id, primary_key=True)
    sink: str = Field(primary_key=True)
    card_key: str = Field(primary_key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    message_id: str | None = None
    content_hash: str
    rendered_seq: int
    state: str
    fence: int
    posting_at: datetime | None = Field(None, sa_type=UtcTime)


class DoubtTable(Base, table=True):
    """One row a post of which nobody knows whether it arrived."""

    __tablename__ = "doubts"
    __table_args__ = (Index("doubts_due", "check_at"),)

    task_id: str = Field(sa_type=Id, primary_key=True)
    sink: str = Field(primary_key=True)
    card_key: str = Field(primary_key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    fence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    check_at: datetime = Field(sa_type=UtcTime)
    checks: int


class RateTable(Base, table=True):
    """Token buckets; one that has no row is full."""

    __tablename__ = "rates"

    bucket: str = Field(sa_type=Id, primary_key=True)
    tokens: float  # at the time `at`
    at: datetime = Field(sa_type=UtcTime)
    held_until: datetime | None = Field(None, sa_type=UtcTime)


class ConfigTable(Base, table=True):
    """Snapshots of what runs work with, by the hash of their content."""

    __tablename__ = "run_configs"

    config_hash: str = Field(primary_key=True)
    config: dict[str, Any] = Field(sa_type=Json)
    saved_at: datetime = Field(sa_type=UtcTime)


class SubscriptionTable(Base, table=True):
    """Channels that are told of kinds of events, whatever thread the task lives in."""

    __tablename__ = "subscriptions"

    subscription_id: str = Field(primary_key=True)
    sink: dict[str, Any] = Field(sa_type=Json)
    kinds: list[str] = Field(sa_type=Json)
    agents: list[str] = Field(sa_type=Json)
    requesters: list[str] = Field(sa_type=Json)
    channels: list[str] = Field(sa_type=Json)
    source: str
    failure: str = Field(sa_type=Json)  # why it is dead; empty: it is not
    notice: str = ""  # that its channel is told of less is "due", or was given by this task
    created_by: dict[str, Any] | None = Field(None, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcTime)


class LinkTable(Base, table=True):
    """Accounts that are one person's. A person with a single account has no row."""

    __tablename__ = "links"
    __table_args__ = (Index("links_by_person", "person_id"), Index("links_by_human", "human"))

    principal_key: str = Field(sa_type=Id, primary_key=True)  # `Principal.account`
    person_id: str
    human: str  # `Principal.human`
    principal: dict[str, Any] = Field(sa_type=Json)
    linked_at: datetime = Field(sa_type=UtcTime)


class FormerLinkTable(Base, table=True):
    """Accounts that left a person: for tasks begun before, they stay one."""

    __tablename__ = "former_links"
    __table_args__ = (Index("former_links_by_human", "human", "left_at"),)

    principal_key: str = Field(sa_type=Id, primary_key=True)  # `Principal.account`
    person_id: str = Field(primary_key=True)
    left_at: datetime = Field(sa_type=UtcTime, primary_key=True)
    human: str  # `Principal.human`


class LinkCodeTable(Base, table=True):
    """Codes by which another account may join. Only their hashes are kept."""

    __tablename__ = "link_codes"

    code_hash: str = Field(sa_type=Id, primary_key=True)
    principal_key: str  # `Principal.account` of whoever asked for it
    principal: dict[str, Any] = Field(sa_type=Json)
    expires_at: datetime = Field(sa_type=UtcTime)
    used_by: str = ""  # `Principal.account`


class LinkTryTable(Base, table=True):
    """Wrong codes, by the account that gave them."""

    __tablename__ = "link_tries"

    principal_key: str = Field(sa_type=Id, primary_key=True)  # `Principal.account`
    tries: int
    since: datetime = Field(sa_type=UtcTime)


class TriggerTable(Base, table=True):
    """What starts tasks by itself: a schedule, a webhook, a reaction or a keyword."""

    __tablename__ = "triggers"

    trigger_id: str = Field(primary_key=True)
    kind: str
    trigger: dict[str, Any] = Field(sa_type=Json)
    created_by: dict[str, Any] | None = Field(None, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcTime)
    fired_at: datetime | None = Field(None, sa_type=UtcTime)
    firings: int = 0


class SlackInstallationTable(Base, table=True):
    """Workspaces that installed the Slack app by OAuth. Tokens are sealed where there is an encryption key."""

    __tablename__ = "slack_installations"

    team_id: str = Field(sa_type=Id, primary_key=True)
    version: int  # grows with every change: whoever saw an older one changes nothing
    facts: dict[str, Any] = Field(sa_type=Json)  # names and ids, nothing secret
    token: str = Field(sa_type=Text)
    refresh_token: str | None = Field(None, sa_type=Text)
    expires_at: datetime | None = Field(None, sa_type=UtcTime)  # of `token`
    renewing_until: datetime | None = Field(None, sa_type=UtcTime)  # somebody renews it: nobody else may
    installed_at: datetime = Field(sa_type=UtcTime)


class SlackStateTable(Base, table=True):
    """OAuth flows under way."""

    __tablename__ = "slack_oauth_states"

    state: str = Field(sa_type=Id, primary_key=True)
    expires_at: datetime = Field(sa_type=UtcTime)


def _core(name: str) -> Table:
    return Base.metadata.tables[name]


tasks = _core("tasks")
task_events = _core("task_events")
task_messages = _core("task_messages")
calls = _core("calls")
approvals = _core("approvals")
grants = _core("grants")
spend = _core("spend")
intake = _core("intake")
views = _core("views")
leases = _core("leases")
sinks = _core("sinks")
former_roots = _core("former_roots")
deliveries = _core("deliveries")
doubts = _core("doubts")
rates = _core("rates")
subscriptions = _core("subscriptions")
links = _core("links")
former_links = _core("former_links")
link_codes = _core("link_codes")
link_tries = _core("link_tries")
run_configs = _core("run_configs")
slack_installations = _core("slack_installations")
slack_oauth_states = _core("slack_oauth_states")
