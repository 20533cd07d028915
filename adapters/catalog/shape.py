"""The shape of `threadwork.yaml`: every key it may have, and what each must look like.

Where the core's own values fit they are used; what differs is how people write lengths of time and user ids."""

from typing import Annotated, Literal

from pydantic import Field

from threadwork.adapters.catalog.duration import Duration, Expiry
from threadwork.adapters.catalog.kinds import (
    Address,
    Channel,
    Cron,
    DelegateName,
    Dollars,
    Excepted,
    Home,
    Member,
    Model,
    ModelEntry,
    ModelPattern,
    Name,
    Pattern,
    Person,
    Reasoning,
    Secret,
    ServerName,
    Target,
    Url,
    matching,
)
from threadwork.adapters.catalog.model_shape import ModelShape
from threadwork.workflows.agents import Access, ApprovalPolicy, BudgetSpec, Escalation, ToolPolicy
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.subscriptions import USUAL, Kind
from threadwork.workflows.values import Value, Verbosity


class ToolsShape(ToolPolicy):
    """`tools:` of an agent: patterns over `server.tool`, `*` standing for anything."""

    allow: tuple[Pattern, ...] = ()
    ask: tuple[Pattern, ...] = ()
    deny: tuple[Pattern, ...] = ()


class BudgetShape(BudgetSpec):
    """`budget:` of an agent; the timeout is seconds of work."""

    usd: Dollars | None = 1.0
    timeout: Duration = 7_200


class EscalateShape(Escalation):
    """`escalate:` of approvals: who is asked too where nobody decides."""

    after: Duration | None = None
    to: Annotated[tuple[Member, ...], Field(min_length=1)]


class ApprovalsShape(ApprovalPolicy):
    """`approvals:` of an agent: who approves, how many, for how long."""

    approvers: Annotated[tuple[Member, ...], Field(min_length=1)] = ("*",)
    quorum: int = Field(1, ge=1, le=100)  # also where "*" or a group may approve: so many never come together
    expire: Expiry = 86_400
    escalate: EscalateShape | None = None
    never_always: tuple[Excepted, ...] = ()


class AgentAccessShape(Access):
    """`access:` of an agent: who may start, control and fund its tasks."""

    run: tuple[Member, ...] = ("*",)
    control: tuple[Member, ...] = ("*",)
    budget: tuple[Member, ...] = ("*",)
    grant: tuple[Member, ...] | None = None


class AgentShape(Value):
    """An entry under `agents:`."""

    description: str = ""  # what people and other agents read of it
    model: Model | None = None  # one under `models:`, or any LiteLLM name; None: THREADWORK_MODEL
    fallback_models: tuple[Model, ...] = ()  # asked in turn where the model cannot be
    instructions: str = ""  # what it is told before everything else
    skills: tuple[str, ...] = ()  # names of folders in the folder of skills
    servers: tuple[str, ...] | None = None  # tool servers it may use; None: all
    tools: ToolsShape = ToolsShape()  # which tools run unasked, asked for, or never
    budget: BudgetShape = BudgetShape()  # the bounds of a run
    approvals: ApprovalsShape = ApprovalsShape()  # who decides on calls that are asked for
    access: AgentAccessShape = AgentAccessShape()  # who may do what to its tasks
    delegates: tuple[DelegateName, ...] = ()  # agents it may give work to
    verbosity: Verbosity = "normal"  # quiet: no notices, no files; verbose: tokens, log and links on the head
    follow_ups: FollowUps = "all"  # which lines of a task's thread it reads: mentions: those that name the bot
    model_timeout: Duration = 120  # without a sign of life from the model
    tool_timeout: Duration = 60  # that one tool call may take
    max_output_tokens: int = Field(16_384, gt=0, le=10**12)  # of one answer, thoughts counted
    reasoning: Reasoning | None = None  # how long it thinks; None: as its model does by itself


class AuthShape(Value):
    """`auth:` of a server under OAuth."""

    client_id: str | None = None  # of an app that is known there; None: one is registered
    client_secret: str | None = None  # may hold ${VAR}; goes with a client_id
    scope: str | None = None  # what is asked for; None: what the server says
    issuer: Url | None = None  # who logs people in; None: as the server says


