"""Models under `models:` in the file: everything they may say takes effect."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.openai_server import Fault, OpenAIServer, Turn
from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.catalog.providers import PROVIDERS
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.errors import ModelError, ModelUnavailable
from threadwork.workflows.models import Delta, ModelRequest, Price
from threadwork.workflows.values import Usage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

KEY = "local-secret-0123456789"
OTHERS = "sk-somebody-elses-0123456789"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has an account with OpenAI, too; its key is not for servers of other people."""
    monkeypatch.setenv("OPENAI_API_KEY", OTHERS)
    monkeypatch.delenv("OPENAI_API_BASE", raising=False)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str) -> FileCatalog:
        file = tmp_path / "threadwork.yaml"
        file.write_text(dedent(text), encoding="utf-8")
        return FileCatalog.load(file, "demo/scripted", tmp_path)

    return load


@pytest.fixture
async def model(load, server: OpenAIServer):
    """Makes models of an entry; LiteLLM's connections are closed in the loop that opened them."""

    def model(rest: str = "", environment: dict[str, str] | None = None, url: str = server.url) -> LiteLLMModel:
        catalog = load(f'models: {{local: {{model: openai/qwen3, base_url: "{url}"{rest}}}}}')
        return LiteLLMModel(catalog.model_specs, environment or {})

    yield model
    await LiteLLMModel().close()


async def answer(model: LiteLLMModel, name: str = "local") -> list[Delta]:
    messages = ({"role": "user", "content": "Hello"},)
    return [delta async for delta in model.stream(ModelRequest(model=name, messages=messages, max_output=9, timeout=5))]


def authorization(server: OpenAIServer) -> str:
    return {name.lower(): value for name, value in server.headers[-1].items()}["authorization"]


# --- where it is, and its key ------------------------------------------------------------------------


async def test_a_named_model_is_called_at_its_base_url_with_its_own_key(model, server: OpenAIServer) -> None:
    local = model(', api_key: "${LOCAL_KEY}"', {"LOCAL_KEY": f"{KEY}\n"})
    assert (await answer(local))[-1].finish == "stop"
    assert server.requests[-1]["model"] == "qwen3"
    assert authorization(server) == f"Bearer {KEY}"


async def test_the_base_url_may_stand_in_a_variable(model, server: OpenAIServer) -> None:
    there = server.url.removeprefix("http://")
    await answer(model("", {"THERE": there}, url="http://${THERE}"))
    assert len(server.requests) == 1


async def test_a_base_url_without_a_key_does_not_get_the_key_of_the_provider(model, server: OpenAIServer) -> None:
    await answer(model())
    assert authorization(server) == "Bearer none"


async def test_a_variable_that_is_not_set_is_named_with_its_entry(model, server: OpenAIServer) -> None:
    local = model(', api_key: "${LOCAL_KEY}"')
    said = r"LOCAL_KEY is not set\. Set it where the worker runs: models\.local in threadwork\.yaml needs it\."
    with pytest.raises(ModelError, match=said):
        await local.facts("local")
    with pytest.raises(ModelError, match=said):
        await answer(local)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["bad_request", "overflow", "server_error"])
async def test_a_key_stands_in_no_error(model, server: OpenAIServer, fault: Fault) -> None:
    server.turns = [Turn(fault=fault)]
    with pytest.raises((ModelError, ModelUnavailable)) as failed:
        await answer(model(', api_key: "${LOCAL}"', {"LOCAL": KEY}))
    assert KEY not in str(failed.value)
    assert failed.value.__cause__ is None


async def test_a_key_that_no_header_can_carry_is_said_without_showing_it(model, server: OpenAIServer) -> None:
    with pytest.raises(ModelError) as failed:
        await answer(model(', api_key: "${LOCAL}"', {"LOCAL": f"{KEY}\nX-Evil: 1"}))
    assert str(failed.value).startswith("The api_key of local cannot be sent.")
    assert KEY not in str(failed.value)


async def test_a_refused_key_names_the_entry(model, server: OpenAIServer) -> None:
    server.turns = [Turn(fault="auth")]
    with pytest.raises(ModelError, match=r"The server of local refused the key\. Correct models\.local\.api_key\."):
        await answer(model(', api_key: "${LOCAL}"', {"LOCAL": KEY}))
    with pytest.raises(ModelError, match=r"needs a key\. Set models\.local\.api_key\."):
        await answer(model())


