"""What tokens cost: whose word counts, when a price is not known, and that what is set aside is never too little."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.manners import openai
from tests.manners.server import ManneredServer
from tests.worker_harness import agent
from threadwork.activities.agent_config import check_budget
from threadwork.adapters.models import litellm_model
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.models.places import private
from threadwork.adapters.models.prices import billed
from threadwork.adapters.models.targets import Target
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.calls import Reservation
from threadwork.workflows.domain.budget_reservations import afford, used
from threadwork.workflows.errors import Rejected
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest, ModelSpec, Price, PriceTier
from threadwork.workflows.values import Ledger, Usage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm", "ignore::UserWarning:pydantic")
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
KEYS = ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DASHSCOPE_API_KEY", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, "test-key")
    for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "OLLAMA_API_BASE"):
        monkeypatch.delenv(name, raising=False)


async def facts(name: str, **spec: Any) -> ModelFacts:
    if not spec:
        return await LiteLLMModel().facts(name)
    return await LiteLLMModel({"m": ModelSpec(model=name, **spec)}).facts("m")


# --- when a price is known --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        "anthropic/claude-opus-9",  # BerriAI/litellm#30715: newer than the table, and 0 there
        "gemini/gemini-3-pro-preview",
        "openrouter/anthropic/claude-sonnet-4.5",
        "openai/our-own-model",
        "gemini/gemini-exp-1206",  # the table says 0
        "ollama_chat/qwen3-coder:480b-cloud",  # passed on to its makers
    ],
)
async def test_a_price_of_0_that_nobody_stated_is_not_known(model: str) -> None:
    assert not (await facts(model)).priced


@pytest.mark.parametrize("model", ["openrouter/deepseek/deepseek-r1:free", "ollama_chat/llama3.1", "lm_studio/qwen3"])
async def test_what_costs_nothing_is_known_to(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LM_STUDIO_API_BASE", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LM_STUDIO_API_KEY", "any")
    monkeypatch.setenv("OLLAMA_API_BASE", "http://127.0.0.1:9")
    known = await facts(model)
    assert known.priced
    assert known.cost(10**6, 10**6) == 0


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost:1234", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.1.20:8000/v1", True),
        ("http://10.0.0.7/v1", True),
        ("http://host.docker.internal:11434", True),
        ("http://vllm:8000/v1", True),
        ("http://gpu.local/v1", True),
        ("https://api.example.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("https://llm.mycompany.com/v1", False),
    ],
)
async def test_a_server_of_ones_own_costs_nothing_and_another_is_not_known(url: str, own: bool) -> None:
    assert private(url) is own
    spec = Target("m", ModelSpec(model="openai/our-own-model", base_url=url, api_key="k"))
    assert litellm_model._facts(spec, "openai", {}).priced is own


async def test_a_relay_on_this_machine_is_not_free() -> None:
    assert not (await facts("litellm_proxy/gpt-x", base_url="http://127.0.0.1:9", api_key="k")).priced


async def test_the_files_price_comes_first() -> None:
    known = await facts("anthropic/claude-opus-9", price=Price(input=5, output=25, cached_input=0.5))
    assert (known.prompt_nanos, known.completion_nanos, known.cached_nanos) == (5_000, 25_000, 500)
    assert known.cached_share == 0.1


# --- budgets ----------------------------------------------------------------------------------------------


def test_a_budget_in_dollars_alone_does_not_start_without_a_price() -> None:
    unknown, only = ModelFacts(name="x"), BudgetSpec(usd=1, tokens=None)
    with pytest.raises(
        Rejected, match=r"Set its price under models in threadwork\.yaml, or agents\.default\.budget\.tokens"
    ):
        check_budget(agent(model="x", budget=only), unknown)
    check_budget(agent(model="x", budget=only), ModelFacts(name="x", prompt_nanos=0, completion_nanos=0))
    check_budget(agent(model="x", budget=BudgetSpec(usd=1, tokens=10)), unknown)
    check_budget(agent(model="x", budget=BudgetSpec(usd=None, tokens=None)), unknown)


@pytest.mark.parametrize(
    ("usage", "share", "tokens"),
    [
        (Usage(prompt=10_000, completion=100, cached=9_000), 0.1, 2_000),
        (Usage(prompt=10_000, completion=100, cached=9_000), 1, 10_100),  # what one costs is not known
        (Usage(prompt=10, completion=0, cached=5), 0.25, 7),  # 5 + 1.25, rounded up
        (Usage(prompt=10, completion=0, cached=99), 0, 0),
    ],
)
def test_cached_tokens_count_at_their_prices_share(usage: Usage, share: float, tokens: int) -> None:
    assert used(usage, 5, share) == Ledger(nanos=5, tokens=tokens)


def test_a_longer_prompt_is_set_aside_at_the_dearest_price_that_may_hold() -> None:
    dear = ModelFacts(
        name="x",
        prompt_nanos=1,
        completion_nanos=4,
        tiers=(PriceTier(above=1_000, prompt_nanos=2, completion_nanos=8),),
    )
    assert dear.cost(900, 10) == 900 + 40
    assert dear.cost(1_001, 10) == 2_002 + 80
    near = afford(Reservation(prompt=900, output_cap=10, facts=dear, nanos_limit=10**6, tokens_limit=None), Ledger())
    assert near.reserved.nanos == 1_800 + 80  # the estimate may be short of it


# --- what is billed ---------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[ManneredServer]:
    with ManneredServer([]) as server:
        yield server


@pytest.fixture
async def bill(server: ManneredServer) -> AsyncIterator[Any]:
    used_: list[LiteLLMModel] = []

    async def bill(model: str, usage: dict[str, Any], headers: dict[str, str] | None = None, **spec: Any) -> Delta:
        server.script = [openai.stream({"role": "assistant", "content": "Hi"}, usage=usage, headers=headers or {})]
        given = ModelSpec(model=model, base_url=f"{server.url}/v1", api_key="k", context_window=8_192, **spec)
        used_.append(LiteLLMModel({"m": given}))
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "x"},), max_output=9, timeout=30)
        return [delta async for delta in used_[-1].stream(asked)][-1]

    yield bill
    for model in used_:
        await model.close()


@pytest.mark.parametrize(
    ("model", "more", "headers", "nanos"),
    [
        ("openrouter/anthropic/claude-sonnet-4.5", {"cost": 0.5}, {}, 500_000_000),
        ("openrouter/x/y:free", {"cost": 0}, {}, 0),
        ("openrouter/openai/gpt-4o", {"cost": 0.001}, {}, 1_000_000),  # the table knows it, too
        ("xai/grok-4", {"cost_in_usd_ticks": 5_000_000_000}, {}, 500_000_000),
        ("perplexity/sonar", {"cost": {"total_cost": 0.006}}, {}, 6_000_000),
        ("litellm_proxy/gpt-x", {}, {"x-litellm-response-cost": "0.7"}, 700_000_000),
        ("openai/behind-a-proxy", {}, {"x-litellm-response-cost": "0.7"}, 700_000_000),
        ("litellm_proxy/gpt-x", {"cost": 0}, {}, None),  # a proxy's word for "not known"
        ("openai/gpt-4o-mini", {"cost": -1}, {}, 1_000 * 150 + 100 * 600),
        ("anthropic/claude-opus-9", None, {}, None),
    ],
)
async def test_what_the_provider_bills_comes_before_the_table(
    bill: Any, model: str, more: dict[str, Any] | None, headers: dict[str, str], nanos: int | None
) -> None:
    if more is None:
        claude = Target("m", ModelSpec(model=model))
        whole = library().ModelResponse(usage=library().Usage(prompt_tokens=10, completion_tokens=1))
        assert billed(claude, "anthropic", ModelFacts(name="m"), whole, {}, Usage(prompt=10, completion=1)) is None
        return
    assert (await bill(model, {**USAGE, **more}, headers)).cost_nanos == nanos


async def test_the_files_price_is_the_owners_last_word(bill: Any) -> None:
    price = Price(input=1, output=2)
    assert (await bill("openrouter/x/y", {**USAGE, "cost": 0.5}, price=price)).cost_nanos == 1_000 * 1_000 + 100 * 2_000


def _with_prices() -> list[str]:
    """Some models of the table, and more of those with tiers."""
    table = library().model_cost
    chats = [name for name in sorted(table) if table[name].get("mode") == "chat" and "1k-" not in name]
    tiered = [name for name in chats if "tiered_pricing" in table[name] or any("_above_" in key for key in table[name])]
    return [*chats[::37], *tiered[::9]]


def test_no_model_of_the_table_is_billed_more_than_was_set_aside() -> None:
    short = []
    for name in _with_prices():
        try:
            provider = str(library().get_llm_provider(name)[1])
        except Exception:
            continue  # a name that no call can have
        meant = Target(name, ModelSpec(model=name))
        known = litellm_model._facts(meant, provider, litellm_model._known(meant, provider))
        for prompt in (1_000, 130_000, 199_000, 260_000):
            usage = library().Usage(prompt_tokens=round(prompt * 1.04), completion_tokens=1_000)
            bill = billed(
                meant, provider, known, library().ModelResponse(usage=usage, model=name), {}, Usage(prompt=prompt)
            )
            wanted = Reservation(prompt=prompt, output_cap=1_000, facts=known, nanos_limit=10**15, tokens_limit=None)
            if bill and bill > afford(wanted, Ledger()).reserved.nanos * 1.05:
                short.append((name, prompt, bill, afford(wanted, Ledger()).reserved.nanos))
    assert short == []
