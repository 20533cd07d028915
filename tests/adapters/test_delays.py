"""How long providers ask to wait, as they write it."""

from datetime import UTC, datetime

import pytest

from tests.manners import openai
from tests.manners.server import ManneredServer, Reply
from threadwork.adapters.models.delays import delay_of
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.errors import ModelUnavailable, ThreadworkError
from threadwork.workflows.models import ModelRequest, ModelSpec

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"retry-after": "7"}, "", 7),
        ({"Retry-After": "1.5"}, "", 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, "", 30),
        ({"retry-after": "2026-03-01T12:01:00Z"}, "", 60),
        ({"llm_provider-retry-after": "9"}, "", 9),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0"}, "", 360),
        ({"x-ratelimit-reset-requests": "17ms", "x-ratelimit-remaining-requests": "0"}, "", 0.017),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-requests": "99"}, "", None),  # not used up
        ({"anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:00:20Z"}, "", 20),
        ({"x-ratelimit-reset": "1772366445000"}, "", 45),  # OpenRouter: milliseconds since 1970
        ({"x-ratelimit-reset": "1772366410"}, "", 10),
        ({}, "Rate limit reached (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s.", 4.77),
        ({}, "Please try again in 6m0s. Need more tokens?", 360),
        ({}, "Please try again in 1h2m3.5s.", 3_723.5),
        ({}, "Please try again in 20ms.", 0.02),
        ({}, "Quota exceeded, limit: 250000. Please retry in 14.429s.", 14.429),
        ({}, '{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}', 14),
        ({}, "Please retry after 26 seconds.", 26),
        ({}, "Too many requests, wait 2 minutes and 5 seconds", 125),
        ({}, '{"retry_after": 3}', 3),
        ({}, "Please try again later.", None),
        ({}, "The model gpt-4o-2024 has 30 users", None),
        ({"retry-after": "1e999"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "-5"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "99999999"}, "", None),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, "", None),  # gone by
        ({"retry-after": "0"}, "Please try again in 2s", 2),
    ],
)
def test_a_delay_is_read_as_it_is_written(headers: dict[str, str], text: str, seconds: float | None) -> None:
    asked = delay_of(headers, text, lambda: NOW)
    assert asked == (None if seconds is None else pytest.approx(seconds))


async def refused(status: int, body: object, model: str, headers: dict[str, str] | None = None) -> ThreadworkError:
    with ManneredServer([Reply(status=status, body=body, headers=headers or {})]) as server:
        spec = ModelSpec(model=model, base_url=f"{server.url}/v1", api_key="test-key", context_window=8_192)
        lite = LiteLLMModel({"m": spec})
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "Hi"},), max_output=9, timeout=30)
        try:
            with pytest.raises(ThreadworkError) as caught:
                async for _ in lite.stream(asked):
                    pass
        finally:
            await lite.close()
    return caught.value


GEMINI = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan. Please retry in 14.4s.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}],
    }
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")
@pytest.mark.parametrize(
    ("model", "body", "headers", "seconds"),
    [
        ("gemini/gemini-2.5-flash", GEMINI, {}, 14.4),
        ("openai/gpt-4o", openai.error(429, "Slow down.").body, {"Retry-After": "7"}, 7),
        ("groq/llama-3.3-70b", openai.error(429, "Rate limit reached. Please try again in 6m0s.").body, {}, 360),
        ("openai/gpt-4o", openai.error(429, "Slow down.").body, {"Retry-After": "1e999"}, None),
    ],
)
async def test_a_delay_is_heard_through_litellm(
    model: str, body: object, headers: dict[str, str], seconds: float | None
) -> None:
    error = await refused(429, body, model, headers)
    assert isinstance(error, ModelUnavailable)
    assert "is at its request limit" in str(error)
    assert error.retry_after == seconds
