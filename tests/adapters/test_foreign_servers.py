"""Tool servers that other programs declare: Claude Code, Cursor, VS Code and those that write like them."""

import json
from pathlib import Path
from typing import Any

import pytest

from threadwork.adapters.catalog.files import FileCatalog
from threadwork.adapters.catalog.problems import ConfigError
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.bot.catalog import offered
from threadwork.bot.settings import Settings
from threadwork.workflows.servers import ServerSpec

CLAUDE: dict[str, Any] = {
    "mcpServers": {
        "my server": {"command": "npx", "args": ["-y", "x", "${KEY:-none}"], "autoApprove": ["read"], "trust": True},
        "hub": {"type": "http", "url": "https://hub.example/mcp", "headers": {"Authorization": "Bearer ${HUB}"}},
        "old": {"command": "old", "disabled": True},
    }
}
CODE = """{
  // what VS Code writes
  "inputs": [{"type": "promptString", "id": "hub-token", "password": true}],
  "servers": {
    "hub": {"type": "sse", "url": "https://hub.example/sse", "headers": {"X-Key": "${input:hub-token}"}},
    "files": {"command": "fs", "args": ["${workspaceFolder}/a"], "env": {"A": "${env:HOME}", "N": 5}},
  }
}"""


def written(folder: Path, yaml: str, **files: Any) -> FileCatalog:
    for name, content in files.items():
        path = folder / {"claude": ".mcp.json", "code": ".vscode/mcp.json", "cursor": ".cursor/mcp.json"}[name]
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / "threadwork.yaml").write_text(yaml)
    return FileCatalog.load(folder / "threadwork.yaml", "openai/x", folder)


def test_a_file_that_nobody_named_is_not_read(tmp_path: Path) -> None:
    catalog = written(tmp_path, "mcpServers: {own: {command: a}}", claude=CLAUDE)
    assert set(catalog.servers) == {"own"}


def test_the_form_of_claude_code_and_cursor_is_read_and_never_trusted(tmp_path: Path) -> None:
    yaml = "mcpServersFrom: [.mcp.json]\nagents: {default: {servers: [my-server, hub, old]}}"
    catalog = written(tmp_path, yaml, claude=CLAUDE)
    assert set(catalog.servers) == {"my-server", "hub"}
    assert catalog.servers["my-server"] == ServerSpec(
        command="npx", args=("-y", "x", "${KEY:-none}"), cwd=str(tmp_path)
    )
    assert catalog.servers["hub"].headers == {"Authorization": "Bearer ${HUB}"}
    assert not any(server.trust_annotations for server in catalog.servers.values())
    assert catalog.notes == (
        ".mcp.json: my server: is called my-server here.",
        ".mcp.json: my server: its autoApprove has no effect here; use tools under agents.",
        ".mcp.json: my server: its trust has no effect here; use tools under agents.",
    )


def test_the_form_of_vs_code_is_read_with_its_remarks_and_variables(tmp_path: Path) -> None:
    catalog = written(tmp_path, "mcpServersFrom: [.vscode/mcp.json]", code=CODE)
    files, hub = catalog.servers["files"], catalog.servers["hub"]
    assert (files.cwd, files.args, files.env) == (str(tmp_path), (f"{tmp_path}/a",), {"A": "${HOME}", "N": "5"})
    assert (hub.sse, hub.headers) == (True, {"X-Key": "${HUB_TOKEN}"})


def test_what_is_declared_here_counts_first(tmp_path: Path) -> None:
    yaml = "mcpServersFrom: [.mcp.json]\nmcpServers: {hub: {command: mine}}"
    catalog = written(tmp_path, yaml, claude=CLAUDE)
    assert catalog.servers["hub"].command == "mine"
    assert ".mcp.json: hub: left out: there is already a server hub." in catalog.notes


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, ".mcp.json: cannot be read: No such file"),
        ("{", ".mcp.json: line 1: is not JSON"),
        ("[]", ".mcp.json: declares no tool servers; put them under mcpServers or servers"),
        ({"mcpServers": {"a": 1}}, ".mcp.json: a: must be an object with command or url"),
        ({"mcpServers": {"a": {"args": ["x"]}}}, ".mcp.json: a: give either command (stdio) or url (HTTP)"),
        ({"mcpServers": {"a": {"command": ["npx"]}}}, ".mcp.json: a.command: Input should be a valid string"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(tmp_path: Path, content: Any, told: str) -> None:
    files = {} if content is None else {"claude": content}
    with pytest.raises(ConfigError) as raised:
        written(tmp_path, "mcpServersFrom: [.mcp.json]", **files)
    [problem] = raised.value.problems
    assert problem.startswith(told)


def test_a_name_that_will_not_do_is_told_with_one_that_will(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='such as "my-server"'):
        written(tmp_path, 'mcpServers: {"my server": {command: a}}')


async def test_a_server_that_is_switched_off_is_no_unknown_one(tmp_path: Path) -> None:
    servers = "{own: {command: a, disabled: true}, other: {command: b}}"
    yaml = f"mcpServersFrom: [.mcp.json]\nagents: {{default: {{servers: [own, other, gone]}}}}\nmcpServers: {servers}"
    catalog = written(tmp_path, yaml, claude={"mcpServers": {"gone": {"command": "c", "enabled": False}}})
    assert set(catalog.servers) == {"other"}
    assert set(catalog.servers_off) == {"own", "gone"}
    found = await McpToolBox({}, {}, off=catalog.servers_off).discover(["own"])
    assert found.problems == ("The tool server own is disabled in the file that declares it.",)


def test_such_files_are_offered_until_they_are_named(tmp_path: Path) -> None:
    settings = Settings(threadwork_config=tmp_path / "threadwork.yaml")
    told = offered(settings, written(tmp_path, "agents: {default: {}}", cursor=CLAUDE, code=CODE))
    assert ".cursor/mcp.json (my server, hub, old); .vscode/mcp.json (hub, files)" in told
    assert told.endswith("mcpServersFrom: [.cursor/mcp.json, .vscode/mcp.json]")
    assert offered(settings, written(tmp_path, "mcpServersFrom: [.cursor/mcp.json, .vscode/mcp.json]")) == ""
