"""Every model that LiteLLM knows: streaming, tool calls, usage and cost."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from threadwork.adapters.models.blindness import Blindness
from threadwork.adapters.models.caching import caches, marked_messages, marked_tools
from threadwork.adapters.models.call_ids import provider_ids
from threadwork.adapters.models.lines import reading_client
from threadwork.adapters.models.litellm_answer import last_delta, offered, size_of, unreadable_answer, written
from threadwork.adapters.models.litellm_errors import broken_off, credentials_of, provider_of, translated, unreadable
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.outgoing import provider_messages
from threadwork.adapters.models.places import OWN, address
from threadwork.adapters.models.prices import billed, prices
from threadwork.adapters.models.reasoning import allowed, arguments, thinks
from threadwork.adapters.models.refusals import heard
from threadwork.adapters.models.refused_tools import one_tool
from threadwork.adapters.models.roles import ordered
from threadwork.adapters.models.stitching import only_one_choice
from threadwork.adapters.models.targets import Target, target
from threadwork.adapters.models.thinking import Hearing
from threadwork.adapters.models.token_counts import TokenCounts
from threadwork.adapters.models.tool_forms import fitted
from threadwork.adapters.models.windows import OLLAMA, Windows
from threadwork.workflows.errors import ContextOverflow, ModelError, ThreadworkError, Undigestible
from threadwork.workflows.models import ANSWER, Delta, ModelFacts, ModelRequest, ModelSpec
from threadwork.workflows.texts import cleaned
from threadwork.workflows.values import Usage

# Their credentials have other sources than variables, or an address that is known by itself.
UNCHECKED = frozenset({"bedrock", "bedrock_converse", "sagemaker", "vertex_ai", "ollama", "ollama_chat"})
# Each customer has an address of their own there: a key in a variable is meant for a `base_url`.
OWN_ADDRESS = UNCHECKED | {"azure", "azure_ai", "databricks", "watsonx", "snowflake"}
ASKING = OLLAMA | {"lemonade"}  # which we ask ourselves: LiteLLM's table has old ones only
AZURE_VERSION = "AZURE_API_VERSION"
# LiteLLM has no address of these, or another than they have: what is asked would go elsewhere.
HERE = frozenset({"lm_studio", "docker_model_runner"})
NO_KEY = "none"  # said to a server for which no key was given; clients insist on one


class LiteLLMModel:
    """Satisfies the port `Model`. Nothing is imported before `warm` or the first call."""

    def __init__(
        self, specs: Mapping[str, ModelSpec] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """`specs`: models with names of their own. `environment`: what `${VAR}` in them stands for."""
        self._specs = specs or {}
        self._habits: dict[str, bool] = {}  # models that close thoughts which they did not open
        self._environment = environment or {}
        self._windows = Windows()
        self._counts = TokenCounts()
        self._blindness = Blindness()

    async def warm(self) -> None:
        """Imports LiteLLM in a thread. To be awaited before the worker polls: later, heartbeats would be missed."""
        await asyncio.to_thread(library)

    async def facts(self, model: str) -> ModelFacts:
        """Raises `ModelError` for what is no name, a provider that is not known and a key that is not set."""
        meant = self._target(model)
        await self.warm()
        _check_key(meant)
        provider = provider_of(meant.model)
        known = await asyncio.to_thread(_known, meant, provider)
        window = await self._windows.of(meant, provider, known.get("max_input_tokens"))
        return self._blindness.corrected(_facts(meant, provider, known, window), meant)

    async def count(self, request: ModelRequest) -> int:
        """LiteLLM's estimate; a quarter of the characters where it has none. Counting long texts takes a thread.

        A message that was counted before, by the same tokenizer, is not counted again."""
        meant = self._target(request.model)
        await self.warm()
        return await asyncio.to_thread(_count, request, meant, self._counts)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Raises `ModelUnavailable`, `ModelError`, `ContextOverflow` or `Undigestible`; retries nothing."""
        meant = self._target(request.model)
        await self.warm()
        _check_key(meant)
        chunks: list[Any] = []
        hearing, left = Hearing(meant, self._habits, offered(request)), ANSWER
        answer: Any = None
        choice: int | None = None
        listening = None
        try:
            answer = await library().acompletion(**_arguments(request, meant), **await self._room(meant))
            listening = heard(answer)
            hearing.tap(answer)
            async for chunk in answer:
                choice = only_one_choice(chunk, choice)
                chunks.append(chunk)
                if (left := left - size_of(chunk)) < 0:
                    raise _too_long(request.model)
                for delta in hearing.take(chunk):
                    yield delta
        except Exception as error:
            # The provider's own words may hold a part of the key, and a cause is kept in Temporal's history.
            if raised := self._learnt(error, request, meant, answer, sum(map(written, chunks))):
                raise raised from None
        finally:
            if answer is not None:
                await answer.aclose()
        for delta in hearing.rest():
            yield delta
        try:
            last = hearing.kept_in(last_delta(request, chunks, _reason(answer), partial(_billed, meant, answer)))
        except ContextOverflow as full:
            self._windows.learn(meant, provider_of(meant.model), full.limit)
            raise
        refusal = listening.refusal if listening else ""
        yield last.model_copy(update={"text": refusal, "finish": "refusal", "calls": ()}) if refusal else last

    def _learnt(
        self, error: Exception, request: ModelRequest, meant: Target, answer: Any, came: int
    ) -> ThreadworkError | None:
        """What to raise, and what it teaches of the model is remembered: its window, and what it cannot read.

        `came`: characters of the answer that had come. None: nothing is to be raised."""
        raised = _raised(error, request, meant, answer, came)
        if raised and not came and (unseen := self._blindness.learnt(error, raised, request, meant)):
            return unseen
        if isinstance(raised, ContextOverflow):
            self._windows.learn(meant, provider_of(meant.model), raised.limit)
        return raised

    async def _room(self, meant: Target) -> dict[str, Any]:
        """Ollama cuts a prompt in silence unless it is told how much room to make."""
        provider = provider_of(meant.model)
        if provider not in OLLAMA or "num_ctx" in meant.spec.params:
            return {}
        window = await self._windows.of(meant, provider, None)
        return {"num_ctx": window} if window else {}

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


