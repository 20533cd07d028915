"""Every model that LiteLLM knows: streaming, tool calls, usage and cost."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

from adapters.models.litellm_errors import credentials_of, provider_of, translated
from adapters.models.litellm_library import library
from adapters.models.targets import Target, target
from workflows.errors import ModelError, ModelUnavailable
from workflows.models import A_MILLIONTH, Delta, ModelFacts, ModelRequest, ModelSpec, RequestedCall
from workflows.values import NANOS, Usage

FINISHES = {
    "stop": "stop",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
}
# Their credentials have other sources than variables, or an address that is known by itself.
UNCHECKED = frozenset({"bedrock", "bedrock_converse", "sagemaker", "vertex_ai", "ollama", "ollama_chat"})
# Each customer has an address of their own there: a key in a variable is meant for a `base_url`.
OWN_ADDRESS = UNCHECKED | {"azure", "azure_ai", "databricks", "watsonx", "snowflake"}
NO_KEY = "none"  # said to a server for which no key was given; clients insist on one


class LiteLLMModel:
    """Satisfies the port `Model`. Nothing is imported before `warm` or the first call."""

    def __init__(
        self, specs: Mapping[str, ModelSpec] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """`specs`: models with names of their own. `environment`: what `${VAR}` in them stands for."""
        self._specs = specs or {}
        self._environment = environment or {}

    async def warm(self) -> None:
        """Imports LiteLLM in a thread. To be awaited before the worker polls: later, heartbeats would be missed."""
        await asyncio.to_thread(library)

    async def facts(self, model: str) -> ModelFacts:
        """Raises `ModelError` for what is no name, a provider that is not known and a key that is not set."""
        meant = self._target(model)
        await self.warm()
        _check_key(meant)
        return _facts(meant, await asyncio.to_thread(_known, meant))

    async def count(self, request: ModelRequest) -> int:
        """LiteLLM's estimate; a quarter of the characters where it has none. Counting long texts takes a thread."""
        meant = self._target(request.model)
        await self.warm()
        return await asyncio.to_thread(_count, request, meant)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Raises `ModelUnavailable`, `ModelError` or `ContextOverflow`; retries nothing."""
        meant = self._target(request.model)
        await self.warm()
        _check_key(meant)
        chunks: list[Any] = []
        answer: Any = None
        try:
            answer = await library().acompletion(**_arguments(request, meant))
            async for chunk in answer:
                chunks.append(chunk)
                if text := _text(chunk):
                    yield Delta(text=text)
        except Exception as error:
            # The provider's own words may hold a part of the key, and a cause is kept in Temporal's history.
            raise translated(error, meant) from None
        finally:
            if answer is not None:
                await answer.aclose()
        yield _last(request, meant, chunks, answer.received_finish_reason or answer.intermittent_finish_reason)

    def _target(self, model: str) -> Target:
        return target(model, self._specs, self._environment)

    async def close(self) -> None:
        """Closes the connections that LiteLLM keeps."""
        if library.cache_info().currsize:
            await library().close_litellm_async_clients()


def _arguments(request: ModelRequest, meant: Target) -> dict[str, Any]:
    tools = {"tools": list(request.tools)} if request.tools else {}
    return {
        **meant.spec.params,
        **_reached(meant),
        "model": meant.model,
        "messages": list(request.messages),
        "max_tokens": request.max_output,
        "timeout": request.timeout,
        "stream": True,
        "stream_options": {"include_usage": True},
        "num_retries": 0,
        "max_retries": 0,
        **tools,
    }


def _reached(meant: Target) -> dict[str, str]:
    """Where, and with what key. A provider's key in a variable is not for every address there is."""
    spec, provider = meant.spec, provider_of(meant.model)
    placeholder = NO_KEY if spec.base_url and provider not in OWN_ADDRESS else None
    given = {"api_base": spec.base_url, "api_key": spec.api_key or placeholder}
    return {name: value for name, value in given.items() if value}


