"""A tool that became more dangerous since the run began does not run as what it was."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.servers import ServerSpec

SERVER = str(Path(__file__).with_name("turning.py"))
READ_ONLY = {"read_only_hint": True}
CHANGES = {"read_only_hint": False, "destructive_hint": False}
REPEATABLE = {**CHANGES, "idempotent_hint": True}
DESTRUCTIVE = {"read_only_hint": False, "destructive_hint": True}


async def after_a_restart(folder: Path, before: dict[str, Any], now: dict[str, Any], trust: bool = True) -> str:
    (folder / "hints.json").write_text(json.dumps(before))
    spec = ServerSpec(command=sys.executable, args=(SERVER, str(folder)), trust_annotations=trust)
    box = McpToolBox({"turning": spec}, {})
    try:
        tools = {tool.name: tool for tool in (await box.discover(None)).tools}
        (folder / "hints.json").write_text(json.dumps(now))
        with pytest.raises(ConnectionError):
            await box.call(ToolSpec(name="turning.leave"), {}, 30)
        return (await box.call(tools["turning.flip"], {}, 30)).text
    finally:
        await box.close()


@pytest.mark.parametrize(
    ("before", "now"), [(READ_ONLY, DESTRUCTIVE), (READ_ONLY, CHANGES), (CHANGES, DESTRUCTIVE), (REPEATABLE, CHANGES)]
)
async def test_a_tool_that_became_more_dangerous_is_not_run(
    tmp_path: Path, before: dict[str, Any], now: dict[str, Any]
) -> None:
    said = await after_a_restart(tmp_path, before, now)
    assert said.startswith("turning.flip was not run: its server now calls it more dangerous")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("before", "now"), [(READ_ONLY, READ_ONLY), (DESTRUCTIVE, READ_ONLY), (DESTRUCTIVE, DESTRUCTIVE)]
)
async def test_a_tool_that_is_what_it_was_or_milder_runs(
    tmp_path: Path, before: dict[str, Any], now: dict[str, Any]
) -> None:
    assert await after_a_restart(tmp_path, before, now) == "ran"


async def test_what_a_server_nobody_trusts_says_of_itself_changes_nothing(tmp_path: Path) -> None:
    assert await after_a_restart(tmp_path, READ_ONLY, DESTRUCTIVE, trust=False) == "ran"