def _raised(error: Exception, request: ModelRequest, meant: Target, answer: Any, came: int) -> ThreadworkError | None:
    """What becomes of an error. None: the answer had ended, and what cannot be read stood behind it (its usage).

    `came`: characters of the answer that had come."""
    if isinstance(error, ThreadworkError):
        return error
    if answer is None or not unreadable(error):
        said = one_tool(translated(error, meant), error, request.tools)
        return said if answer is None else broken_off(error, said, meant, came)
    return None if _reason(answer) else unreadable_answer(meant.name)


def _too_long(model: str) -> Undigestible:
    return Undigestible(f"{model} wrote more than {ANSWER:,} characters in one answer.")


def _arguments(request: ModelRequest, meant: Target) -> dict[str, Any]:
    reasoning = arguments(request, meant)
    messages, tools = _prompt(request, meant)
    return {
        **allowed(meant.spec.params, reasoning, meant),
        **reasoning,
        **_reached(meant),
        "model": meant.model,
        "messages": messages,
        "max_tokens": request.max_output,
        "timeout": request.timeout,
        "stream": True,
        "stream_options": {"include_usage": True},
        "num_retries": 0,
        "max_retries": 0,
        **reading_client(provider_of(meant.model), request.timeout),
        **({"tools": tools} if tools else {}),
    }


