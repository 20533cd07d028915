"""Nobody makes the worker call an address by naming a model, and people ask for the models that the file lists."""

import asyncio
import socketserver
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from tests.fake_run import ANN, Front, caller
from tests.heard import Heard
from tests.worker_harness import WorkerHarness, agent, done
from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.bot.api.app import create_app
from threadwork.bot.intake import commands
from threadwork.bot.settings import Settings, SettingsError
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.errors import ModelError, Rejected
from threadwork.workflows.inbound import MessageSource, Response, StartForm
from threadwork.workflows.model_names import misnamed, mispatterned
from threadwork.workflows.models import ModelRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import LOCAL, Principal

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

MALLORY = Principal(platform="discord", workspace="500", user_id="666", name="mallory")
API = Principal(platform="api", user_id="token", name="API")
CHANNEL = Sink(platform="slack", workspace="T1", channel="C1")

# LiteLLM's own tricks first (llms/oobabooga/chat, llms/huggingface/chat: a name that begins with http:// or https:// is
# the address); then what an HTTP client, a path or a later version could make of a name.
ADDRESSES = [
    "oobabooga/http://{host}/latest/meta-data",
    "oobabooga/https://{host}/x#",
    "huggingface/http://{host}/x?",
    "http://{host}/v1",
    "HTTP://{host}/v1",
    "vllm/HtTp://{host}",
    "petals/http:/{host}",
    "custom/http:{host}/../..",
    "openai//{host}/v1",
    "//{host}/v1",
    "baseten/ftp://{host}",
    "file:///etc/passwd",
    "ollama/..%2f..%2fadmin",
    "replicate/../../account",
    "gemini/./x",
    "oobabooga/http%3A%2F%2F{host}",
    "oobabooga/http\uff1a\uff0f\uff0f{host}",
    "oobabooga/http:\\\\{host}",
    "oobabooga/ht\ttp://{host}",
    "oobabooga/http:\n//{host}",
    "oobabooga/http:\u200b//{host}",
    "gemini/x?key=1",
    "gemini/x#",
    "openai/",
    "/openai/x",
    "openai/user@{host}:80/",
    "openai/x y",
    "openai/\u202egpt",
    "x" * 201,
]
NAMES = [
    "openai/gpt-5-mini",
    "gpt-4o",
    "ollama/llama3:8b",
    "bedrock/arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
    "bedrock/converse/arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
    "bedrock/us-west-2/anthropic.claude-v2:1",
    "cloudflare/@cf/meta/llama-2-7b-chat-fp16",
    "vertex_ai/claude-3-5-sonnet@20240620",
    "ft:gpt-4o-mini-2024-07-18:my-org::AbC123",
    "huggingface/together/deepseek-ai/DeepSeek-R1",
    "openrouter/meta-llama/llama-3.1-8b-instruct:free",
    "replicate/meta/llama-2-70b-chat:02e509c789964a7ea8736978a43525956ef40397be9033abf9fd2badfe68c9e3",
]


