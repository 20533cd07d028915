"""What activities, and the bot, need from the world. Adapters satisfy these by shape."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from threadwork.workflows.access import Workspace
from threadwork.workflows.agents import AgentSpec, Discovery, RunConfig, Skill, ToolSpec
from threadwork.workflows.calls import Claim, Claimed, Finish, Finished, Message
from threadwork.workflows.cards import Card, ThreadView
from threadwork.workflows.events import Event, Hint
from threadwork.workflows.files import GivenFile
from threadwork.workflows.messages import BeginRunRequest, BeginRunResult, EventBatch, Input
from threadwork.workflows.model_names import ModelList
from threadwork.workflows.models import Delta, Given, ModelFacts, ModelRequest, ToolOutput
from threadwork.workflows.sinks import Bucket, ChannelKind, Delivery, Doubt, Found, Part, Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import Command, Intake, TaskFilter, TaskOrder, TaskRecord, WaitingApproval
from threadwork.workflows.values import Ledger, Principal, Standing, Usage

# --- storage -----------------------------------------------------------------------------------------


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
        """What a person wrote is changed, or taken back (None), as they did at `at`; older than the newest: ignored.

        False: it has its place in the conversation already. Raises `NotFound`."""


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


class Approvals(Protocol):
    """Calls that wait for people's word."""

    async def pending(self, limit: int = 200) -> list[WaitingApproval]:
        """Those of open tasks, the longest waiting first."""


class IntakeLog(Protocol):
    """Commands, written down before they are acknowledged."""

    async def store(self, command: Command) -> Intake:
        """Write a command down; for a `run` also its task and goal. A repeat returns the first's row.

        Raises `NotFound` for an unknown task, and `Rejected` for a stop where a later reply of its channel is stored:
        ids are `{channel}:{message}` and grow with time within a channel."""

    async def lease(self, holder: str, limit: int, seconds: float) -> list[Intake]:
        """Take commands that nobody holds, oldest first, at most one per task."""

    async def finish(self, intake_id: int, refused: str = "") -> None:
        """The command was taken up, or `refused` says why it never can be."""

    async def get(self, platform: str, platform_id: str) -> Intake | None: ...


class Views(Protocol):
    """Folded threads, so that following a task costs only its new events."""

    async def load(self, task_id: str) -> ThreadView | None:
        """None where there is none, or one of another fold version."""

    async def save(self, view: ThreadView) -> None:
        """A view that is not newer than the stored one is ignored."""


class People(Protocol):
    """Which accounts are one person's."""

    async def accounts(self, principal: Principal) -> tuple[Principal, ...]:
        """All of the person's, this one first."""

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of this account and of all that are one person's with it, or were at any time `since`."""

    async def offer(self, principal: Principal) -> str:
        """A code by which another account joins this one: once, within ten minutes. It replaces an earlier one."""

    async def join(self, principal: Principal, code: str) -> tuple[Principal, ...]:
        """Make the account, and those it is linked with, one person with the account that offered the code.

        Returns `accounts`, also where the same account joined by the same code before. Raises `Rejected`."""

    async def leave(self, principal: Principal) -> None:
        """The account is a person of its own again; the others stay together."""


# --- the world ---------------------------------------------------------------------------------------


class EventBus(Protocol):
    """Hints between processes. Anything may be lost; whoever listens reads the database too."""

    async def publish(self, hint: Hint) -> None:
        """Never raises: a hint that cannot be given is not given."""

    def listen(self, task_id: str) -> AsyncIterator[Hint]:
        """Hints of one task; the first is empty and says that the subscription stands. Ends when the bus goes away."""


class Attempts(Protocol):
    """What is known of model calls that are tried again and again."""

    async def waiting(self, task_id: str) -> str | None:
        """That the task's model is waited for, in words for people; empty: it is not. None: not known. Never raises."""


class Model(Protocol):
    async def facts(self, model: str) -> ModelFacts:
        """Raises `ModelError` for a model that cannot be used, naming the variable that is missing."""

    async def count(self, request: ModelRequest) -> int:
        """Prompt tokens of a request, estimated."""

    def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Raises `ModelUnavailable`, `ModelError` or `ContextOverflow`."""


class ToolBox(Protocol):
    async def discover(self, servers: Sequence[str] | None) -> Discovery:
        """The tools of the named servers, or of all; a server that does not answer is a problem, not an error."""

    async def changed(self, servers: Sequence[str] | None, listed: Mapping[str, str]) -> bool:
        """Whether a server is known to offer other tools than were `listed`. Starts none, and waits for none."""

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Callable[[str], None] = lambda _: None,
        task_id: str = "",
    ) -> ToolOutput:
        """`given`: it goes on with answers to what its server asked in an earlier one (`ToolOutput.asked`).
        `progress` is told how far it is, such as "40 % — indexing", as often as the server says so.
        `task_id`: whose call it is; what its server asks is for the people of no other task.

        Raises `Unsendable` for answers that its server cannot take, and `NotHeld` where it is not open here any more.
        Raises `TimeoutError`, and `ConnectionError` when no answer came that can be read: it may have run."""

    async def release(self, tool: ToolSpec, state: str) -> None:
        """Nobody will answer what the server of a call asked that is held open (`Asked.held`). Does not wait."""

    async def close(self) -> None: ...


class FileReader(Protocol):
    """Files, made fit for models."""

    async def image(self, file: GivenFile) -> GivenFile | None:
        """As every provider takes it. None: it is no image, or too large to be opened."""

    async def text(self, file: GivenFile) -> str:
        """What a PDF says. Empty: nothing, or it cannot be read."""


class Catalog(Protocol):
    """What `threadwork.yaml` says."""

    async def agent(self, name: str) -> AgentSpec:
        """`default` is also the only one where there is just one. Raises `NotFound`, naming the agents there are."""

    async def agents(self) -> list[AgentSpec]: ...

    async def models(self) -> ModelList:
        """What people may ask for instead of an agent's own."""

    async def skills(self, names: Sequence[str]) -> list[Skill]:
        """In the order asked for. Raises `NotFound`."""

    async def subscriptions(self) -> list[Subscription]:
        """Channels that are told of tasks; each keeps its id for as long as its entry stays as it is."""

    async def together(self) -> Sequence[Workspace] | None:
        """Workspaces and servers whose tasks may be told in each other's channels. None: it does not say."""


