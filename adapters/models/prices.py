"""What tokens cost: as the file says it, as the provider bills it, as LiteLLM's table has it, in this order.

LiteLLM says 0 where its table has no price. A price of 0 counts only where somebody stated it: the file, a provider in
its bill, a server of one's own, a model that OpenRouter calls free."""

import re
from typing import Any

from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.places import is_own
from threadwork.adapters.models.targets import Target
from threadwork.workflows.models import A_MILLIONTH, PRICE, ModelFacts, PriceTier
from threadwork.workflows.values import NANOS, Usage

FREE = ":free"  # how OpenRouter ends the names of models that cost nothing
HEADER = "llm_provider-x-litellm-response-cost"  # a LiteLLM proxy's
_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


def prices(meant: Target, provider: str, known: dict[str, Any]) -> dict[str, Any]:
    """The fields of `ModelFacts` that tell prices; none of them where the price is not known.

    `known`: what LiteLLM says of the model."""
    if said := meant.spec.price:
        cached = said.input if said.cached_input is None else said.cached_input
        return _fields(said.input * A_MILLIONTH, said.output * A_MILLIONTH, cached * A_MILLIONTH)
    entry = library().model_cost.get(known.get("key")) or {}
    if found := _listed(entry, meant.spec.params.get("service_tier")):
        return found
    return _fields(0, 0, 0) if is_own(meant, provider) or meant.model.endswith(FREE) else {}


def billed(meant: Target, provider: str, facts: ModelFacts, answer: Any, headers: Any, usage: Usage) -> int | None:
    """Nano-dollars of an answer; None where nobody can tell. `answer`, `headers`: the provider's."""
    if meant.spec.price:
        return meant.spec.price.nanos(usage)
    told = _told(answer.usage, headers)
    if told or (told == 0 and provider == "openrouter"):
        return told
    if not facts.priced:
        return None
    return _computed(meant, answer) or facts.cost(usage.prompt, usage.completion)


def _told(used: Any, headers: Any) -> int | None:
    """LiteLLM puts what OpenRouter, xAI, Perplexity and its own proxy say into `cost`, in dollars."""
    said: Any
    for said in (getattr(used, "cost", None), getattr(used, "estimated_cost", None), (headers or {}).get(HEADER)):
        try:
            nanos = round(float(said) * NANOS)
        except (TypeError, ValueError, OverflowError):
            continue
        if 0 <= nanos <= PRICE:
            return nanos
    return None


def _computed(meant: Target, answer: Any) -> int:
    """By LiteLLM's table, what was cached considered; 0 where it cannot."""
    try:
        nanos = round(library().completion_cost(completion_response=answer, model=meant.model) * NANOS)
    except Exception:  # it raises plain ones for models it does not know
        return 0
    return nanos if 0 <= nanos <= PRICE else 0


def _listed(entry: dict[str, Any], service: Any) -> dict[str, Any]:
    """What the table has, in nano-dollars; nothing where it has no price, or says 0."""

    def price(key: str, within: dict[str, Any] = entry) -> float:
        """Dollars a token: the dearer one of the usual price and that of a service tier."""
        return max(float(within.get(name) or 0) for name in (key, f"{key}_{service}")) * NANOS

    tiers = [
        PriceTier(
            above=int(found[1]) * 1_000,
            prompt_nanos=price(found[0]),
            completion_nanos=price(found[0].replace("input", "output")) or price("output_cost_per_token"),
        )
        for found in map(_ABOVE.fullmatch, entry)
        if found
    ] + [
        PriceTier(
            above=int((tier.get("range") or [0])[0]),
            prompt_nanos=price("input_cost_per_token", tier),
            completion_nanos=max(price("output_cost_per_token", tier), price("output_cost_per_reasoning_token", tier)),
        )
        for tier in entry.get("tiered_pricing") or ()
    ]
    tiers.sort(key=lambda tier: tier.above)
    prompt = price("input_cost_per_token") or (tiers[0].prompt_nanos if tiers else 0)
    answer = max(price("output_cost_per_token"), price("output_cost_per_reasoning_token"))
    answer = answer or (tiers[0].completion_nanos if tiers else 0)
    if not prompt or not answer:
        return {}
    cached = price("cache_read_input_token_cost") or None
    return _fields(prompt, answer, cached, price("cache_creation_input_token_cost") or None, tuple(tiers))


def _fields(
    prompt: float,
    completion: float,
    cached: float | None,
    written: float | None = None,
    tiers: tuple[PriceTier, ...] = (),
) -> dict[str, Any]:
    return {
        "prompt_nanos": prompt,
        "completion_nanos": completion,
        "cached_nanos": cached,
        "written_nanos": written,
        "tiers": tiers,
    }