class Ear:
    """Listens on loopback, and keeps what comes."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        ear = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                ear.heard.append(self.request.recv(65_536))
                self.request.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 6\r\nConnection: close\r\n\r\nSECRET")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Ear":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    monkeypatch.setenv("HUGGINGFACE_API_KEY", "hf_0123456789abcdef")
    with Ear() as ear:
        yield ear


@pytest.fixture
async def lite() -> AsyncIterator[LiteLLMModel]:
    model = LiteLLMModel()
    yield model
    await model.close()


def front(**more: Any) -> Front:
    own = AgentSpec(name="default", model="openai/gpt-5-mini", fallback_models=("anthropic/claude-sonnet-4-5",))
    return Front(None, own, **{"models": (), **more})


# --- the door ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ANN, MALLORY, LOCAL, API], ids=lambda by: by.platform)
@pytest.mark.parametrize("name", ADDRESSES)
async def test_an_address_in_place_of_a_model_is_refused_whoever_asks(name: str, by: Principal) -> None:
    everything = front(models=("*", "oobabooga/*", "huggingface/*"))
    with pytest.raises(Rejected):
        await commands.run(everything.ports, caller(by=by), "Hello", model=name.format(host="127.0.0.1:9"))


@pytest.mark.parametrize("name", NAMES)
async def test_names_of_models_with_colons_and_slashes_are_names(name: str) -> None:
    assert misnamed(name) == ""
    await commands.run(front().ports, caller(by=LOCAL), "Hello", model=name)


@pytest.mark.parametrize("name", ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"])
async def test_people_may_ask_for_agents_models_their_fallbacks_and_what_the_file_allows(name: str) -> None:
    allowing = front(models=("gemini/*-flash",))
    for by in (ANN, MALLORY):
        command = await commands.run(allowing.ports, caller(by=by), "Hello", model=name)
        assert command.action.order.model == name  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["openai/gpt-5", "gemini/gemini-2.5-pro", "demo/scripted", "OPENAI/gpt-5-mini"])
async def test_people_are_refused_other_models_and_told_which_there_are(name: str) -> None:
    allowing = front(models=("gemini/*-flash",))
    for by in (ANN, MALLORY):
        with pytest.raises(Rejected) as refused:
            await commands.run(allowing.ports, caller(by=by), "Hello", model=name)
        assert refused.value.hint == "You may use: openai/gpt-5-mini, anthropic/claude-sonnet-4-5, gemini/*-flash."


async def test_whoever_is_local_may_name_any_model() -> None:
    for by in (LOCAL, API):
        command = await commands.run(front().ports, caller(by=by), "Hello", model="xai/grok-4")
        assert command.action.order.model == "xai/grok-4"  # type: ignore[union-attr]


# --- every surface -----------------------------------------------------------------------------------

EVIL = "oobabooga/http://127.0.0.1:9/x"


async def by_command(listener: Heard, origin: MessageSource) -> Response:
    return await listener.command(origin, f"run --model {EVIL} hello")


async def by_form(listener: Heard, origin: MessageSource) -> Response:
    return await listener.start(origin, StartForm(goal="hello", model=EVIL))


async def test_a_command_with_an_address_starts_nothing_and_says_why() -> None:
    there = front()
    response = await by_command(Heard(there.ports), MessageSource(by=ANN, key="c1", sink=CHANNEL))
    assert "is an address; write a model name" in response.text
    assert await there.store.intake.lease("test", 10, 60) == []


@pytest.mark.parametrize("by", [ANN, MALLORY], ids=["slack", "discord"])
async def test_a_form_with_an_address_is_refused_before_anything_is_written_down(by: Principal) -> None:
    there = front()
    with pytest.raises(Rejected, match="is an address"):
        await by_form(Heard(there.ports), MessageSource(by=by, key="c1", sink=CHANNEL))
    assert await there.store.intake.lease("test", 10, 60) == []


async def test_the_api_refuses_an_address_and_takes_any_name() -> None:
    there = front()
    transport = httpx.ASGITransport(create_app(there.ports), client=("127.0.0.1", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as api:
        refused = await api.post("/api/tasks", json={"goal": "hello", "model": EVIL})
        taken = await api.post("/api/tasks", json={"goal": "hello", "model": "xai/grok-4"})
    assert (refused.status_code, refused.json()["error"]) == (422, "invalid")
    assert "is an address" in refused.json()["detail"]
    assert taken.status_code == 201


async def test_forms_offer_what_may_be_asked_for() -> None:
    there = front(models=("gemini/gemini-2.5-flash", "openai/gpt-5*"))
    offered = (await Heard(there.ports).choices(ANN)).models
    assert offered == ("openai/gpt-5-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash")


# --- behind the door ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["oobabooga/http://{host}/latest/meta-data", "huggingface/http://{host}/x"])
async def test_no_call_is_made_for_a_name_that_got_past_every_door(lite: LiteLLMModel, ear: Ear, name: str) -> None:
    evil = name.format(host=ear.host)
    with pytest.raises(ModelError):
        await lite.facts(evil)
    messages = ({"role": "user", "content": "The system prompt"},)
    with pytest.raises(ModelError, match="is an address"):
        async for _ in lite.stream(ModelRequest(model=evil, messages=messages, max_output=16, timeout=5)):
            pass
    assert ear.heard == []


@pytest.mark.parametrize("name", ["oobabooga/http://{host}/latest/meta-data", "huggingface/http://{host}/x"])
async def test_an_order_of_an_older_version_ends_with_a_sentence_and_calls_nobody(
    temporal: Client, lite: LiteLLMModel, ear: Ear, name: str
) -> None:
    harness = WorkerHarness(temporal, lite, agent=agent(model="openai/gpt-5-mini"))
    async with harness.workers():
        task = await harness.start("Hello", by=ANN, model=name.format(host=ear.host))
        assert (await task.result())["status"] == "failed"
    assert "is an address" in (await task.events())[-1].data["error"]
    assert ear.heard == []


async def test_an_order_for_a_model_that_is_not_allowed_ends_with_those_that_are(temporal: Client) -> None:
    own = agent(model="openai/gpt-5-mini")
    harness = WorkerHarness(temporal, [done()], agent=own, catalog=MemoryCatalog(own, models=("openai/*",)))
    async with harness.workers():
        task = await harness.start("Hello", by=ANN, model="xai/grok-4")
        allowed = await harness.start("Hello", by=ANN, model="openai/gpt-5")
        at_home = await harness.start("Hello", by=LOCAL, model="xai/grok-4")
        ends = await asyncio.gather(*(one.result() for one in (task, allowed, at_home)))
    assert [end["status"] for end in ends] == ["failed", "completed", "completed"]
    assert "You may use: openai/gpt-5-mini, openai/*." in (await task.events())[-1].data["error"]


# --- what operators write ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "agents: {{a: {{model: '{evil}'}}}}",
        "agents: {{a: {{fallback_models: ['{evil}']}}}}",
        "access: {{models: ['{evil}']}}",
        "access: {{models: ['oobabooga/http://*']}}",
        "models: {{a: {{model: '{evil}'}}}}",
        "models: {{'{evil}': {{model: openai/gpt-5-mini}}}}",
    ],
)
def test_the_file_takes_no_address_for_a_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "threadwork.yaml"
    file.write_text(text.format(evil=EVIL))
    with pytest.raises(ConfigError):
        FileCatalog.load(file, "demo/scripted", tmp_path)


def test_the_model_of_the_environment_is_no_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THREADWORK_MODEL", EVIL)
    with pytest.raises(SettingsError, match="THREADWORK_MODEL is an address"):
        Settings.load(tmp_path / ".env")


@pytest.mark.parametrize("pattern", ["*", "openai/*", "openai/gpt-5*", "bedrock/arn:aws:bedrock:*", "local"])
def test_patterns_are_names_with_stars(pattern: str) -> None:
    assert mispatterned(pattern) == ""