async def test_a_server_that_is_away_names_the_entry(model) -> None:
    with pytest.raises(
        ModelUnavailable, match=r"Cannot reach local at http://127\.0\.0\.1:9\. Check models\.local\.base_url\."
    ):
        await answer(model(url="http://127.0.0.1:9/v1"))


async def test_an_entry_without_an_address_uses_the_account_of_the_provider(load, monkeypatch) -> None:
    catalog = load("models: {small: {model: openai/gpt-4o-mini}}")
    facts = await LiteLLMModel(catalog.model_specs, {}).facts("small")
    assert (facts.name, facts.prompt_nanos, facts.completion_nanos) == ("small", 150, 600)
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ModelError, match=r"OPENAI_API_KEY is not set\. Set it, or choose a model other than small"):
        await LiteLLMModel(catalog.model_specs, {}).facts("small")


# --- what it can take, what it costs, how it is asked ------------------------------------------------


async def test_sizes_and_prices_of_the_file_are_believed(model) -> None:
    facts = await model(", context_window: 32768, max_output: 4096, price: {input: 0.15, output: 2}").facts("local")
    assert (facts.context_window, facts.max_output) == (32_768, 4_096)
    assert (facts.prompt_nanos, facts.completion_nanos) == (150, 2_000)


async def test_a_price_of_nothing_is_a_price(model) -> None:
    local = model(", price: {input: 0, output: 0}")
    assert (await local.facts("local")).priced
    assert (await answer(local))[-1].cost_nanos == 0


async def test_an_answer_costs_what_the_file_says_less_for_what_was_cached(model, server: OpenAIServer) -> None:
    server.turns = [Turn(text="Hi", prompt_tokens=1_000, completion_tokens=50, cached_tokens=400)]
    last = (await answer(model(", price: {input: 1.5, output: 6, cached_input: 0.15}")))[-1]
    assert last.cost_nanos == 600 * 1_500 + 400 * 150 + 50 * 6_000


@pytest.mark.parametrize(
    ("price", "usage", "nanos"),
    [
        (Price(input=0.15, output=0), Usage(prompt=1), 150),
        (Price(input=0.0001, output=0), Usage(prompt=1), 1),  # never for nothing
        (Price(input=2, output=0), Usage(prompt=10, cached=4), 20_000),
        (Price(input=2, output=0, cached_input=0), Usage(prompt=3, cached=9), 0),  # more cached than there is
    ],
)
def test_a_price_makes_whole_nano_dollars(price: Price, usage: Usage, nanos: int) -> None:
    assert price.nanos(usage) == nanos


async def test_params_are_said_in_every_call(model, server: OpenAIServer) -> None:
    await answer(model(", params: {temperature: 0.2, top_p: 0.9, seed: 7, frequency_penalty: 0.5}"))
    [body] = server.requests
    assert (body["temperature"], body["top_p"], body["seed"], body["frequency_penalty"]) == (0.2, 0.9, 7, 0.5)
    assert body["max_tokens"] == 9


async def test_params_beyond_openais_are_said_too(model, server: OpenAIServer) -> None:
    own = "extra_body: {chat_template_kwargs: {enable_thinking: false}}, stop: END, top_k: 20, min_p: 0.05"
    await answer(model(f", params: {{{own}, repeat_penalty: 1.1, extra_headers: {{X-Title: Bot}}}}"))
    [body] = server.requests
    assert (body["top_k"], body["min_p"], body["repeat_penalty"], body["stop"]) == (20, 0.05, 1.1, ["END"])
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert server.headers[-1]["X-Title"] == "Bot"


async def test_a_header_may_hold_a_secret_which_is_shown_nowhere(model, server: OpenAIServer) -> None:
    server.turns = [Turn(fault="bad_request")]
    local = model(', api_key: x, params: {extra_headers: {X-Gateway: "${GATE}"}}', {"GATE": KEY})
    with pytest.raises(ModelError):
        await answer(local)
    assert server.headers[-1]["X-Gateway"] == KEY
    assert KEY in local._target("local").secrets


async def test_what_a_model_sees_and_how_long_it_thinks_is_kept(load) -> None:
    catalog = load("models: {a: {model: openai/x, base_url: 'http://127.0.0.1:9/v1', vision: true, reasoning: low}}")
    assert catalog.model_specs["a"].reasoning == "low"
    assert (await LiteLLMModel(catalog.model_specs, {}).facts("a")).vision is True


