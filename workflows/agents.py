"""What an agent is allowed and told: its definition, its tools and the policy over them."""

import re
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import Field

from threadwork.workflows.event_types import Effect
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.platform_registry import PLATFORMS
from threadwork.workflows.tool_names import alike, meant
from threadwork.workflows.values import NANOS, Value, Verbosity

YEAR = 366 * 86_400  # seconds


class ToolSpec(Value):
    """A tool as one of the servers describes it."""

    name: str  # "server.tool"
    title: str = ""  # what people call it, by the word of a server that is trusted
    description: str = ""
    input_schema: dict[str, Any] = Field(default_factory=dict)  # JSON Schema of the arguments
    read_only: bool = False
    idempotent: bool = False
    destructive: bool = True  # MCP's own default for a tool that is not read-only
    trusted: bool = False  # annotations of a server that is not trusted count for nothing
    offered: str = ""  # the name that the model sees; empty: recorded before there were such

    @property
    def builtin(self) -> bool:
        """Ours, such as `read_output`: no server, no policy."""
        return "." not in self.name

    @property
    def safe(self) -> bool:
        """Known to change nothing: may run side by side with others, and unasked."""
        return self.trusted and self.read_only

    @property
    def repeatable(self) -> bool:
        """May be tried again when its outcome is unknown."""
        return self.trusted and (self.read_only or self.idempotent)

    def worse_than(self, before: "ToolSpec") -> bool:
        """Whether a call may do more than whoever let it run knew of."""
        return (
            (before.safe and not self.safe)
            or (before.repeatable and not self.repeatable)
            or (before.effect != "destructive" and self.effect == "destructive")
        )

    @property
    def effect(self) -> Effect:
        if self.safe:
            return "read_only"
        return "destructive" if self.destructive or not self.trusted else "changes"

    @property
    def offered_name(self) -> str:
        """The name the model sees; providers allow no dots."""
        return self.offered or self.name.replace(".", "__", 1)


