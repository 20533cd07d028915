"""The real program, with everything it starts, at a terminal and in a pipe."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

PROGRAM = ("-P", "-m", "bot")
START = 90  # seconds for servers, worker and bot to come up on a busy machine
STEP = 45  # seconds for one step of the demo, slowed down as it is

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A folder, a home and a port of its own; nothing that the machine happens to have set."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH") if name in os.environ}
    ours = {
        "THREADWORK_HOME": str(tmp_path / "home"),
        "THREADWORK_HTTP": f"127.0.0.1:{port}",
        "TERM": "xterm-256color",
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "ignore",
    }
    return {"LC_ALL": "C.UTF-8", **kept, **ours}


@pytest.fixture
def chat(environment: dict[str, str], tmp_path: Path) -> Iterator[pexpect.spawn]:
    program = pexpect.spawn(
        sys.executable,
        [*PROGRAM, "run", "Write a slow welcome note"],
        env=environment,
        cwd=str(tmp_path),
        dimensions=(45, 110),
        encoding="utf-8",
        timeout=STEP,
    )
    with (tmp_path / "screen.txt").open("w") as seen:
        program.logfile_read = seen
        try:
            yield program
        finally:
            program.terminate()
            program.close(force=True)


def test_a_whole_conversation_at_the_terminal(chat: pexpect.spawn) -> None:
    chat.expect("starting Threadwork here")
    chat.expect("Task ", timeout=START)
    chat.expect("Write a slow welcome note")
    chat.expect("Look at the notes")
    chat.expect("How should I write it")
    chat.expect("Your answer")
    chat.send("2\r")
    chat.expect("→ Formal")
    chat.expect("Approval 1")
    chat.expect("notes.write_note")
    chat.expect("deny")
    chat.send("d\r")
    chat.expect("Why not")
    chat.send("Another name, please\r")
    chat.expect("denied by you: Another name, please")
    chat.expect("Approval 2")
    chat.expect("-draft.md")
    chat.expect("pprove")
    chat.send("a\r")
    chat.expect("approved by you")
    chat.send("/pause\r")
    chat.expect("paused by you")
    chat.send("/resume\r")
    chat.expect("resumed by you")
    chat.expect("Answer")
    chat.expect("Written: ")
    chat.expect("Enter to leave")
    chat.send("And what does it say now?\r")
    chat.expect("› And what does it say now")
    chat.expect("Answer")
    chat.expect("And what does it say now")
    chat.expect("Enter to leave")
    chat.send("\r")
    chat.expect("Stopping what was started here")
    chat.expect(pexpect.EOF)
    chat.wait()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)


def test_json_has_every_event_once_and_nothing_else(environment: dict[str, str], tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, *PROGRAM, "run", "Write a note", "--json", "--yes"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=START + STEP,
    )
    assert ended.returncode == 0, ended.stderr
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["task_id"] for event in events}) == 1
    kinds = [event["type"] for event in events]
    assert "llm_call.chunk" not in kinds
    assert {"question.answered", "human_approval.received", "tool_call.completed"} <= set(kinds)
    assert (kinds[0], kinds[-1]) == ("workflow.started", "workflow.completed")
    assert events[-1]["data"]["reason"] == "goal_achieved"