def _prompt(request: ModelRequest, meant: Target) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Messages and tools, with the points up to which the provider is to keep them."""
    messages = provider_messages(request, meant, thinks(request, meant))
    messages = cleaned(ordered(provider_ids(messages, meant.model), meant.model))
    tools = list(fitted(request.tools, provider_of(meant.model), meant.model))
    return (marked_messages(messages), marked_tools(tools)) if caches(meant) else (messages, tools)


def _reached(meant: Target) -> dict[str, str]:
    """Where, and with what key. A provider's key in a variable is not for every address there is."""
    spec, provider = meant.spec, provider_of(meant.model)
    base = spec.base_url or (address(meant, provider) if provider in HERE else None)
    placeholder = NO_KEY if base and provider not in OWN_ADDRESS else None
    given = {"api_base": base, "api_key": spec.api_key or placeholder}
    return {name: value for name, value in given.items() if value}


def _known(meant: Target, provider: str) -> dict[str, Any]:
    """What LiteLLM's table says of a model. Empty: nothing."""
    if provider in ASKING:
        return {}
    try:
        return dict(library().get_model_info(meant.model, api_base=meant.spec.base_url))
    except Exception:  # it raises plain ones for models it does not know
        return {}


def _facts(meant: Target, provider: str, known: dict[str, Any], window: int | None = None) -> ModelFacts:
    """What the file says comes before what LiteLLM knows."""
    spec = meant.spec
    sizes = {"context_window": window, "max_output": spec.max_output or known.get("max_output_tokens")}
    return ModelFacts(
        name=meant.name,
        vision=bool(known.get("supports_vision")) if spec.vision is None else spec.vision,
        pdf=bool(known.get("supports_pdf_input")),
        **prices(meant, provider, known),
        **{name: int(value) for name, value in sizes.items() if value},
    )


def _billed(meant: Target, answer: Any, whole: Any, usage: Usage) -> int | None:
    provider = provider_of(meant.model)
    headers = (getattr(answer, "_hidden_params", None) or {}).get("additional_headers")
    facts = _facts(meant, provider, _known(meant, provider))
    return billed(meant, provider, facts, whole, headers, usage)


def _check_key(meant: Target) -> None:
    model, provider = meant.model, provider_of(meant.model)
    if provider in OWN and not address(meant, provider):
        raise ModelError(
            f"The server of {meant.name} has no address.",
            f"Set base_url of an entry under models in threadwork.yaml, or {provider.upper()}_API_BASE.",
        )
    if provider in UNCHECKED or "api_key" in _reached(meant):
        return
    missing = [str(name) for name in library().validate_environment(model)["missing_keys"]]
    missing = [name for name in missing if not os.environ.get(name)]  # of Azure's three it names all, or none
    if provider == "azure" and meant.spec.params.get("api_version"):
        missing = [name for name in missing if name != AZURE_VERSION]
    if not missing or (provider == "azure" and os.environ.get("AZURE_AD_TOKEN")):
        return
    if missing == [AZURE_VERSION]:
        raise ModelError(f"{AZURE_VERSION} is not set.", "Set it to an Azure API version, such as 2024-10-21.")
    key = credentials_of(provider)
    names = [key] if key in missing else missing
    are, them = ("are", "them") if len(names) > 1 else ("is", "it")
    local = " (any value for a local server)" if os.environ.get(f"{provider.upper()}_API_BASE") else ""
    raise ModelError(
        f"{' and '.join(names)} {are} not set.", f"Set {them}{local}, or choose a model other than {meant.name}."
    )


def _count(request: ModelRequest, meant: Target, counts: TokenCounts) -> int:
    """LiteLLM's, but not less than the characters let expect: it leaves out much of what schemas say."""
    messages, tools = provider_messages(request, meant), list(request.tools)
    said = sum(len(str(m.get("content") or "")) + len(str(m.get("tool_calls") or "")) for m in messages)
    least = said // 5 + len(json.dumps(tools or "")) // 4
    try:
        return max(least, counts.of(meant.model, messages, tools))
    except Exception:  # a tokenizer that is not at hand, a content it does not know
        return max(least, said // 4)
