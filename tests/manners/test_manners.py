"""Every manner of providers and tool servers that we know of, through LiteLLM and the whole path."""

import re
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from temporalio.client import Client

from tests.manners import rows
from tests.manners.mcp_server import Mcp
from tests.manners.row import Row, Seen
from tests.manners.rows import files
from tests.manners.server import ManneredServer
from tests.worker_harness import READ, WRITE, WorkerHarness, agent
from threadwork.adapters.files.reader import Reader
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolPolicy
from threadwork.workflows.events import Hint
from threadwork.workflows.models import ModelSpec, ToolOutput

ROWS: tuple[Row, ...] = tuple(
    row for found in iter_modules(rows.__path__) for row in import_module(f"{rows.__name__}.{found.name}").ROWS
)
REPORT = re.compile(r"(?:control of )?[\w.-]+/[\w.-]+#\d+|https://\S+")  # a thread, or a page
PLENTY = {"tools": ToolPolicy(allow=("notes.*",))}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm", "ignore::UserWarning:pydantic")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_manner(row: Row, temporal: Client, tmp_path: Path) -> None:
    with ExitStack() as servers:
        first = servers.enter_context(ManneredServer(row.script, rules=row.rules, paths=row.paths))
        specs = {"first": _spec(row, first, **row.spec)}
        if row.fallback:
            other = servers.enter_context(ManneredServer(row.fallback, rules=row.second_rules))
            specs["second"] = _spec(row, other, **{"base_url": f"{other.url}{row.second_path}", **row.second})
        served = servers.enter_context(row.mcp(tmp_path)) if row.mcp else None
        seen = await _seen(row, temporal, first, LiteLLMModel(specs), served)
        seen = replace(seen, second=other.requests) if row.fallback else seen
    if served:
        seen = replace(seen, calls=served.calls)
    assert seen.result["reason"] == row.reason, [event.data for event in seen.events][-3:]
    assert row.calls is None or seen.calls == list(row.calls)
    row.expect(seen)


async def _seen(
    row: Row, temporal: Client, server: ManneredServer, model: LiteLLMModel, served: Mcp | None = None
) -> Seen:
    more = ((tool, lambda _: "done") for tool in row.tools)
    own = MemoryToolBox((READ, _read), (WRITE, lambda a: f"wrote {a['name']}"), *more)
    tools = McpToolBox(served.servers, {}) if served else own
    await model.warm()  # its import takes seconds, which no row is to be measured by
    fallbacks = ("second",) if row.fallback else ()
    spec = agent(**{"model": "first", "fallback_models": fallbacks, **PLENTY, **row.agent})
    bus = _Watched()
    harness = WorkerHarness(temporal, model, agent=spec, tools=tools, files=Reader(), bus=bus)
    closing = AsyncExitStack()
    closing.push_async_callback(model.close)
    if isinstance(tools, McpToolBox):
        closing.push_async_callback(tools.close)
    async with closing, harness.workers():
        task = await harness.start("Do it.", files=row.files)
        if row.people:
            await row.people(task)
        result = await task.result(row.within)
        return Seen(result, await task.events(), server.requests, own.calls, bus.texts, bus.progress)


def _read(arguments: dict[str, Any]) -> str | ToolOutput:
    """A note; of a picture, its screenshot too."""
    text, name = f"read {arguments['name']}", str(arguments["name"])
    return ToolOutput(text=text, files=(files.SCREEN,)) if name.endswith(".png") else text


class _Watched(MemoryBus):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.progress: list[str] = []

    async def publish(self, hint: Hint) -> None:
        if hint.chunk and hint.chunk.progress:
            self.progress.append(hint.chunk.progress)
        elif hint.chunk and not hint.chunk.thinking:
            self.texts.append(hint.chunk.text)
        await super().publish(hint)


def _spec(row: Row, server: ManneredServer, **more: Any) -> ModelSpec:
    given = {"model": row.model, "base_url": f"{server.url}{row.path}", "api_key": "test-key", **more}
    return ModelSpec.model_validate(given)


def test_every_row_names_the_reports_that_its_shape_comes_from() -> None:
    unsaid = {row.name: row.reports for row in ROWS if not row.reports or not all(map(REPORT.fullmatch, row.reports))}
    assert unsaid == {}


def test_the_rows_have_names_of_their_own() -> None:
    names = [row.name for row in ROWS]
    assert sorted(set(names)) == sorted(names)