class Groups(Protocol):
    """Who belongs to what on a platform."""

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`group:…` and `role:…` names; empty for people without any.

        Raises `ChatUnavailable`, and `SinkGone` where the app may not ask."""

    async def standing(self, principal: Principal) -> Standing:
        """What the person is there now, whatever `principal.standing` says. Raises as `groups` does."""


class Directory(Protocol):
    """By what names lists of members may mean a person, beside the account's own id and key."""

    async def names(self, principal: Principal) -> tuple[str, ...]:
        """User ids and keys of the person's other accounts. No platform is asked."""

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`names`, and the `group:…` and `role:…` names of all accounts. Raises what the platforms raise."""

    async def standings(self, principal: Principal) -> tuple[str, ...]:
        """What lists call the standing of any of the accounts: `*`, `guests`, `external`. Raises likewise."""

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of all accounts of the person, of those linked at any time `since` then too."""


class Channels(Protocol):
    """Who may read what, as the platforms tell it now. Raises `ChatUnavailable` while they do not tell."""

    async def kind(self, sink: Sink) -> ChannelKind:
        """Of the channel, or of the thread in it. What the bot may not look at is `private`."""

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Whether the person, by their id on the sink's platform, belongs to the channel and may speak in it."""

    async def is_only_home(self, sink: Sink) -> bool:
        """Whether the sink's workspace or server is the only one on its platform that has the bot."""


# --- chat --------------------------------------------------------------------------------------------


class ChatAdapter(Protocol):
    """A chat platform. It translates and posts; it decides nothing and retries nothing.

    Every call may raise `SinkGone` or `ChatUnavailable`; `edit` raises `NotFound` for a message that is gone."""

    def buckets(self, sink: Sink, method: Literal["post", "edit", "delete", "find"]) -> Sequence[Bucket]:
        """The rate limits that a call counts against, the narrowest first."""

    def render(self, task_id: str, card: Card) -> list[Part]:
        """A card as one message or more, split at the platform's limits."""

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        """Post a message that carries the mark, and return its id."""

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None: ...

    async def delete(self, sink: Sink, message_id: str) -> None: ...

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Our messages in the sink since then, oldest first."""


class Leases(Protocol):
    """Who delivers to a sink."""

    async def lease(self, task_id: str, sink: str, holder: str, seconds: float) -> int | None:
        """A fencing number, growing with every holder; kept by its holder. None while somebody else holds it."""

    async def release(self, task_id: str, sink: str, fence: int) -> None:
        """Give it back, unless somebody else has it by now."""


class Delivered(Protocol):
    """What was posted where, for who only looks."""

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread; empty where it has none, and for an unknown task."""

    async def told(self, task_id: str) -> list[Sink]:
        """Subscribed channels in which there is a card of the task."""

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink of that key, by card and part."""


class Deliveries(Delivered, Protocol):
    """What was posted where. Every write names the fence of a lease that must be the newest."""

    async def intend(self, delivery: Delivery, check_at: datetime) -> bool:
        """Write the row and the doubt of the call that is about to be made. False: the fence is old."""

    async def write(self, delivery: Delivery, check_at: datetime | None = None) -> bool:
        """Record an acknowledged call: the row is written, and its own doubt is gone, or kept until `check_at`.

        False: the fence is old, somebody else has taken over; nothing was written."""


class Subscriptions(Protocol):
    """Channels that people have told of tasks, and what became of those that the file names."""

    async def all(self) -> list[Subscription]:
        """The oldest first."""

    async def put(self, subscription: Subscription) -> None:
        """One with the same id is replaced, and keeps its age."""

    async def remove(self, subscription_id: str) -> None: ...

    async def claim_notice(self, subscription_ids: Sequence[str], task_id: str) -> bool:
        """The notice that is due to these is given by the task. False: another task had it before."""


class Doubts(Protocol):
    """Calls that may have taken effect, or still may."""

    async def open(self, task_id: str, sink: str) -> list[Doubt]: ...

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Tasks and sinks with a doubt whose `check_at` has come, the most overdue first."""

    async def settle(self, doubt: Doubt, check_at: datetime | None) -> None:
        """It was looked into: `checks` + 1 and again at `check_at`, or gone for good with None."""

    async def reopen(self, task_id: str, sink: str, fence: int) -> None:
        """Have all doubts of this fence looked into at once, whoever holds the lease now."""


class Rates(Protocol):
    """Tokens for platform calls, shared by all processes."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """Take one token of each bucket, or of none. Returns 0, or the seconds until it is worth asking again.

        What is not `urgent` leaves a quarter of the burst for what is."""

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """The platform said 429: nobody gets a token of this bucket for so long, urgent or not."""