def _known(meant: Target) -> dict[str, Any]:
    """What LiteLLM knows of a model; it asks a local server, for some. Empty: nothing."""
    try:
        return dict(library().get_model_info(meant.model, api_base=meant.spec.base_url))
    except Exception:  # it raises plain ones for models it does not know
        return {}


def _facts(meant: Target, known: dict[str, Any]) -> ModelFacts:
    """What the file says comes before what LiteLLM knows."""
    spec, price = meant.spec, meant.spec.price
    sizes = {
        "context_window": spec.context_window or known.get("max_input_tokens"),
        "max_output": spec.max_output or known.get("max_output_tokens"),
    }
    return ModelFacts(
        name=meant.name,
        prompt_nanos=price.input * A_MILLIONTH if price else _nanos(known.get("input_cost_per_token")),
        completion_nanos=price.output * A_MILLIONTH if price else _nanos(known.get("output_cost_per_token")),
        **{name: int(value) for name, value in sizes.items() if value},
    )


def _check_key(meant: Target) -> None:
    model, provider = meant.model, provider_of(meant.model)
    if provider in UNCHECKED or "api_key" in _reached(meant):
        return
    missing = [str(name) for name in library().validate_environment(model)["missing_keys"]]
    if not missing or (provider == "azure" and os.environ.get("AZURE_AD_TOKEN")):
        return
    key = credentials_of(provider)
    names = key if key in missing else ", ".join(missing)
    local = " A local server takes any value." if os.environ.get(f"{provider.upper()}_API_BASE") else ""
    raise ModelError(f"{names} is not set;", f"set it or choose another model than {meant.name}.{local}")


def _count(request: ModelRequest, meant: Target) -> int:
    messages, tools = list(request.messages), list(request.tools) or None
    try:
        return int(library().token_counter(model=meant.model, messages=messages, tools=tools))
    except Exception:  # a tokenizer that is not at hand, a content it does not know
        return len(str(messages) + str(tools or "")) // 4


def _nanos(price: float | None) -> float | None:
    return None if price is None else price * NANOS


def _text(chunk: Any) -> str:
    return (chunk.choices[0].delta.content or "") if chunk.choices else ""


def _last(request: ModelRequest, meant: Target, chunks: list[Any], finish: str | None) -> Delta:
    """What the whole answer came to. An answer without the server's own finish_reason was cut off."""
    if finish is None:
        raise ModelUnavailable(f"{request.model} broke off in the middle of its answer.")
    whole = library().stream_chunk_builder(chunks, messages=list(request.messages))
    if whole is None:
        raise ModelUnavailable(f"{request.model} gave an empty answer.")
    calls = tuple(
        RequestedCall(id=call.id or f"call_{number}", name=call.function.name or "", arguments=call.function.arguments)
        for number, call in enumerate(whole.choices[0].message.tool_calls or ())
    )
    return Delta(calls=calls, finish=_finish(finish, calls), usage=_usage(whole), cost_nanos=_cost(meant, whole))


def _finish(reason: str, calls: tuple[RequestedCall, ...]) -> Any:
    """Some providers say `stop` beside tool calls."""
    known = FINISHES.get(reason, "stop")
    return "tool_calls" if calls and known == "stop" else known


def _usage(whole: Any) -> Usage:
    used = whole.usage
    details = getattr(used, "prompt_tokens_details", None)
    return Usage(
        prompt=used.prompt_tokens or 0,
        completion=used.completion_tokens or 0,
        cached=(getattr(details, "cached_tokens", None) or 0) if details else 0,
    )


def _cost(meant: Target, whole: Any) -> int | None:
    """Nano-dollars by the file's price, else by LiteLLM's price table; None where neither has one."""
    if meant.spec.price:
        return meant.spec.price.nanos(_usage(whole))
    try:
        cost: float = library().completion_cost(completion_response=whole, model=meant.model)
        return round(cost * NANOS)
    except Exception:  # it raises plain ones for models it does not know
        return None
