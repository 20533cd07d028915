"""Every model that LiteLLM knows: streaming, tool calls, usage and cost."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from adapters.models.litellm_answer import last_delta, size_of, text_of, unreadable_answer
from adapters.models.litellm_errors import credentials_of, provider_of, translated, unreadable
from adapters.models.litellm_library import library
from workflows.errors import ModelError, ThreadworkError, Undigestible
from workflows.models import ANSWER, Delta, ModelFacts, ModelRequest
from workflows.texts import Pieces, cleaned
from workflows.values import NANOS

# Their credentials have other sources than variables, or an address that is known by itself.
UNCHECKED = frozenset({"bedrock", "bedrock_converse", "sagemaker", "vertex_ai", "ollama", "ollama_chat"})


class LiteLLMModel:
    """Satisfies the port `Model`. Nothing is imported before `warm` or the first call."""

    async def warm(self) -> None:
        """Imports LiteLLM in a thread. To be awaited before the worker polls: later, heartbeats would be missed."""
        await asyncio.to_thread(library)

    async def facts(self, model: str) -> ModelFacts:
        """Raises `ModelError` for a provider that is not known and for a key that is not set."""
        await self.warm()
        _check_key(model)
        try:
            known = await asyncio.to_thread(library().get_model_info, model)  # asks a local server, for some
        except Exception:  # it raises plain ones for models it does not know
            return ModelFacts(name=model)
        window, output = known.get("max_input_tokens"), known.get("max_output_tokens")
        shown = {"context_window": window, "max_output": output}
        return ModelFacts(
            name=model,
            prompt_nanos=_nanos(known.get("input_cost_per_token")),
            completion_nanos=_nanos(known.get("output_cost_per_token")),
            **{name: int(value) for name, value in shown.items() if value},
        )

    async def count(self, request: ModelRequest) -> int:
        """LiteLLM's estimate; a quarter of the characters where it has none. Counting long texts takes a thread."""
        await self.warm()
        return await asyncio.to_thread(_count, request)

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Raises `ModelUnavailable`, `ModelError`, `ContextOverflow` or `Undigestible`; retries nothing."""
        await self.warm()
        _check_key(request.model)
        chunks: list[Any] = []
        pieces, left = Pieces(), ANSWER
        answer: Any = None
        try:
            answer = await library().acompletion(**_arguments(request))
            async for chunk in answer:
                chunks.append(chunk)
                if (left := left - size_of(chunk)) < 0:
                    raise _too_long(request.model)
                if text := pieces.take(text_of(chunk)):
                    yield Delta(text=text)
        except Exception as error:
            # The provider's own words may hold a part of the key, and a cause is kept in Temporal's history.
            if raised := _raised(error, request.model, answer):
                raise raised from None
        finally:
            if answer is not None:
                await answer.aclose()
        if rest := pieces.rest():
            yield Delta(text=rest)
        yield last_delta(request, chunks, _reason(answer))

    async def close(self) -> None:
        """Closes the connections that LiteLLM keeps."""
        if library.cache_info().currsize:
            await library().close_litellm_async_clients()


def _reason(answer: Any) -> str | None:
    """Why the answer ended, in the server's own words; None: it has not."""
    reason: str | None = answer.received_finish_reason or answer.intermittent_finish_reason
    return reason


def _raised(error: Exception, model: str, answer: Any) -> ThreadworkError | None:
    """What becomes of an error. None: the answer had ended, and what cannot be read stood behind it (its usage)."""
    if isinstance(error, ThreadworkError):
        return error
    if answer is None or not unreadable(error):
        return translated(error, model)
    return None if _reason(answer) else unreadable_answer(model)


def _too_long(model: str) -> Undigestible:
    return Undigestible(f"{model} wrote more than {ANSWER:,} characters in one answer.")


def _arguments(request: ModelRequest) -> dict[str, Any]:
    tools = {"tools": list(request.tools)} if request.tools else {}
    return {
        "model": request.model,
        "messages": cleaned(list(request.messages)),
        "max_tokens": request.max_output,
        "timeout": request.timeout,
        "stream": True,
        "stream_options": {"include_usage": True},
        "num_retries": 0,
        "max_retries": 0,
        **tools,
    }


def _check_key(model: str) -> None:
    provider = provider_of(model)
    if provider in UNCHECKED:
        return
    missing = [str(name) for name in library().validate_environment(model)["missing_keys"]]
    if not missing or (provider == "azure" and os.environ.get("AZURE_AD_TOKEN")):
        return
    key = credentials_of(provider)
    names = key if key in missing else ", ".join(missing)
    local = " A local server takes any value." if os.environ.get(f"{provider.upper()}_API_BASE") else ""
    raise ModelError(f"{names} is not set;", f"set it or choose another model than {model}.{local}")


def _count(request: ModelRequest) -> int:
    messages, tools = list(request.messages), list(request.tools) or None
    try:
        return int(library().token_counter(model=request.model, messages=messages, tools=tools))
    except Exception:  # a tokenizer that is not at hand, a content it does not know
        return len(str(messages) + str(tools or "")) // 4


def _nanos(price: float | None) -> float | None:
    return None if price is None else price * NANOS
