"""The shape of an entry under `models:`: what it is, where it is, what it costs, and what is said in every call."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from threadwork.adapters.catalog.kinds import Dollars, Model, Reasoning, Url, matching
from threadwork.workflows.models import Price
from threadwork.workflows.values import Value

MAX_PRICE, MIN_PRICE = 1_000.0, 0.001  # dollars per million tokens: what is beyond was meant otherwise
TOKENS = 1_000_000  # a price is said for so many
RESERVED = frozenset({"model", "messages", "stream", "tools", "max_tokens"})  # of a request: not for a file to say


def _likely(price: float) -> float:
    """People know prices per token and per million tokens. Raises ValueError with both readings."""
    if price > MAX_PRICE:
        told = f"if you meant dollars per billion tokens, write {_number(price / 1_000)}"
    elif 0 < price < MIN_PRICE:
        told = f"if you meant dollars per token, write {_number(price * TOKENS)}"
    else:
        return price
    each = _number(price / TOKENS)
    raise ValueError(f"{_number(price)} dollars per million tokens would be {each} dollars per token; {told}")


def _number(value: float) -> str:
    """`0.0000025`, never `2.5e-06`"""
    return format(Decimal(f"{value:.10g}"), ",f")


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _free(body: dict[str, Any]) -> dict[str, Any]:
    if taken := sorted(RESERVED & body.keys()):
        raise ValueError(f"must not set {', '.join(taken)}: every call sets them itself")
    return body


PerMillion = Annotated[Dollars, AfterValidator(_likely)]
_WRITTEN = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}  # for editors
Words = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1), WithJsonSchema(_WRITTEN)]
Header = Annotated[str, matching(r"[!-~]+( [!-~]+)*", "must be made of printable ASCII characters")]


class PriceShape(Price):
    input: PerMillion  # of the prompt
    output: PerMillion  # of the answer
    cached_input: PerMillion | None = None


class ParamsShape(Value):
    """What is said in every call of a model. None: nothing."""

    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None  # see its provider
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None  # see its provider
    top_k: int | None = Field(None, ge=0, le=10**6)  # see its provider
    min_p: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None  # see its provider
    stop: Words | None = None  # words that end an answer
    seed: int | None = None  # for answers that can be had again
    num_ctx: int | None = Field(None, ge=512, le=10**9)  # Ollama: tokens of the window it makes room for
    presence_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None  # see its provider
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None  # see its provider
    repeat_penalty: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None  # see its provider
    reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None  # as OpenAI says it; see `reasoning`
    parallel_tool_calls: bool | None = None  # several calls in one answer
    service_tier: str | None = None  # see its provider
    keep_alive: str | None = None  # Ollama: how long it keeps the model, such as 30m
    api_version: str | None = None  # of Azure
    extra_headers: dict[str, Header] | None = None  # may hold ${VAR}
    extra_body: Annotated[dict[str, Any], AfterValidator(_free)] | None = None  # fields of the request as they stand


class ModelShape(Value):
    """A model under a name of its own, which agents and people may use."""

    model: Model  # LiteLLM's name, provider included
    base_url: Url | None = None  # None: where the provider is
    api_key: Annotated[str, matching(r"\S+", "must be a key, such as ${LOCAL_KEY}")] | None = None  # None: by variable
    context_window: int | None = Field(None, ge=1_024, le=10**9)  # tokens; None: as known, asked or learnt
    max_output: int | None = Field(None, ge=1, le=10**9)  # tokens of one answer
    price: PriceShape | None = None  # US dollars per million tokens; None: as it is known
    params: ParamsShape = ParamsShape()  # said in every call
    reasoning: Reasoning | None = None  # how long it thinks; None: as it does by itself
    vision: bool | None = None  # whether it sees pictures; None: as the provider says