# --- the file ----------------------------------------------------------------------------------------


async def test_an_agent_may_use_a_named_model_and_people_may_ask_for_it(load) -> None:
    catalog = load(
        """
        agents: {a: {model: local, fallback_models: [openai/gpt-5-mini]}}
        models: {local: {model: ollama/llama3}, big: {model: "ollama/llama3:70b"}}
        access: {models: ["openai/gpt-5*"]}
        """
    )
    listed = await catalog.models()
    assert listed.names == ("local", "openai/gpt-5-mini", "big")
    assert listed.patterns == ("openai/gpt-5*",)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("openai: {model: openai/x}", "models.openai: is the name of a provider"),
        ("demo: {model: openai/x}", "models.demo: is the name of a provider"),
        ("Big/One: {model: openai/x}", "models.Big/One: must have only lower-case letters"),
        ("a: {model: openai/x, sight: true}", "models.a.sight: unknown key; allowed: api_key, base_url"),
        ("a: {model: openai/x, vision: maybe}", "models.a.vision: must be true or false"),
        ("a: {model: openai/x, reasoning: huge}", "models.a.reasoning: must be one of off, low, medium, high"),
        (
            "a: {model: openai/x, price: {input: 0.0000025, output: 10}}",
            "models.a.price.input: 0.0000025 dollars per million tokens would be 0.0000000000025 dollars per token; "
            "if you meant dollars per token, write 2.5 (is 2.5e-06)",
        ),
        (
            "a: {model: openai/x, price: {input: 1, output: 2500}}",
            "models.a.price.output: 2,500 dollars per million tokens would be 0.0025 dollars per token; "
            "if you meant dollars per billion tokens, write 2.5",
        ),
        ("a: {model: openai/x, params: {stop: []}}", "models.a.params.stop: must be a list, not empty"),
        ("a: {model: openai/x, params: {extra_body: {model: y}}}", "extra_body: must not set model"),
        ("a: {model: openai/x, params: {extra_headers: {X-Key: [s3cret]}}}", "extra_headers.X-Key: must be a text"),
        (
            "a: {model: openai/x, params: {temprature: 1}}",
            'models.a.params.temprature: unknown key; did you mean "temp',
        ),
        ("a: {model: openai/x, params: {temperature: 9}}", "temperature: must be a number from 0 to 2"),
        ("a: {model: openai/x, price: {input: 1}}", "models.a.price.output: is required"),
        ("a: {model: openai/x, price: {input: -1, output: 0}}", "models.a.price.input: must be a number"),
        ("a: {model: openai/x, context_window: 8}", "models.a.context_window: must be a whole number from 1024 to"),
        ("a: {base_url: 'http://x/v1'}", "models.a.model: is required"),
        ("a: {model: openai/x, base_url: 'x:80'}", "models.a.base_url: must begin with http:// or https://"),
        ("a: {model: qwen3, base_url: 'http://x/v1'}", 'needs its provider in front, such as "openai/qwen3"'),
        ("a: {model: demo/scripted}", "models.a.model: is built in"),
        ("a: {model: b}, b: {model: openai/x}", "models.a.model: is another entry"),
        ("a:", "models.a: is empty"),
    ],
)
def test_a_mistake_in_an_entry_is_told(load, entry: str, problem: str) -> None:
    with pytest.raises(ConfigError) as mistaken:
        load(f"models: {{{entry}}}")
    assert problem in str(mistaken.value)


@pytest.mark.parametrize("written", ["'my secret'", "123456", "[secret]", "''"])
def test_a_mistaken_key_is_not_shown(load, written: str) -> None:
    with pytest.raises(ConfigError, match=r"models\.a\.api_key: must be") as mistaken:
        load(f"models: {{a: {{model: openai/x, api_key: {written}}}}}")
    assert "secret" not in str(mistaken.value)
    assert "123456" not in str(mistaken.value)


def test_every_provider_of_litellm_is_reserved() -> None:
    library()  # which is imported in our way first
    from litellm.llms.openai_like.json_loader import JSONProviderRegistry
    from litellm.types.utils import LlmProviders

    known = {provider.value for provider in LlmProviders} | set(JSONProviderRegistry.list_providers())
    assert known - PROVIDERS == set(), "add them to adapters/catalog/providers.py"