class Verdict(StrEnum):
    """What a policy says of a tool's call: run it, ask people first, or never run it."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class ToolPolicy(Value):
    """Patterns over `server.tool`, `*` standing for anything."""

    allow: tuple[str, ...] = ()  # run unasked
    ask: tuple[str, ...] = ()  # run once people approved
    deny: tuple[str, ...] = ()  # never run

    def verdict(self, tool: ToolSpec) -> Verdict:
        """The most specific matching pattern wins, the stricter of two equals; unlisted: ask unless safe."""
        matches = [
            (len(pattern.replace("*", "")), strictness, verdict)
            for strictness, (verdict, patterns) in enumerate(
                ((Verdict.ALLOW, self.allow), (Verdict.ASK, self.ask), (Verdict.DENY, self.deny))
            )
            for pattern in patterns
            if fnmatchcase(tool.name, pattern)
        ]
        if matches:
            return max(matches)[2]
        return Verdict.ALLOW if tool.safe else Verdict.ASK


class BudgetSpec(Value):
    """The bounds of a run. None: no bound of that kind."""

    usd: float | None = Field(1.0, ge=0, le=1_000_000)  # US dollars
    tokens: int | None = Field(200_000, ge=0, le=10**12)  # of prompts and answers
    iterations: int = Field(50, ge=1, le=1_000_000)  # model calls, each with what follows from it
    timeout: float = Field(7_200, gt=0, le=YEAR)  # seconds of work; waiting for people does not count
    on_exceeded: Literal["ask", "stop"] = "ask"  # ask people for more, or end

    @property
    def nanos(self) -> int | None:
        """The limit in nano-dollars; None: there is none."""
        return None if self.usd is None else round(self.usd * NANOS)


class Escalation(Value):
    """Whom an approval is brought to that nobody decides."""

    after: float | None = Field(None, gt=0, le=YEAR)  # seconds; None: once its time is over, by on_expiry: escalate
    to: tuple[str, ...] = ()  # members, who may decide from then on; and channels, as platform:[workspace/]channel

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(one for one in self.to if not _CHANNEL.fullmatch(one))

    @property
    def channels(self) -> tuple[str, ...]:
        """Addresses, which are told."""
        return tuple(one for one in self.to if _CHANNEL.fullmatch(one))


_CHANNEL = re.compile(rf"(?:{'|'.join(row.name for row in PLATFORMS)}):[^:\s]+")  # a person's key has two colons


class ApprovalPolicy(Value):
    """Who decides on a tool call that must be asked for."""

    approvers: tuple[str, ...] = ("*",)  # user ids, "platform:workspace:user" keys, "group:…", "role:…" or "*"
    quorum: int = Field(1, ge=1)  # different people who must approve; one denial is enough
    four_eyes: bool = False  # the requester may not approve
    expire: float | None = Field(86_400, gt=0, le=YEAR)  # seconds until silence is an answer; or never
    on_expiry: Literal["deny", "stop", "escalate"] = "deny"  # then: no; end the task; ask others once more
    escalate: Escalation | None = None  # who else is asked where nobody decides
    never_always: tuple[str, ...] = ()  # tools nobody allows for good: patterns, or "destructive"
    show: Literal["channel", "private"] = "channel"  # private: arguments are for those alone who may decide


class Access(Value):
    """Who may do what to tasks of this agent; members are written as in `ApprovalPolicy.approvers`."""

    run: tuple[str, ...] = ("*",)  # start tasks and reply to them
    control: tuple[str, ...] = ("*",)  # pause, resume, stop
    budget: tuple[str, ...] = ("*",)  # raise budgets
    grant: tuple[str, ...] | None = None  # allow tools for good; None: who approves


class AgentSpec(Value):
    """One agent of `threadwork.yaml`."""

    name: str
    description: str = ""
    model: str  # a name under `models:`, any LiteLLM name, or demo/scripted
    fallback_models: tuple[str, ...] = ()  # tried in turn after a final error
    instructions: str = ""
    skills: tuple[str, ...] = ()
    servers: tuple[str, ...] | None = None  # None: every configured one
    tools: ToolPolicy = ToolPolicy()
    budget: BudgetSpec = BudgetSpec()
    approvals: ApprovalPolicy = ApprovalPolicy()
    access: Access = Access()
    delegates: tuple[str, ...] = ()  # agents it may give work to, "*" for every other
    verbosity: Verbosity = "normal"  # of its tasks' threads
    follow_ups: FollowUps = "all"  # which lines in the threads of its tasks it is told of
    model_timeout: float = Field(120, gt=0)  # seconds without a sign of life from the model
    tool_timeout: float = Field(60, gt=0)  # seconds one tool call may take
    max_output_tokens: int = Field(16_384, gt=0)  # cap of one answer
    reasoning: Literal["off", "low", "medium", "high"] | None = None  # how long its model thinks; None: as it does


def models_of(agents: Iterable[AgentSpec]) -> tuple[str, ...]:
    """Each model once, fallbacks too, in the order of the agents."""
    return tuple(dict.fromkeys(name for agent in agents for name in (agent.model, *agent.fallback_models)))


class ChannelSpec(Value):
    """What is different in one channel."""

    agent: str = ""  # whom a task is given to that names none; empty: the default agent
    instructions: str = ""  # told to agents beside their own
    follow_ups: FollowUps | None = None  # None: as the agent says


class Skill(Value):
    """A folder with a SKILL.md: shown by name and description, read on demand."""

    name: str
    description: str
    instructions: str


class Colleague(Value):
    """An agent that may be given work."""

    name: str
    description: str = ""


class RunConfig(Value):
    """The snapshot a run works with, stored under the hash of its content."""

    agent: AgentSpec
    tools: tuple[ToolSpec, ...] = ()
    skills: tuple[Skill, ...] = ()
    system_prompt: str
    colleagues: tuple[Colleague, ...] = ()
    problems: tuple[str, ...] = ()
    findable: tuple[str, ...] = ()  # `server.tool` of those that are not offered with every call: there are too many
    listed: dict[str, str] = Field(default_factory=dict)  # server: digest of its list of tools

    def tool(self, called: str) -> ToolSpec | None:
        """By the name that the model was given, or one that can mean no other tool."""
        for names in (
            {tool.offered_name: tool for tool in reversed(self.tools)},
            {tool.name: tool for tool in reversed(self.tools)},
        ):
            if name := meant(called, names):
                return names[name]
        close = [tool for tool in self.tools if alike(called) in (alike(tool.offered_name), alike(tool.name))]
        return close[0] if len(close) == 1 and alike(called) else None


class Discovery(Value):
    """What the tool servers offer, and what is wrong with those that do not answer."""

    tools: tuple[ToolSpec, ...] = ()
    problems: tuple[str, ...] = ()
    instructions: dict[str, str] = Field(default_factory=dict)  # what a server says of how its tools are used
    listed: dict[str, str] = Field(default_factory=dict)  # server: digest of its list of tools
