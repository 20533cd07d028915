"""Streams by their own lines.

httpx also ends a line at U+2028, U+2029, U+0085 and some more, which may stand within JSON: half a message is read then
(florimondmanca/httpx-sse#34). LiteLLM reads most providers' streams so; what OpenAI's own client reads is whole.
"""

import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from threadwork.adapters.models.litellm_library import library

END = re.compile(r"\r\n|\n|\r")
# Providers whose streams LiteLLM reads by httpx; it takes a client for them.
READ_BY_HTTPX = frozenset(
    {
        *("anthropic", "gemini", "vertex_ai", "vertex_ai_beta", "ollama", "ollama_chat", "mistral", "deepseek", "xai"),
        *("groq", "openrouter", "together_ai", "fireworks_ai", "hosted_vllm", "databricks", "minimax", "huggingface"),
        *("vercel_ai_gateway", "ovhcloud", "lemonade", "snowflake"),
    }
)


def reading_client(provider: str, timeout: float) -> dict[str, Any]:
    """The argument of `acompletion` that has lines end where they do. LiteLLM keeps the client, and closes it."""
    if provider not in READ_BY_HTTPX:
        return {}
    library()
    from litellm.llms.custom_httpx.http_handler import get_async_httpx_client

    params = {"timeout": timeout, "event_hooks": {"response": [_by_own_lines]}}
    return {"client": get_async_httpx_client(provider, params)}


async def _by_own_lines(response: Any) -> None:
    """A hook of httpx: called before the body is read."""
    response.aiter_lines = partial(lines, response)


async def lines(response: Any) -> AsyncIterator[str]:
    """Without their ends, of which a `\\r\\n` may come in two pieces."""
    rest: list[str] = []
    after_return = False
    async for text in response.aiter_text():
        if after_return and text.startswith("\n"):
            text = text[1:]
        if not text:
            continue
        after_return = text.endswith("\r")
        first, *more = END.split(text)
        rest.append(first)
        for piece in more:
            yield "".join(rest)
            rest = [piece]
    if any(rest):
        yield "".join(rest)
