"""The real program with a model behind HTTP, through LiteLLM, and somebody else's MCP server."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.openai_server import OpenAIServer, Turn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

CONFIG = """
agents:
  default:
    model: openai/gpt-4o-mini
    tools: {{allow: ["time.*"]}}
    budget: {{usd: 1.0}}
mcpServers:
  time: {{command: "{python}", args: ["-m", "mcp_server_time", "--local-timezone", "UTC"], trust_annotations: true}}
"""
ANSWER = "In Tokyo it is later than in Paris."
STORY = [
    Turn(
        text="Looking at both clocks.",
        calls=(
            ("time__get_current_time", {"timezone": "Asia/Tokyo"}),
            ("time__get_current_time", {"timezone": "Europe/Paris"}),
        ),
        prompt_tokens=1_000,
        completion_tokens=100,
    ),
    Turn(calls=(("complete_task", {"answer": ANSWER}),), prompt_tokens=2_000, completion_tokens=50, cached_tokens=500),
]
# gpt-4o-mini in LiteLLM's price table, dollars a token: prompt 1.5e-7, cached prompt 7.5e-8, answer 6e-7
COST = [1_000 * 1.5e-7 + 100 * 6e-7, 1_500 * 1.5e-7 + 500 * 7.5e-8 + 50 * 6e-7]


def _run(folder: Path, environment: dict[str, str], *words: str) -> tuple[list[dict[str, Any]], str, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = {"THREADWORK_HOME": str(folder / "home"), "THREADWORK_HTTP": f"127.0.0.1:{port}"}
    program = subprocess.run(
        [sys.executable, "-P", "-m", "threadwork.bot", "run", *words, "--json"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment, **ours},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    return [json.loads(line) for line in program.stdout.splitlines()], program.stderr, program.returncode


def test_a_model_over_http_uses_tools_side_by_side_and_every_cent_is_counted(tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text(CONFIG.format(python=sys.executable))
    with OpenAIServer(STORY) as server:
        events, errors, code = _run(tmp_path, dict(server.environment), "Compare the clocks.")
    assert code == 0, errors
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["type"] != "llm_call.chunk" for event in events)
    started = [e["data"]["tool"] for e in events if e["type"] == "tool_call.started"]
    assert started == ["time.get_current_time"] * 2
    outputs = [m["content"] for m in server.requests[-1]["messages"] if m["role"] == "tool"]
    assert ["Asia/Tokyo" in outputs[0], "Europe/Paris" in outputs[1]] == [True, True]
    completed = [e["data"] for e in events if e["type"] == "llm_call.completed"]
    assert [c["usage"]["prompt"] for c in completed] == [1_000, 2_000]
    assert [c["cost_usd"] for c in completed] == pytest.approx(COST, abs=1e-9)
    assert (events[-1]["data"]["reason"], events[-1]["data"]["answer"]) == ("goal_achieved", ANSWER)
    assert all(request["stream"] and request["stream_options"]["include_usage"] for request in server.requests)


def test_a_missing_key_is_one_sentence_that_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text("agents:\n  default: {model: openai/gpt-4o-mini}\nmcpServers: {}\n")
    events, errors, code = _run(tmp_path, {}, "Hello")
    assert code == 1
    assert events[-1]["type"] == "workflow.failed"
    assert "OPENAI_API_KEY" in events[-1]["data"]["error"]
    assert "Traceback" not in errors


def test_a_broken_configuration_is_told_whole_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text("agents:\n  default:\n    budget: {usd: lots}\n    modle: x\n")
    events, errors, code = _run(tmp_path, {}, "Hello")
    assert (events, code) == ([], 1)
    assert "threadwork.yaml:3" in errors
    assert "threadwork.yaml:4" in errors
    assert "Traceback" not in errors
