"""The real program, with everything it starts, at a terminal and in a pipe."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

PROGRAM = ("-P", "-m", "threadwork.bot")
START = 90  # seconds for servers, worker and bot to come up on a busy machine
STEP = 45  # seconds for one step of the demo, slowed down as it is

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A folder, a home and a port of its own; nothing that the machine happens to have set."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    ours = {
        "THREADWORK_HOME": str(tmp_path / "home"),
        "THREADWORK_HTTP": f"127.0.0.1:{port}",
        "TERM": "xterm-256color",
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "ignore",
    }
    return {"LC_ALL": "C.UTF-8", **kept, **ours}


@pytest.fixture
def chat(environment: dict[str, str], tmp_path: Path) -> Iterator["pexpect.spawn[str]"]:
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


def sees(chat: "pexpect.spawn[str]", *words: str, within: float = STEP) -> None:
    """Waits until the words are on the screen, one after the other, whatever their colours."""
    for said in words:
        chat.expect(r"(?:\x1b\[[0-9;?]*[a-zA-Z])*".join(map(re.escape, said)), timeout=within)


def test_a_whole_conversation_at_the_terminal(chat: "pexpect.spawn[str]") -> None:
    sees(chat, "starting Threadwork here")
    sees(chat, "Task ", "Write a slow welcome note", within=START)
    sees(chat, "Look at the notes", "How should I write it", "2. Formal", "Your answer")
    chat.send("2\r")
    sees(chat, "→ Formal", "Approval 1", "notes.write_note", "not be possible to undo", "[d]eny")
    chat.send("d\r")
    sees(chat, "Why not")
    chat.send("Another name, please\r")
    sees(chat, "denied by you: Another name, please", "Approval 2", "-draft.md", "[a]llow")
    chat.send("a\r")
    sees(chat, "allowed by you")
    chat.send("/pause\r")
    sees(chat, "paused by you", "/resume, /stop")
    chat.send("/resume\r")
    sees(chat, "resumed by you", "Answer", "Written: ", "-draft.md", "Enter to leave")
    chat.send("And what does it say now?\r")
    sees(chat, "› And what does it say now?", "Answer", "You wrote: ", "Enter to leave")
    chat.send("\r")
    sees(chat, "Stopping what was started here")
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
    assert ("budget.warning" in kinds, "budget.exceeded" in kinds) == (True, False)
    assert (kinds[0], kinds[-1]) == ("workflow.started", "workflow.completed")
    assert events[-1]["data"]["reason"] == "goal_achieved"
