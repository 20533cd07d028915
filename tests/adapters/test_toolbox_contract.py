"""What every tool box promises behind the port `ToolBox`: the one of MCP servers, and its twin in memory."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from threadwork.activities.ports import ToolBox
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.servers import ServerSpec

ODD = str(Path(__file__).with_name("mcp_oddities.py"))


async def sleep(arguments: dict[str, Any]) -> str:
    await asyncio.sleep(arguments["seconds"])
    return "slept"


def fail(arguments: dict[str, Any]) -> str:
    raise ValueError(arguments["reason"])


def in_memory() -> ToolBox:
    return MemoryToolBox((ToolSpec(name="odd.sleep"), sleep), (ToolSpec(name="odd.fail"), fail))


@pytest.fixture(params=["mcp", "memory"])
async def box(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ToolBox]:
    """With a server `odd`, whose tools sleep and fail."""
    server = ServerSpec(command=sys.executable, args=(ODD, str(tmp_path)))
    box: ToolBox = McpToolBox({"odd": server}, {}) if request.param == "mcp" else in_memory()
    await box.discover(["odd"])
    yield box
    await box.close()


async def test_what_goes_wrong_is_an_output_but_for_a_call_that_may_have_run(box: ToolBox) -> None:
    """In one, since a server takes seconds to start."""
    output = await box.call(ToolSpec(name="odd.sleep"), {"seconds": 0}, 30)
    assert (output.text, output.is_error) == ("slept", False)
    assert (await box.call(ToolSpec(name="odd.fail"), {"reason": "It is full."}, 30)).is_error
    for gone in ("odd.none", "other.none"):
        output = await box.call(ToolSpec(name=gone), {}, 30)
        assert output.is_error, gone
        assert "none" in output.text
    with pytest.raises(TimeoutError):
        await box.call(ToolSpec(name="odd.sleep"), {"seconds": 60}, 0.3)


async def test_a_server_that_nobody_declared_is_a_problem_of_the_list() -> None:
    for box in (McpToolBox({}, {}), MemoryToolBox()):
        found = await box.discover(["other"])
        assert found.tools == ()
        assert ["no tool server other" in problem for problem in found.problems] == [True]
