"""LiteLLM's models against a server of our own: what it streams, what it costs, how it fails."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from tests.openai_server import Fault, OpenAIServer, Turn
from threadwork.adapters.models import prices
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.errors import BrokenAnswer, ContextOverflow, ModelError, ModelUnavailable, ThreadworkError
from threadwork.workflows.models import Delta, ModelRequest, ModelSpec, RequestedCall
from threadwork.workflows.values import Usage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

PRICED = "openai/gpt-4o-mini"  # 0.15 USD a million prompt tokens, half of it cached, 0.60 a million answer tokens
TOOL = {"type": "function", "function": {"name": "notes__read_note", "parameters": {"type": "object"}}}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
async def model() -> AsyncIterator[LiteLLMModel]:
    model = LiteLLMModel()
    yield model
    await model.close()


def request(name: str = PRICED, timeout: float = 5, text: str = "Hello") -> ModelRequest:
    messages = ({"role": "user", "content": text},)
    return ModelRequest(model=name, messages=messages, tools=(TOOL,), max_output=300, timeout=timeout)


async def answer(model: LiteLLMModel, asked: ModelRequest) -> list[Delta]:
    return [delta async for delta in model.stream(asked)]


async def failure(model: LiteLLMModel, server: OpenAIServer, turn: Turn, timeout: float = 5) -> ThreadworkError:
    server.turns = [turn]
    with pytest.raises(ThreadworkError) as caught:
        await answer(model, request(timeout=timeout))
    assert len(server.requests) == 1, "a retry has one owner, and it is not the client"
    assert "sk-test" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


# --- answers -----------------------------------------------------------------------------------------


async def test_text_comes_in_pieces_and_the_end_carries_usage_and_cost(
    model: LiteLLMModel, server: OpenAIServer
) -> None:
    server.turns = [Turn(text="Grüße from afar.", prompt_tokens=1000, completion_tokens=50, cached_tokens=400)]
    *pieces, last = await answer(model, request())
    assert "".join(piece.text for piece in pieces) == "Grüße from afar."
    assert len([piece for piece in pieces if piece.text]) > 3
    assert last.finish == "stop"
    assert last.usage == Usage(prompt=1000, completion=50, cached=400)
    assert last.cost_nanos == 600 * 150 + 400 * 75 + 50 * 600


async def test_parallel_tool_calls_arrive_whole_and_only_at_the_end(model: LiteLLMModel, server: OpenAIServer) -> None:
    server.turns = [Turn(text="Both.", calls=(("notes__read_note", {"name": "Ähre"}), ("other", {"a": [1, {"b": 2}]})))]
    *pieces, last = await answer(model, request())
    assert not any(piece.calls for piece in pieces)
    assert last.finish == "tool_calls"
    assert last.calls == (
        RequestedCall(id="call_0", name="notes__read_note", arguments='{"name": "Ähre"}'),
        RequestedCall(id="call_1", name="other", arguments='{"a": [1, {"b": 2}]}'),
    )


async def test_tool_calls_beside_the_finish_stop_are_tool_calls(model: LiteLLMModel, server: OpenAIServer) -> None:
    server.turns = [Turn(calls=(("other", {}),), finish="stop")]
    assert (await answer(model, request()))[-1].finish == "tool_calls"


@pytest.mark.parametrize(
    ("finish", "meant"),
    [
        ("length", "length"),
        ("max_output_tokens", "length"),
        ("model_length", "length"),
        ("content_filter", "content_filter"),
        ("contentFilter", "content_filter"),
        ("prohibited_content", "content_filter"),
        ("data_inspection_failed", "content_filter"),
        ("eos", "stop"),
    ],
)
async def test_why_an_answer_ended_is_passed_on(
    model: LiteLLMModel, server: OpenAIServer, finish: str, meant: str
) -> None:
    server.turns = [Turn(text="I was about to", finish=finish)]
    assert (await answer(model, request()))[-1].finish == meant


@pytest.mark.parametrize("finish", ["error", "USER_CANCEL", "engine_overloaded", "insufficient_system_resource"])
async def test_who_gave_up_in_the_middle_has_not_answered(
    model: LiteLLMModel, server: OpenAIServer, finish: str
) -> None:
    server.turns = [Turn(text="I was about to", finish=finish)]
    with pytest.raises(BrokenAnswer):
        await answer(model, request())


async def test_an_empty_answer_is_an_answer(model: LiteLLMModel, server: OpenAIServer) -> None:
    server.turns = [Turn()]
    deltas = await answer(model, request())
    assert "".join(delta.text for delta in deltas) == ""
    assert deltas[-1].finish == "stop"


async def test_a_model_without_a_price_has_usage_and_no_cost(
    model: LiteLLMModel, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "is_own", lambda *_: False)  # as if it were far away
    last = (await answer(model, request("openai/our-own-model")))[-1]
    assert last.usage == Usage(prompt=100, completion=20)
    assert last.cost_nanos is None


async def test_the_request_carries_the_cap_the_tools_and_asks_for_usage(
    model: LiteLLMModel, server: OpenAIServer
) -> None:
    await answer(model, request())
    [body] = server.requests
    assert body["max_tokens"] == 300
    assert body["tools"] == [TOOL]
    assert body["stream_options"] == {"include_usage": True}


async def test_a_slow_answer_is_not_a_silent_one(model: LiteLLMModel, server: OpenAIServer) -> None:
    server.turns = [Turn(text="abcdef" * 2, delay=0.4, keepalive=6)]
    assert (await answer(model, request(timeout=1)))[-1].finish == "stop"


async def test_an_answer_nobody_waits_for_any_more_can_be_left(model: LiteLLMModel, server: OpenAIServer) -> None:
    server.turns = [Turn(text="word " * 200, delay=0.05)]

    answering = asyncio.Event()

    async def listen() -> None:
        async for _ in model.stream(request()):
            answering.set()

    listener = asyncio.create_task(listen())
    await asyncio.wait_for(answering.wait(), 30)
    listener.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listener
    server.turns = [Turn(text="next")]
    assert (await answer(model, request()))[-1].finish == "stop"


# --- failures ----------------------------------------------------------------------------------------


async def test_a_rate_limit_passes_and_names_its_delay(model: LiteLLMModel, server: OpenAIServer) -> None:
    error = await failure(model, server, Turn(fault="rate_limit", retry_after=7))
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after == 7


async def test_a_rate_limit_without_a_delay_leaves_it_to_the_caller(model: LiteLLMModel, server: OpenAIServer) -> None:
    error = await failure(model, server, Turn(fault="rate_limit"))
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after is None


async def test_an_account_without_credit_is_final_although_it_is_a_429(
    model: LiteLLMModel, server: OpenAIServer
) -> None:
    error = await failure(model, server, Turn(fault="quota"))
    assert isinstance(error, ModelError)
    assert "no credit left. Check the plan and billing" in str(error)


async def test_a_refused_key_names_its_variable_and_not_its_value(model: LiteLLMModel, server: OpenAIServer) -> None:
    error = await failure(model, server, Turn(fault="auth"))
    assert isinstance(error, ModelError)
    assert "openai refused the key in OPENAI_API_KEY" in str(error)


async def test_too_long_a_conversation_is_an_overflow(model: LiteLLMModel, server: OpenAIServer) -> None:
    assert isinstance(await failure(model, server, Turn(fault="overflow")), ContextOverflow)


@pytest.mark.parametrize("fault", ["not_found", "content_policy", "bad_request"])
async def test_what_would_be_refused_again_is_final(model: LiteLLMModel, server: OpenAIServer, fault: Fault) -> None:
    error = await failure(model, server, Turn(fault=fault))
    assert type(error) is ModelError


@pytest.mark.parametrize("fault", ["server_error", "unavailable"])
async def test_a_server_in_trouble_may_recover(model: LiteLLMModel, server: OpenAIServer, fault: Fault) -> None:
    assert isinstance(await failure(model, server, Turn(fault=fault)), ModelUnavailable)


@pytest.mark.parametrize("fault", ["cut", "no_finish"])
@pytest.mark.parametrize("turn", [Turn(text="a text of some length"), Turn(calls=(("other", {"some": "arguments"}),))])
async def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(
    model: LiteLLMModel, server: OpenAIServer, turn: Turn, fault: Fault
) -> None:
    error = await failure(model, server, Turn(text=turn.text, calls=turn.calls, fault=fault))
    assert isinstance(error, ModelUnavailable)
    assert "partway through its answer" in str(error)


@pytest.mark.parametrize("fault", ["hang", "stall"])
async def test_silence_is_given_up_after_the_time_out(model: LiteLLMModel, server: OpenAIServer, fault: Fault) -> None:
    async with asyncio.timeout(10):
        error = await failure(model, server, Turn(text="a text of some length", fault=fault), timeout=1)
    assert isinstance(error, ModelUnavailable)


async def test_a_server_that_is_not_there_may_come_back(model: LiteLLMModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "anything")
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    with pytest.raises(ModelUnavailable, match=r"Cannot reach .* at http://127\.0\.0\.1:9\. Check OPENAI_API_BASE"):
        await answer(model, request())


# --- before a call -----------------------------------------------------------------------------------


async def test_facts_come_from_the_price_table(model: LiteLLMModel, server: OpenAIServer) -> None:
    facts = await model.facts("gpt-4o-mini")
    assert (facts.context_window, facts.max_output) == (128_000, 16_384)
    assert (facts.prompt_nanos, facts.completion_nanos) == (150, 600)


async def test_a_model_that_is_not_in_the_table_is_unpriced_but_usable(
    model: LiteLLMModel, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_BASE")
    assert not (await model.facts("openai/our-own-model")).priced


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai/gpt-5-mini", "OPENAI_API_KEY"),
        ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-flash", "GEMINI_API_KEY"),
    ],
)
async def test_a_missing_key_is_named_before_any_call(
    model: LiteLLMModel, monkeypatch: pytest.MonkeyPatch, name: str, variable: str
) -> None:
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    with pytest.raises(ModelError, match=f"{variable} is not set. Set it, or choose"):
        await model.facts(name)
    with pytest.raises(ModelError, match=variable):
        await answer(model, request(name))


async def test_azure_without_an_api_version_says_so(model: LiteLLMModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_API_KEY", "a-key")
    monkeypatch.setenv("AZURE_API_BASE", "https://ours.openai.azure.com")
    monkeypatch.delenv("AZURE_API_VERSION", raising=False)
    with pytest.raises(ModelError, match=r"AZURE_API_VERSION is not set\. Set it to an Azure API version"):
        await model.facts("azure/our-deployment")
    monkeypatch.delenv("AZURE_API_KEY")
    with pytest.raises(ModelError, match="AZURE_API_KEY is not set"):
        await model.facts("azure/our-deployment")


@pytest.mark.parametrize("name", ["nonsense", "nosuch/model"])
async def test_a_provider_nobody_knows_is_refused_with_an_example(model: LiteLLMModel, name: str) -> None:
    with pytest.raises(ModelError, match="such as openai/gpt-5-mini"):
        await model.facts(name)


async def test_longer_conversations_count_more_tokens(model: LiteLLMModel, server: OpenAIServer) -> None:
    short, long = await model.count(request()), await model.count(request(text="hello world " * 500))
    assert 0 < short < 100
    assert 900 < long < 1_500


def test_nothing_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, threadwork.adapters.models.routed; sys.exit('litellm' in sys.modules or 'openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("vertex_ai/gemini-2.5-flash", "google.auth", "google-auth"),
        ("vertex_ai/claude-sonnet-4-5", "google.auth", "google-auth"),
        ("bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0", "boto3", "boto3"),
        ("bedrock/converse/us.amazon.nova-lite-v1:0", "boto3", "boto3"),
    ],
)
async def test_a_package_that_is_missing_is_final_and_named(
    model: LiteLLMModel, monkeypatch: pytest.MonkeyPatch, name: str, module: str, package: str
) -> None:
    """BerriAI/litellm#30320, Aider-AI/aider#2181."""
    for hidden in (module, "botocore.credentials") if module == "boto3" else (module,):
        monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(ThreadworkError) as caught:
        await answer(model, request(name))
    assert type(caught.value) is ModelError
    assert f"needs the package {package}, which is not installed. Install {package} where" in str(caught.value)


@pytest.mark.parametrize("name", ["ollama/q", "ollama_chat/q", "lemonade/q", "huggingface/some/model"])
async def test_no_other_server_than_the_models_own_is_asked_about_it(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """BerriAI/litellm#37041 and BerriAI/litellm#9602: for a remote Ollama this machine's is asked, while all waits."""
    asked: list[str] = []

    class Asking:
        def post(self, url: str, **_: object) -> None:
            asked.append(url)
            raise OSError("nobody is there")

        get = post

    monkeypatch.setattr(library(), "module_level_client", Asking())
    far = LiteLLMModel({"far": ModelSpec(model=name, base_url=server.url, api_key="sk-test-1234567890abcdef")})
    await far.facts("far")
    with suppress(ThreadworkError):  # Ollama's own form of an answer is another
        await answer(far, request("far").model_copy(update={"reasoning": "high"}))
    await far.close()
    assert server.requests
    assert asked == []
