"""Every model that LiteLLM knows: streaming, tool calls, usage and cost."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.models.litellm_answer import last_delta, size_of, text_of, unreadable_answer
from adapters.models.litellm_errors import credentials_of, provider_of, translated, unreadable
from adapters.models.litellm_library import library
from adapters.models.refused_tools import one_tool
from adapters.models.targets import Target, target
from adapters.models.tool_forms import fitted
from workflows.errors import ModelError, ThreadworkError, Undigestible
from workflows.models import A_MILLIONTH, ANSWER, Delta, ModelFacts, ModelRequest, ModelSpec
from workflows.texts import Pieces, cleaned
from workflows.values import NANOS

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
        """Raises `ModelUnavailable`, `ModelError`, `ContextOverflow` or `Undigestible`; retries nothing."""
        meant = self._target(request.model)
        await self.warm()
        _check_key(meant)
        chunks: list[Any] = []
        pieces, left = Pieces(), ANSWER
        answer: Any = None
        try:
            answer = await library().acompletion(**_arguments(request, meant))
            async for chunk in answer:
                chunks.append(chunk)
                if (left := left - size_of(chunk)) < 0:
                    raise _too_long(request.model)
                if text := pieces.take(text_of(chunk)):
                    yield Delta(text=text)
        except Exception as error:
            # The provider's own words may hold a part of the key, and a cause is kept in Temporal's history.
            if raised := _raised(error, meant, answer, request.tools):
                raise raised from None
        finally:
            if answer is not None:
                await answer.aclose()
        if rest := pieces.rest():
            yield Delta(text=rest)
        yield last_delta(request, meant, chunks, _reason(answer))

    def _target(self, model: str) -> Target:
        return target(model, self._specs, self._environment)

    async def close(self) -> None:
        """Closes the connections that LiteLLM keeps."""
        if library.cache_info().currsize:
            await library().close_litellm_async_clients()


def _reason(answer: Any) -> str | None:
    """Why the answer ended, in the server's own words; None: it has not."""
    reason: str | None = answer.received_finish_reason or answer.intermittent_finish_reason
    return reason


def _raised(error: Exception, meant: Target, answer: Any, tools: Sequence[Any]) -> ThreadworkError | None:
    """What becomes of an error. None: the answer had ended, and what cannot be read stood behind it (its usage)."""
    if isinstance(error, ThreadworkError):
        return error
    if answer is None or not unreadable(error):
        return one_tool(translated(error, meant), error, tools)
    return None if _reason(answer) else unreadable_answer(meant.name)


def _too_long(model: str) -> Undigestible:
    return Undigestible(f"{model} wrote more than {ANSWER:,} characters in one answer.")


def _arguments(request: ModelRequest, meant: Target) -> dict[str, Any]:
    tools = fitted(request.tools, provider_of(meant.model), meant.model)
    return {
        **meant.spec.params,
        **_reached(meant),
        "model": meant.model,
        "messages": cleaned(list(request.messages)),
        "max_tokens": request.max_output,
        "timeout": request.timeout,
        "stream": True,
        "stream_options": {"include_usage": True},
        "num_retries": 0,
        "max_retries": 0,
        **({"tools": tools} if tools else {}),
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