class ServerShape(Value):
    """An entry under `mcpServers:`: a program to start, or an address to call."""

    command: Annotated[str, matching(r"(?s).*\S.*", "must be the program to start")] | None = None  # to start here
    args: tuple[str, ...] = ()  # of the program; may hold ${VAR}
    env: dict[str, str] = Field(default_factory=dict)  # variables of the program; may hold ${VAR}
    cwd: str | None = None  # its folder, seen from the file
    url: Url | None = None  # a server to call over HTTP; may hold ${VAR}
    headers: dict[str, str] = Field(default_factory=dict)  # of each call; may hold ${VAR}
    auth: AuthShape | None = None  # a login by OAuth, for `threadwork mcp login`
    trust_annotations: bool = False  # believe what it says of its tools: read-only, idempotent, destructive
    timeout: Duration | None = None  # of one call; None: the agent's `tool_timeout`
    type: Literal["stdio", "http", "streamable-http", "streamableHttp", "sse"] | None = None  # as others write it
    disabled: bool = False  # it is left out
    autoApprove: tuple[str, ...] = ()  # other programs write these two. Nothing is approved by them: see `tools:`
    alwaysAllow: tuple[str, ...] = ()  # likewise


class NotifyRule(Value):
    """A channel that is told about events of tasks, wherever they were started."""

    to: Address  # the channel, as platform:[workspace/]channel[#thread]
    on: Annotated[tuple[Kind, ...], Field(min_length=1)] = USUAL  # what it is told of
    agents: tuple[str, ...] = ("*",)  # names, or patterns with *
    requesters: Annotated[tuple[Person, ...], Field(min_length=1)] = ("*",)  # user ids; * for all
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("*",)  # that the tasks live in; * for all


class TriggerRule(Value):
    """What starts tasks by itself: exactly one of schedule, webhook, reaction, keyword."""

    schedule: Cron | None = None  # five fields, such as "0 9 * * 1-5"
    timezone: str = "UTC"  # in which the schedule is meant
    webhook: Secret | None = None  # the secret that signs it
    reaction: str | None = None  # name of an emoji, without colons
    keyword: str | None = None  # a word in a message
    goal: Annotated[str, matching(r"(?s).*\S.*", "must say what the agent is to do")]  # what to do
    agent: str = "default"  # who does it
    to: Target | None = None  # where the thread opens; None: where the reaction or keyword was
    budget_usd: Dollars | None = None  # US dollars; None: the agent's own


class ChannelRule(Value):
    """What is different in one channel."""

    agents: tuple[str, ...] = ("*",)  # that may be asked there
    run: tuple[Member, ...] = ("*",)  # who may ask there
    agent: str = ""  # whom a task is given to that names none
    instructions: str = ""  # told to agents there beside their own
    follow_ups: FollowUps | None = None  # which lines they read there; None: as the agent says

    @property
    def restricts(self) -> bool:
        """Whether it says what may not be asked there, on which nothing acts so far."""
        return (self.agents, self.run) != (("*",), ("*",))


class Limits(Value):
    """US dollars; None: no limit."""

    task: Dollars | None = None  # of one task
    person_per_day: Dollars | None = None  # of one person in a day
    channel_per_day: Dollars | None = None  # of one channel in a day


class AccessRules(Value):
    """Who may do what. Lists of members hold for every agent that does not set its own."""

    run: tuple[Member, ...] = ("*",)  # start tasks and reply to them
    control: tuple[Member, ...] = ("*",)  # pause, resume, stop
    budget: tuple[Member, ...] = ("*",)  # raise budgets
    grant: tuple[Member, ...] | None = None  # allow tools for good; None: who decides on them
    approve: tuple[Member, ...] = ("*",)  # decide on tool calls
    models: tuple[ModelPattern, ...] = ()  # what people may ask for, beside the agents' own and those under `models:`
    channels: dict[str, ChannelRule] = Field(default_factory=dict)  # by channel id
    limits: Limits = Limits()  # on what is spent
    together: tuple[Home, ...] | None = None  # whose tasks may be told in each other's channels


class CatalogShape(Value):
    """The whole file."""

    agents: dict[Name, AgentShape] = Field(default_factory=dict)  # by name; an only one is also `default`
    models: dict[ModelEntry, ModelShape] = Field(default_factory=dict)  # by name: what agents and people may ask for
    mcpServers: dict[ServerName, ServerShape] = Field(default_factory=dict)  # tool servers by name
    mcpServersFrom: tuple[str, ...] = ()  # files of other programs that declare more of them, such as .mcp.json
    access: AccessRules = AccessRules()  # who may do what
    notify: tuple[NotifyRule, ...] = ()  # channels that are told of tasks elsewhere
    triggers: dict[Name, TriggerRule] = Field(default_factory=dict)  # what starts tasks by itself, by name
    skills: str | None = None  # folder of skills, seen from the file; None: skills/ if it is there
