"""How much a server of one's own takes: asked, assumed, learnt; and what Ollama is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.manners import openai
from tests.manners.server import ManneredServer, Reply
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.models.targets import Target
from threadwork.adapters.models.windows import ASKED, ASSUMED, LEARNT, UNTOLD, Windows
from threadwork.workflows.errors import ContextOverflow, ModelError
from threadwork.workflows.models import ModelRequest, ModelSpec

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

VLLM = {"data": [{"id": "qwen3", "max_model_len": 16_384}, {"id": "other", "max_model_len": 4_096}]}
LLAMA = {"data": [{"id": "a.gguf", "meta": {"n_ctx_train": 131_072}}]}
STUDIO = {"data": [{"id": "qwen3", "state": "loaded", "max_context_length": 32_768, "loaded_context_length": 4_096}]}
UNLOADED = {"data": [{"id": "qwen3", "state": "not-loaded", "max_context_length": 4_096}]}
OLLAMA = {"model_info": {"qwen3.context_length": 40_960}, "parameters": "temperature 0.6\nnum_ctx 24576\n"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[ManneredServer]:
    with ManneredServer([openai.text("Hi")]) as server:
        yield server


def target(server: ManneredServer, model: str = "openai/qwen3", path: str = "/v1", **spec: Any) -> Target:
    return Target("m", ModelSpec(model=model, base_url=f"{server.url}{path}", api_key="test-key", **spec))


@pytest.mark.parametrize(
    ("paths", "window"),
    [
        ({"/v1/models": VLLM}, 16_384),
        ({"/v1/models": LLAMA, "/props": {"default_generation_settings": {"n_ctx": 4_096}, "total_slots": 4}}, 4_096),
        ({"/v1/models": LLAMA}, ASSUMED),  # what it was made for is not what it has room for
        ({"/v1/models": {"data": [{"id": "qwen3"}]}, "/api/v0/models": STUDIO}, 4_096),
        ({"/api/v0/models": UNLOADED}, 4_096),
        ({"/v1/models": {"data": [{"id": "one"}, {"id": "two", "max_model_len": 512}]}}, ASSUMED),  # neither is ours
        ({"/v1/models": [1, 2], "/props": {"default_generation_settings": 7}}, ASSUMED),
        ({}, ASSUMED),
    ],
)
async def test_a_server_is_asked_what_it_takes(server: ManneredServer, paths: dict[str, Any], window: int) -> None:
    server.paths = paths
    assert await Windows().of(target(server), "openai", None) == window


async def test_a_server_that_is_not_there_is_assumed_small_and_asked_again_soon() -> None:
    clock, away = Clock(), Target("m", ModelSpec(model="openai/x", base_url="http://127.0.0.1:9/v1"))
    windows = Windows(clock)
    assert await windows.of(away, "openai", None) == ASSUMED
    assert windows._asked[("openai/x", "http://127.0.0.1:9/v1")][1] == UNTOLD


async def test_an_answer_is_remembered_for_a_while(server: ManneredServer) -> None:
    server.paths, clock = {"/v1/models": VLLM}, Clock()
    windows = Windows(clock)
    for clock.now in (0.0, ASKED - 1):
        assert await windows.of(target(server), "openai", None) == 16_384
    assert server.asked.count("GET /v1/models") == 1
    clock.now = ASKED + 1
    await windows.of(target(server), "openai", None)
    assert server.asked.count("GET /v1/models") == 2


async def test_what_the_file_or_the_table_says_is_not_asked(server: ManneredServer) -> None:
    windows = Windows()
    assert await windows.of(target(server, context_window=32_768), "openai", None) == 32_768
    assert await windows.of(target(server), "openai", 128_000) == 128_000
    assert await windows.of(Target("m", ModelSpec(model="openai/x")), "openai", None) is None
    assert server.asked == []


async def test_what_a_refusal_names_is_learnt_for_every_run(server: ManneredServer) -> None:
    clock, mine = Clock(), target(server, context_window=32_768)
    windows = Windows(clock)
    windows.learn(mine, "openai", 16_384)
    assert await windows.of(mine, "openai", None) == 16_384
    assert await windows.of(target(server), "openai", None) == 16_384  # under another name of ours
    windows.learn(mine, "openai", None)
    assert await windows.of(mine, "openai", None) == 16_384
    clock.now = LEARNT + 1
    assert await windows.of(mine, "openai", None) == 32_768


async def facts_and_answer(server: ManneredServer, spec: ModelSpec) -> tuple[int, dict[str, Any]]:
    model = LiteLLMModel({"m": spec})
    try:
        window = (await model.facts("m")).context_window
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "Hi"},), max_output=99, timeout=30)
        with pytest.raises(ModelError):
            async for _ in model.stream(asked):
                pass
    finally:
        await model.close()
    return window, server.requests[-1]


@pytest.mark.parametrize(
    ("told", "spec", "window"),
    [
        (OLLAMA, {}, 24_576),  # of the model's own file
        ({"model_info": {"llama.context_length": 131_072}}, {}, ASSUMED),
        ({"model_info": {"llama.context_length": 4_096}}, {}, 4_096),
        (None, {"context_window": 32_768}, 32_768),
        (None, {"params": {"num_ctx": 12_288}}, 12_288),
    ],
)
async def test_ollama_is_told_how_much_room_to_make(
    server: ManneredServer, told: Any, spec: dict[str, Any], window: int
) -> None:
    """Else it cuts the system prompt in silence (ollama/ollama#9452)."""
    server.paths = {"/api/show": told} if told else {}
    server.script = [Reply(status=400, body={"error": "no"})]
    given = ModelSpec(model="ollama_chat/qwen3", base_url=server.url, **spec)
    known, body = await facts_and_answer(server, given)
    assert known == window
    assert body["options"]["num_ctx"] == window


async def test_the_next_call_knows_the_window_that_the_first_was_refused_with(server: ManneredServer) -> None:
    words = "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."
    server.script = [openai.error(400, words)]
    model = LiteLLMModel({"m": target(server).spec})
    try:
        assert (await model.facts("m")).context_window == ASSUMED
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "Hi"},), max_output=99, timeout=30)
        with pytest.raises(ContextOverflow):
            async for _ in model.stream(asked):
                pass
        assert (await model.facts("m")).context_window == 4_096
    finally:
        await model.close()
