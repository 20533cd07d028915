"""Where models of one's own are asked: at their server, never where LiteLLM would go by itself."""

import pytest

from threadwork.adapters.models.litellm_model import LiteLLMModel, _reached
from threadwork.adapters.models.targets import target
from threadwork.workflows.errors import ModelError


@pytest.mark.parametrize(
    ("model", "base"),
    [
        ("lm_studio/qwen3", "http://localhost:1234/v1"),
        ("docker_model_runner/ai/qwen3", "http://localhost:12434/engines/v1"),
    ],
)
async def test_a_server_of_ones_own_is_asked_at_its_usual_place(
    model: str, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await LiteLLMModel().warm()
    assert _reached(target(model, {}, {}))["api_base"] == base
    name = f"{model.partition('/')[0].upper()}_API_BASE"
    monkeypatch.setenv(name, "http://192.168.0.7:9/v1")
    assert _reached(target(model, {}, {}))["api_base"] == "http://192.168.0.7:9/v1"


@pytest.mark.parametrize("provider", ["hosted_vllm", "xinference"])
async def test_a_server_that_may_be_anywhere_must_be_named(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"{provider.upper()}_API_BASE", raising=False)
    with pytest.raises(ModelError, match=f"base_url .*{provider.upper()}_API_BASE"):
        await LiteLLMModel().facts(f"{provider}/qwen3")
