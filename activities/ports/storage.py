"""What activities, and the bot, store of tasks. Adapters satisfy these by shape."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from threadwork.workflows.agents import RunConfig
from threadwork.workflows.calls import Claim, Claimed, Finish, Finished, Message
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.run_requests import BeginRunRequest, BeginRunResult, EventBatch, Input
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import Command, Intake, TaskFilter, TaskOrder, TaskRecord, WaitingApproval
from threadwork.workflows.values import Ledger, Principal, Usage


class EventLog(Protocol):
    """The numbered events of every task. The database is the truth."""

    async def append(self, batch: EventBatch) -> int:
        """Store a batch and return the task's last number. Repeats are ignored.

        Raises `StaleRun` for an older epoch and `EventConflict` for a gap or a different event."""

    async def read(self, task_id: str, after: int = 0, limit: int = 1_000) -> list[Event]:
        """Events with `seq` > `after`, in order."""

    async def heads(self, task_ids: Sequence[str]) -> dict[str, int]:
        """The last number of each task that has events."""


class Runs(Protocol):
    """Which execution speaks for a task, and with what configuration."""

    async def begin(self, request: BeginRunRequest) -> BeginRunResult:
        """Take over the task for a chain of runs and say where it stands. Idempotent per chain."""

    async def delegate(self, call_id: str, order: TaskOrder) -> str:
        """Write down the task that a call of `order.parent` delegates, and return its id: the same on a repeat."""

    async def save_config(self, config: RunConfig) -> str:
        """Store a snapshot and return its hash."""

    async def config(self, config_hash: str) -> RunConfig:
        """Raises `NotFound`."""


class Transcript(Protocol):
    """Texts of a task, and the conversation among them."""

    async def put(self, task_id: str, message: Message) -> None:
        """Store a text; a ref that is there already keeps its first text."""

    async def get(self, task_id: str, ref: str) -> Message:
        """Raises `NotFound`."""

    async def place(self, task_id: str, inputs: Sequence[Input]) -> None:
        """Let inputs enter the conversation without a call. Repeats change nothing."""

    async def conversation(self, task_id: str, before: int, since: int = 0) -> list[Message]:
        """Messages with a position < `before`, in order; of those before `since` only what is kept word for word."""

    async def amend(self, task_id: str, ref: str, text: str | None, at: datetime) -> bool:
        """What a person wrote is changed, or taken back (None), as they did at `at`; no newer than the newest: ignored.

        The goal changes in the task's lists, too. False: a model has read it already, so it stays as it was; once for
        each change. Raises `NotFound`."""


class Calls(Protocol):
    """Every model and tool call, once."""

    async def claim(self, claim: Claim) -> Claimed:
        """Raises `StaleRun`."""

    async def finish(self, finish: Finish) -> Finished:
        """A result of an older epoch settles its cost and changes nothing else."""

    async def recorded(self, task_id: str, call_id: str) -> dict[str, Any] | None:
        """The result of a call that is done."""


class Spend(Protocol):
    """The ledger."""

    async def total(self, task_id: str) -> Ledger: ...

    async def settle(self, task_id: str, attempt: str, usage: Usage, cost_nanos: int | None) -> Ledger:
        """Replace the reservation of an attempt that will not be finished by what it used; returns the total."""

    async def by_person(self, accounts: Collection[str], since: datetime) -> Ledger:
        """What the tasks of a person spent; `accounts`: as `Principal.account` gives them."""


class Tasks(Protocol):
    """Tasks as the bot knows them."""

    async def get(self, task_id: str) -> TaskRecord:
        """Raises `NotFound`."""

    async def find(self, prefix: str) -> TaskRecord:
        """The one task whose id begins so. Raises `NotFound`, also when several do."""

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""

    async def order(self, task_id: str) -> TaskOrder:
        """What was asked for when the task was created. Raises `NotFound`."""

    async def in_thread(self, sink: Sink, workspaces: Collection[str] = ()) -> TaskRecord | None:
        """The newest task whose thread hangs on the message `sink.thread`, or whose status card it is.

        `workspaces`: in which the channel may be as well."""

    async def set_follow_ups(self, task_id: str, mode: FollowUps) -> None:
        """Which lines in its thread the agent is told of from now on. Raises `NotFound`."""

    async def all_in_thread(self, sink: Sink) -> Sequence[TaskRecord]:
        """All of them, the newest first."""


class Approvals(Protocol):
    """Calls that wait for people's word."""

    async def pending(self, limit: int = 200) -> list[WaitingApproval]:
        """Those of open tasks, the longest waiting first."""


class Grants(Protocol):
    """Tools that people allowed for good. They come with the events of the approvals that gave them."""

    async def of_tools(self, agent: str, tools: Collection[str]) -> list[Grant]:
        """Those that stand, of an agent's tools, the oldest first."""

    async def all(self, standing: bool = True, limit: int = 500) -> list[Grant]:
        """The newest first. `standing`: without those that were revoked or are over."""

    async def get(self, grant_id: str) -> Grant:
        """Raises `NotFound`."""

    async def revoke(self, grant_id: str, by: Principal) -> bool:
        """From now on no call is claimed by it. False: it stood no more. Raises `NotFound`."""


class IntakeLog(Protocol):
    """Commands, written down before they are acknowledged."""

    async def store(self, command: Command, held: bool = False) -> Intake:
        """Write a command down; for a `run` also its task and goal. A repeat returns the first's row.

        `held`: its author is asked first, so it is not taken up, and of a `run` there is neither task nor goal yet.

        Raises `NotFound` for an unknown task, and `Rejected` for a stop where a later reply of its channel is stored:
        ids are `{channel}:{message}` and grow with time within a channel."""

    async def lease(self, holder: str, limit: int, seconds: float) -> list[Intake]:
        """Take commands that nobody holds, oldest first, at most one per task."""

    async def finish(self, intake_id: int, refused: str = "") -> None:
        """The command was taken up, or `refused` says why it never can be; also of one whose author is asked first."""

    async def get(self, platform: str, platform_id: str) -> Intake | None: ...

    async def amend(self, command: Command) -> None:
        """The command of that platform id says this from now on, where nobody has taken it up."""


class Views(Protocol):
    """Folded threads, so that following a task costs only its new events."""

    async def load(self, task_id: str) -> ThreadView | None:
        """None where there is none, or one of another fold version."""

    async def save(self, view: ThreadView) -> None:
        """A view that is not newer than the stored one is ignored."""
