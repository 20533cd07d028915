"""What a model is asked and what it says, whoever makes it."""

from math import ceil
from typing import Any, Literal

from pydantic import Field

from threadwork.workflows.files import GivenFile, LeftOut
from threadwork.workflows.values import NANOS, Usage, Value

A_MILLIONTH = NANOS / 1_000_000  # nano-dollars per token of a dollar per million tokens
ANSWER = 2_000_000  # characters of one answer, arguments included: no cap on tokens lets through as much
TOKENS = 100_000_000  # of one call: far above every window, so that more is a mistake and no usage
PRICE = 1_000_000 * NANOS  # nano-dollars of one call, likewise
ERROR = 1.25  # how far a prompt may be longer than it was estimated
KEPT_KEY = "kept"  # key of an assistant's stored message: {"model", "fields", "calls": {our id: {"id", **fields}}}


class PriceTier(Value):
    """What a token costs where the prompt is longer than `above`."""

    above: int  # tokens of the prompt
    prompt_nanos: float
    completion_nanos: float


class ModelFacts(Value):
    """What must be known of a model before it is called."""

    name: str
    context_window: int = 128_000  # tokens of prompt and answer together
    max_output: int = 8_192  # tokens of one answer
    prompt_nanos: float | None = None  # nano-dollars per prompt token; None: the price is not known
    completion_nanos: float | None = None  # nano-dollars per answer token
    cached_nanos: float | None = None  # nano-dollars per prompt token that was cached; None: as any other
    written_nanos: float | None = None  # nano-dollars per prompt token that goes into the cache; None: as any other
    tiers: tuple[PriceTier, ...] = ()  # dearer (or other) prices of longer prompts
    vision: bool = False  # it sees images
    pdf: bool = False  # it reads PDFs as they are

    @property
    def priced(self) -> bool:
        return self.prompt_nanos is not None and self.completion_nanos is not None

    @property
    def cached_share(self) -> float:
        """What a cached token costs, as a share of what one costs that is not; 1 where that is not known."""
        if not self.prompt_nanos or self.cached_nanos is None:
            return 1
        return min(self.cached_nanos / self.prompt_nanos, 1)

    def cost(self, prompt: int, completion: int) -> int:
        """Nano-dollars for so many tokens, rounded up; 0 where the price is not known."""
        prices = [(self.prompt_nanos or 0, self.completion_nanos or 0)]
        prices += [(tier.prompt_nanos, tier.completion_nanos) for tier in self.tiers if prompt > tier.above]
        return ceil(prompt * prices[-1][0] + completion * prices[-1][1])

    def bound(self, prompt: int) -> tuple[float, float]:
        """Nano-dollars per token of prompt and answer that such a call does not exceed. `prompt` is an estimate."""
        near = [tier for tier in self.tiers if prompt * ERROR > tier.above]
        dearest = max([self.prompt_nanos or 0, *(tier.prompt_nanos for tier in near)])
        written = (self.written_nanos or 0) / self.prompt_nanos if self.prompt_nanos else 1
        return dearest * max(written, 1), max([self.completion_nanos or 0, *(tier.completion_nanos for tier in near)])


Reasoning = Literal["off", "low", "medium", "high"]


class ModelRequest(Value):
    """Messages are in the OpenAI chat form, their calls under ids of ours. One of the assistant's may hold `KEPT`,
    which nobody but the adapter that wrote it reads, and no provider ever sees as it stands."""

    model: str
    messages: tuple[dict[str, Any], ...]
    tools: tuple[dict[str, Any], ...] = ()  # in the OpenAI function form
    max_output: int
    timeout: float  # seconds without a sign of life
    reasoning: Reasoning | None = None  # how long to think; None: as the model does by itself


class RequestedCall(Value):
    """A tool call as the model wrote it."""

    id: str  # the provider's: may be empty, and may come twice
    name: str
    arguments: str  # JSON, as far as the model kept to it
    kept: dict[str, Any] = Field(default_factory=dict)  # the provider's own fields beside it, such as a signature


Finish = Literal["stop", "tool_calls", "length", "content_filter", "refusal"]


class Delta(Value):
    """A piece of an answer. The last one carries `finish`, the usage and, where known, the cost."""

    text: str = ""
    thinking: str = ""  # a piece of what the model thought: no part of the answer
    calls: tuple[RequestedCall, ...] = ()  # whole calls, in the last delta only
    finish: Finish | None = None
    kept: dict[str, Any] = Field(default_factory=dict)  # last delta: the provider's own fields of the message
    taken_back: bool = False  # all text before this was a thought, and no part of the answer
    usage: Usage | None = None
    cost_nanos: int | None = None


class Asked(Value):
    """What a tool server wants to know before it goes on with a call."""

    state: str | None = None  # the server's own, to be given back as it is
    requests: dict[str, dict[str, Any]] = Field(default_factory=dict)  # parameters of elicitations, by its keys
    held: bool = False  # the call stays open meanwhile, in this process; `state` says which
    over: bool = False  # it has ended, and is made once more when people have done what they are asked


class Given(Value):
    """What people answered, for the same call to go on."""

    state: str | None = None
    answers: dict[str, dict[str, Any]] = Field(default_factory=dict)  # ElicitResult by the server's keys
    held: bool = False  # as it was asked


class ToolOutput(Value):
    """What a tool gave back; with `asked`, the tool waits for people and gave nothing yet."""

    text: str
    is_error: bool = False
    files: tuple[GivenFile, ...] = ()  # at most `files.MAX_FILES`, each of `files.limit` bytes
    left_out: tuple[LeftOut, ...] = ()  # others, which are named alone
    asked: Asked | None = None  # instead of an output


class Price(Value):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(None, ge=0)  # None: as `input`

    def nanos(self, usage: Usage) -> int:
        """Nano-dollars, rounded up."""
        cached = min(usage.cached, usage.prompt)
        again = self.input if self.cached_input is None else self.cached_input
        dollars = (usage.prompt - cached) * self.input + cached * again + usage.completion * self.output
        return ceil(round(dollars * A_MILLIONTH, 3))  # rounded first: 0.15 is not exact


class ModelSpec(Value):
    """A model as `threadwork.yaml` describes it, before any `${VAR}` is filled in. None: as the provider has it."""

    model: str  # LiteLLM's name, provider included
    base_url: str | None = None
    api_key: str | None = None
    context_window: int | None = None  # tokens of prompt and answer together
    max_output: int | None = None  # tokens of one answer
    price: Price | None = None
    params: dict[str, Any] = Field(default_factory=dict)  # of every call, such as temperature
    reasoning: Reasoning | None = None  # how long to think, where the agent does not say
    vision: bool | None = None  # whether it sees pictures
