"""The shape of `threadwork.yaml`: every key it may have, and what each must look like.

Where the core's own values fit they are used; what differs is how people write lengths of time and user ids."""

from typing import Annotated, Literal

from pydantic import Field

from adapters.catalog.duration import Duration
from adapters.catalog.kinds import (
    Address,
    Channel,
    Cron,
    DelegateName,
    Dollars,
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
from adapters.catalog.model_shape import ModelShape
from workflows.agents import Access, ApprovalPolicy, BudgetSpec, ToolPolicy
from workflows.subscriptions import USUAL, Kind
from workflows.values import Value


class ToolsShape(ToolPolicy):
    allow: tuple[Pattern, ...] = ()
    ask: tuple[Pattern, ...] = ()
    deny: tuple[Pattern, ...] = ()


class BudgetShape(BudgetSpec):
    usd: Dollars | None = 1.0
    timeout: Duration = 7_200


class ApprovalsShape(ApprovalPolicy):
    approvers: Annotated[tuple[Member, ...], Field(min_length=1)] = ("*",)
    quorum: int = Field(1, ge=1, le=100)  # also where "*" or a group may approve: so many never come together
    expire: Duration = 86_400


class AgentAccessShape(Access):
    run: tuple[Member, ...] = ("*",)
    control: tuple[Member, ...] = ("*",)
    budget: tuple[Member, ...] = ("*",)


class AgentShape(Value):
    description: str = ""
    model: Model | None = None  # one under `models:`, or any LiteLLM name; None: THREADWORK_MODEL
    fallback_models: tuple[Model, ...] = ()
    instructions: str = ""
    skills: tuple[str, ...] = ()
    servers: tuple[str, ...] | None = None
    tools: ToolsShape = ToolsShape()
    budget: BudgetShape = BudgetShape()
    approvals: ApprovalsShape = ApprovalsShape()
    access: AgentAccessShape = AgentAccessShape()
    delegates: tuple[DelegateName, ...] = ()  # agents it may give work to
    verbosity: Literal["quiet", "normal", "verbose"] = "normal"
    model_timeout: Duration = 120
    tool_timeout: Duration = 60
    max_output_tokens: int = Field(16_384, gt=0, le=10**12)
    reasoning: Reasoning | None = None


class AuthShape(Value):
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None
    issuer: Url | None = None


class ServerShape(Value):
    command: Annotated[str, matching(r"(?s).*\S.*", "must be the program to start")] | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    url: Url | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    auth: AuthShape | None = None
    trust_annotations: bool = False
    timeout: Duration | None = None
    type: Literal["stdio", "http", "streamable-http", "streamableHttp", "sse"] | None = None
    disabled: bool = False
    autoApprove: tuple[str, ...] = ()  # other programs write these two. Nothing is approved by them: see `tools:`
    alwaysAllow: tuple[str, ...] = ()


class NotifyRule(Value):
    """A channel that is told about events of tasks, wherever they were started."""

    to: Address  # "platform:[workspace/]channel[#thread]"
    on: Annotated[tuple[Kind, ...], Field(min_length=1)] = USUAL
    agents: tuple[str, ...] = ("*",)
    requesters: Annotated[tuple[Person, ...], Field(min_length=1)] = ("*",)
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("*",)  # that the tasks live in


class TriggerRule(Value):
    """What starts tasks by itself: exactly one of schedule, webhook, reaction, keyword."""

    schedule: Cron | None = None
    timezone: str = "UTC"
    webhook: Secret | None = None
    reaction: str | None = None  # name of an emoji, without colons
    keyword: str | None = None
    goal: Annotated[str, matching(r"(?s).*\S.*", "must say what the agent is to do")]
    agent: str = "default"
    to: Target | None = None  # where the thread opens; None: where the reaction or keyword was
    budget_usd: Dollars | None = None


class ChannelRule(Value):
    """What is allowed in one channel."""

    agents: tuple[str, ...] = ("*",)
    run: tuple[Member, ...] = ("*",)


class Limits(Value):
    """US dollars; None: no limit."""

    task: Dollars | None = None
    person_per_day: Dollars | None = None
    channel_per_day: Dollars | None = None


class AccessRules(Value):
    """Who may do what. Lists of members hold for every agent that does not set its own."""

    run: tuple[Member, ...] = ("*",)
    control: tuple[Member, ...] = ("*",)
    budget: tuple[Member, ...] = ("*",)
    approve: tuple[Member, ...] = ("*",)
    models: tuple[ModelPattern, ...] = ()  # what people may ask for, beside the agents' own and those under `models:`
    channels: dict[str, ChannelRule] = Field(default_factory=dict)  # by channel id
    limits: Limits = Limits()
    together: tuple[Home, ...] | None = None  # whose tasks may be told in each other's channels


class CatalogShape(Value):
    """The whole file."""

    agents: dict[Name, AgentShape] = Field(default_factory=dict)
    models: dict[ModelEntry, ModelShape] = Field(default_factory=dict)
    mcpServers: dict[ServerName, ServerShape] = Field(default_factory=dict)
    mcpServersFrom: tuple[str, ...] = ()  # files of other programs that declare more of them, such as .mcp.json
    access: AccessRules = AccessRules()
    notify: tuple[NotifyRule, ...] = ()
    triggers: dict[Name, TriggerRule] = Field(default_factory=dict)
    skills: str | None = None  # folder of skills, seen from the file; None: skills/ if it is there
