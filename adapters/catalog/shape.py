"""The shape of `threadwork.yaml`: every key it may have, and what each must look like.

Where the core's own values fit they are used; what differs is how people write lengths of time and user ids."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from adapters.catalog.cron import SYNTAX as SCHEDULE
from adapters.catalog.cron import schedule_fault
from adapters.catalog.duration import Duration
from adapters.catalog.providers import PROVIDERS
from workflows.agents import Access, ApprovalPolicy, BudgetSpec, ToolPolicy
from workflows.model_names import misnamed, mispatterned
from workflows.models import Price
from workflows.subscriptions import USUAL, Kind
from workflows.values import Value


def _matching(pattern: str, sentence: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


def _sound(wrong: Callable[[str], str], empty: str) -> AfterValidator:
    """`wrong`: says why a text will not do, or nothing. `empty`: the same of none."""

    def check(text: str) -> str:
        if why := wrong(text) if text else empty:
            raise ValueError(why)
        return text

    return AfterValidator(check)


def _id(value: Any) -> Any:
    """Discord's ids are numbers to YAML; to everyone else they are names."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Member = Annotated[str, BeforeValidator(_id), _matching(r"\S+", "must be a user id, group:…, role:… or *")]
Person = Annotated[str, BeforeValidator(_id), _matching(r"(?!group:|role:)\S+", "must be a user id or *")]
Channel = Annotated[str, BeforeValidator(_id), _matching(r"[^\s:]+", "must be a channel's id or *")]
Pattern = Annotated[
    str,
    _matching(
        r"\*|[\w*-]+\.[\w*./:-]+",
        'is not a pattern: write "server.tool", with * for anything, such as "notes.read_*"',
    ),
]
Name = Annotated[str, _matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "must be made of letters, digits, - and _")]
DelegateName = Annotated[str, _matching(r"\*|[A-Za-z0-9][A-Za-z0-9_-]*", "must be the name of an agent, or *")]
ServerName = Annotated[Name, _matching(r"(?!.*__).*", 'must not contain "__", which separates server and tool')]
Home = Annotated[
    str,
    _matching(
        r"slack:[A-Z0-9]+|discord:\d+",
        'must be a workspace or a server, such as "slack:T0123456789" or "discord:123456789012345678"',
    ),
]
Target = Annotated[
    str,
    _matching(r"(slack|discord|console):\S+", 'must be a platform and a channel, such as "slack:C0123456789"'),
]
Cron = Annotated[str, _sound(schedule_fault, SCHEDULE)]
Secret = Annotated[str, _matching(r"\S+", "must be the secret that signs it, such as ${DEPLOY_SECRET}")]
Model = Annotated[str, _sound(misnamed, "must be the name of a model")]
ModelPattern = Annotated[str, _sound(mispatterned, "must be the name of a model, or of several with *")]
ModelEntry = Annotated[
    str,
    _matching(r"[a-z0-9][a-z0-9_.-]*", "must be made of small letters, digits, . - and _"),
    _matching(rf"(?!({'|'.join(PROVIDERS)})$).*", "is the name of a provider; choose another name for the entry"),
]
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Address = Annotated[
    str,
    _matching(
        r"(slack|discord):([\w-]+/)?[\w-]+(#[\w.-]+)?",
        'must be a platform and a channel, such as "slack:C0123456789" (a thread in it: "slack:C0123456789#1700.1")',
    ),
]


def _url(text: str) -> str:
    """Variables are filled in by the worker; here each stands for something that fits anywhere."""
    try:
        parts = urlsplit(re.sub(r"\$\{[^}]*\}", "1", text))
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("must be a URL with a host, such as https://mcp.example.com/mcp")
    return text


Url = Annotated[str, _matching(r"https?://\S+", "must begin with http:// or https://"), AfterValidator(_url)]


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
    max_output_tokens: int = Field(8_192, gt=0, le=10**12)


class ServerShape(Value):
    command: Annotated[str, _matching(r"(?s).*\S.*", "must be the program to start")] | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    url: Url | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    trust_annotations: bool = False
    timeout: Duration = 60
    type: Literal["stdio", "http", "streamable-http"] | None = None  # other programs write it; it says nothing new


class PriceShape(Price):
    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None


class ParamsShape(Value):
    """What is said in every call of a model. None: nothing."""

    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None
    seed: int | None = None
    reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None


class ModelShape(Value):
    """A model under a name of its own, which agents and people may use."""

    model: Model
    base_url: Url | None = None  # None: where the provider is
    api_key: Annotated[str, _matching(r"\S+", "must be a key, such as ${LOCAL_KEY}")] | None = None
    context_window: int | None = Field(None, ge=1_024, le=10**9)
    max_output: int | None = Field(None, ge=1, le=10**9)
    price: PriceShape | None = None
    params: ParamsShape = ParamsShape()


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
    goal: Annotated[str, _matching(r"(?s).*\S.*", "must say what the agent is to do")]
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
    access: AccessRules = AccessRules()
    notify: tuple[NotifyRule, ...] = ()
    triggers: dict[Name, TriggerRule] = Field(default_factory=dict)
    skills: str | None = None  # folder of skills, seen from the file; None: skills/ if it is there
