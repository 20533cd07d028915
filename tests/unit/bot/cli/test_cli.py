"""The command line, its client, and what a typed line means."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from tests.fake_api import FakeApi, FakeTask, serving
from threadwork.bot.cli import reach, up
from threadwork.bot.client.api import About, ApiClient, Unreachable
from threadwork.bot.embedded.home import HomeLock
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.embedded.stack import Line
from threadwork.bot.embedded.supervisor import Stopped
from threadwork.bot.settings import Settings
from threadwork.bot.terminal.plain import PlainSession
from threadwork.bot.terminal.talk import meaning, on_turn, still_waits
from threadwork.bot.terminal.task import FollowedTask, without_echo
from threadwork.bot.terminal.yes import Yes
from threadwork.workflows.approval_events import HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.budget_events import BudgetExceeded
from threadwork.workflows.call_events import LlmCallCompleted, ToolCallFailed
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard, ThreadView
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.event_types import Payload
from threadwork.workflows.events import Chunk, Event
from threadwork.workflows.run_events import WorkflowCompleted, WorkflowFailed, WorkflowPaused, WorkflowStarted
from threadwork.workflows.values import LOCAL, Status, Termination, Usage, preview

HEAVY = (
    "litellm",
    "discord",
    "slack_bolt",
    "temporalio",
    "rich",
    "httpx",
    "pydantic_settings",
    "prompt_toolkit",
    "mcp",
)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with serving(FakeApi()) as api:
        yield api


def threadwork(api: FakeApi | None, *arguments: str, home: object = "/nonexistent") -> subprocess.CompletedProcess[str]:
    """The program itself, with nobody at the terminal."""
    address = {"THREADWORK_HTTP": api.url.removeprefix("http://")} if api else {"THREADWORK_HTTP": "127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "threadwork.bot", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **address, "THREADWORK_HOME": str(home)},
    )


# --- the program -------------------------------------------------------------------------------------


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, time; begun = time.process_time(); sys.argv = ['threadwork', '--help']\n"
        "from threadwork.bot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(time.process_time() - begun, loaded, file=sys.stderr)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(3)]
    assert "notes-server" in runs[0].stdout
    assert all(run.stderr.endswith("[]\n") for run in runs), runs[0].stderr
    assert min(float(run.stderr.split()[0]) for run in runs) < 0.4, "seconds of its own, whatever else the machine does"


def test_bad_usage_is_exit_code_2() -> None:
    assert threadwork(None, "run").returncode == 2
    assert threadwork(None, "no-such-command").returncode == 2
    assert threadwork(None, "budget", "t1").returncode == 2


def test_a_shell_is_told_how_a_command_goes_on() -> None:
    asked = {"_THREADWORK_COMPLETE": "complete_bash", "COMP_WORDS": "threadwork wa", "COMP_CWORD": "1"}
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "threadwork.bot"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **asked},
    )
    assert ended.stdout.split() == ["watch"]


@pytest.mark.parametrize("amount", ["inf", "nan", "-inf", "-1", "much"])
def test_a_budget_that_is_no_amount_is_bad_usage(amount: str) -> None:
    for arguments in (("run", "x", "--budget", amount), ("budget", "t1", "--usd", amount)):
        ended = threadwork(None, *arguments)
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr


def test_an_argument_that_is_no_utf_8_is_bad_usage() -> None:
    ended = threadwork(None, "run", "a\udcff")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("An argument is not valid UTF-8 text.")


def test_a_database_that_is_away_is_a_sentence_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:9/d")
    ended = threadwork(None, "migrate")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The database of DATABASE_URL (127.0.0.1:9/d) cannot be used: ")
    assert "hunter2" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("process", ["bot", "worker"])
def test_a_process_waits_for_the_database_says_so_and_can_be_stopped(
    process: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:9/d")
    monkeypatch.setenv("THREADWORK_HOME", str(tmp_path))
    waiting = subprocess.Popen(
        [sys.executable, "-P", "-m", "threadwork.bot", process],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr
    said = json.loads(waiting.stderr.readline())  # JSON, since no person reads along
    assert (said["event"], said["level"]) == ("database_away", "warning")
    assert "DATABASE_URL" in said["detail"]
    waiting.send_signal(signal.SIGTERM)
    out, rest = waiting.communicate(timeout=15)
    assert (waiting.returncode, out) == (0, "")
    assert "Traceback" not in rest


IDLE = "access: {limits: {task: 1}}\ntriggers: {t: {keyword: deploy, goal: Look}}\n"
TOLD = "threadwork.yaml sets triggers, access.limits. They have no effect yet: do not rely on them."


@pytest.mark.parametrize("process", ["bot", "worker"])
def test_the_first_line_of_a_process_tells_what_nothing_acts_on(
    process: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "any.yaml").write_text(IDLE)
    monkeypatch.setenv("THREADWORK_CONFIG", str(tmp_path / "any.yaml"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@127.0.0.1:9/d")
    monkeypatch.setenv("THREADWORK_HOME", str(tmp_path))
    begun = subprocess.Popen([sys.executable, "-P", "-m", "threadwork.bot", process], stderr=subprocess.PIPE, text=True)
    assert begun.stderr
    first = json.loads(begun.stderr.readline())
    assert (first["event"], first["level"]) == (TOLD, "warning")
    begun.kill()
    begun.communicate(timeout=15)


def test_a_worker_says_that_it_starts_before_it_loads_what_is_slow(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THREADWORK_HOME", str(tmp_path))
    monkeypatch.setenv("TEMPORAL_SERVER_URL", "127.0.0.1:9")
    begun = subprocess.Popen(
        [sys.executable, "-P", "-m", "threadwork.bot", "worker"], stderr=subprocess.PIPE, text=True
    )
    assert begun.stderr
    said = [json.loads(begun.stderr.readline())["event"] for _ in range(2)]
    begun.kill()
    begun.communicate(timeout=15)
    assert said == ["worker_starting", "temporal_away"]


class Shown(Exception):
    """The greeting, in place of a person who reads it."""


@pytest.mark.parametrize("somebody", [True, False])
async def test_up_greets_with_what_nothing_acts_on(
    somebody: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "any.yaml").write_text(IDLE)

    class Stack:
        report = (Line("API", "http://127.0.0.1:8000"),)

        async def forever(self) -> None:
            raise Stopped("Stopped by SIGTERM.")

    class Talk:
        def __init__(self, client: object, screen: object) -> None: ...

        async def run(self, welcome: RenderableType) -> None:
            with (console := Console(width=200)).capture() as shown:
                console.print(welcome)
            raise Shown(shown.get())

    @asynccontextmanager
    async def started(*_: object) -> AsyncGenerator[object]:
        yield Stack(), None, About(version="0", model="demo/scripted", agents=("default",), demo=True)

    for name, stand_in in {"started": started, "Host": Talk, "somebody_is_there": lambda: somebody}.items():
        monkeypatch.setattr(up, name, stand_in)
    settings = Settings(_env_file=None, threadwork_config=tmp_path / "any.yaml", threadwork_home=tmp_path)
    try:
        await up.up(settings)
        told = capsys.readouterr().err
    except Shown as shown:
        told = str(shown)
    assert TOLD in told


async def test_a_stack_that_starts_again_is_waited_for_with_a_word(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "POLL_INTERVAL", 0.02)
    port = free_port()
    settings = Settings(_env_file=None, threadwork_home=tmp_path)
    monkeypatch.setattr(Settings, "http_url", f"http://127.0.0.1:{port}")
    said: list[str] = []

    async def come_back() -> None:
        while not said:
            await asyncio.sleep(0.01)
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "address").write_text(api.url)

    with HomeLock(tmp_path):
        coming = asyncio.create_task(come_back())
        async with reach.connected_or_started(settings, said.append) as (client, ours):
            assert (client.url, ours) == (api.url, False)
        await coming
    assert len(said) == 2
    assert "does not answer: trying for up to 45 s" in said[0]


async def test_a_home_that_nobody_holds_is_not_waited_for(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, threadwork_home=tmp_path, threadwork_http=f"127.0.0.1:{free_port()}")
    said: list[str] = []
    with pytest.raises(Unreachable):
        async with reach.connected(settings, said.append):
            pass
    assert said == []


def test_errors_are_sentences_with_the_hint_and_no_traceback() -> None:
    ended = threadwork(None, "tasks")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("Nothing answers at http://127.0.0.1:9.\nStart Threadwork with: threadwork up")
    assert "Traceback" not in ended.stderr


def test_unusable_settings_are_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_MAX_CONCURRENT_WORKFLOWS", "many")
    ended = threadwork(None, "tasks")
    assert ended.returncode == 1
    assert "TEMPORAL_MAX_CONCURRENT_WORKFLOWS" in ended.stderr


def test_run_with_yes_and_json_prints_every_event_once_and_nothing_else(api: FakeApi) -> None:
    ended = threadwork(api, "run", "Do it", "--yes", "--json", "--budget", "0.5", "--agent", "default")
    assert ended.returncode == 0, ended.stderr
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    task = next(iter(api.tasks.values()))
    assert ended.stdout.splitlines() == [event.model_dump_json() for event in task.events]
    assert events[-1]["type"] == "workflow.completed"
    assert "--yes allows everything" in ended.stderr
    assert api.posts[0][1] == {"goal": "Do it", "agent": "default", "budget": 0.5}
    assert [post[0] for post in api.posts[1:]] == ["questions/1", "approvals/1"]
    assert api.posts[1][1] == {"answer": "Short"}


def test_run_without_a_terminal_says_how_to_decide_and_waits_for_others(api: FakeApi, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out_file, (tmp_path / "err").open("w") as err_file:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "threadwork.bot", "run", "Do it"],
            stdin=subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            env={**os.environ, "THREADWORK_HTTP": api.url.removeprefix("http://")},
        )
    deadline = time.monotonic() + 30
    while "  2. Formal" not in (tmp_path / "out").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threadwork(api, "answer", "t", "2").stdout == "Taken: questions/1.\n"
    assert api.posts[-1][1] == {"answer": "Formal"}
    listed = threadwork(api, "deny", "t", "--reason", "Not now")
    assert (listed.returncode, listed.stdout) == (1, "")
    assert '1 approval is waiting; nothing was decided:\n  1  notes.write_note name="a.md"\n' in listed.stderr
    assert "Decide by its number: threadwork deny t" in listed.stderr
    denied = threadwork(api, "deny", "t", "1", "--reason", "Not now")
    assert denied.stdout == 'Denied: notes.write_note name="a.md"\n'
    assert threadwork(api, "approve").returncode == 1
    assert threadwork(api, "approve", "t", "2").stdout == 'Allowed: notes.write_note name="a.md"\n'
    assert api.posts[-1][1] == {"decision": "approve", "digest": "digest2"}
    assert running.wait(30) == 0
    out, err = (tmp_path / "out").read_text(), (tmp_path / "err").read_text()
    task_id = next(iter(api.tasks))
    assert f'threadwork answer {task_id} "…"' in out
    assert f"threadwork approve {task_id} 1   or   threadwork deny {task_id} 1" in out
    assert err == f"Connected to Threadwork at {api.url}.\nTask {task_id}\n"
    assert "Approval 1: denied by you: Not now" in out
    assert "LAST LINE" in out
    assert "\x1b" not in out


def say_and_finish(api: FakeApi, words: str, answer: str) -> str:
    """Somebody reads along in a pipe while the model says `words` and the task ends with `answer`."""
    task = api.tasks["p1"] = FakeTask("p1", "Say it")
    task.emit(WorkflowStarted(goal="Say it", goal_ref="g", agent="default", model="m", by=LOCAL, max_iterations=5))
    lines: list[str] = []

    async def read() -> int:
        async with ApiClient(api.url) as client:
            session = PlainSession(client, "p1", lines.append, lines.append)
            running = asyncio.create_task(session.run())
            while not lines:
                await asyncio.sleep(0.01)
            task.emit(LlmCallCompleted(call_id="c", model="m", usage=Usage(), text=words))
            task.finish(answer)
            return await running

    assert asyncio.run(asyncio.wait_for(read(), 20)) == 0
    return "\n".join(lines)


@pytest.mark.parametrize("length", [1, 300])
def test_an_answer_in_a_pipe_stands_there_once(api: FakeApi, length: int) -> None:
    answer = "All is well. " * length
    assert say_and_finish(api, preview(answer, 400), answer).count("All is well.") == length


def test_words_that_are_not_the_answer_are_told_before_it(api: FakeApi) -> None:
    told = say_and_finish(api, "I look at it.", "Done.")
    assert told.index("I look at it.") < told.index("Done.")


def test_watching_in_a_pipe_ends_with_3_where_only_people_can_go_on(api: FakeApi) -> None:
    api.tasks["w1"] = FakeTask("w1", "Ask")
    api.tasks["w1"].begin()
    asked = threadwork(api, "watch", "w1")
    assert asked.returncode == 3
    assert "  2. Formal" in asked.stdout
    assert 'threadwork answer w1 "…"' in asked.stdout
    threadwork(api, "answer", "w1", "2")
    decides = threadwork(api, "watch", "w1")
    assert (decides.returncode, "threadwork approve w1 1" in decides.stdout) == (3, True)
    threadwork(api, "approve", "w1", "1")
    assert threadwork(api, "watch", "w1").returncode == 0


def test_a_paused_task_says_in_a_pipe_how_it_goes_on(api: FakeApi) -> None:
    task = api.tasks["w2"] = FakeTask("w2", "Wait")
    task.emit(
        WorkflowStarted(goal="Wait", goal_ref="g", agent="default", model="m", by=LOCAL, max_iterations=5),
        WorkflowPaused(by=LOCAL),
    )
    ended = threadwork(api, "watch", "w2")
    assert (ended.returncode, "threadwork resume w2" in ended.stdout) == (3, True)


def test_watching_goes_on_with_wait(api: FakeApi, tmp_path: Path) -> None:
    task = api.tasks["w3"] = FakeTask("w3", "Ask")
    task.begin()
    with (tmp_path / "out").open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "threadwork.bot", "watch", "w3", "--wait"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            env={**os.environ, "THREADWORK_HTTP": api.url.removeprefix("http://")},
        )
    deadline = time.monotonic() + 30
    while "threadwork answer" not in (tmp_path / "out").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    task.finish("Never mind.")
    assert running.wait(30) == 0
    assert "Never mind." in (tmp_path / "out").read_text()


def test_a_task_that_was_stopped_is_130_and_one_that_failed_is_1(api: FakeApi) -> None:
    api.hold = {"Do it"}
    task_id = asyncio.run(_start(api, "Do it"))
    api.tasks[task_id].begin()
    assert threadwork(api, "stop", "--reason", "Enough").returncode == 0
    assert threadwork(api, "watch", task_id).returncode == 130
    failed = FakeTask("f1", "Fail")
    failed.begin()
    failed.emit(WorkflowFailed(error="The key is missing."))
    api.tasks["f1"] = failed
    ended = threadwork(api, "watch", "f1")
    assert ended.returncode == 1
    assert "The key is missing." in ended.stdout


def test_an_interrupted_run_says_that_the_task_goes_on(api: FakeApi, tmp_path: Path) -> None:
    with (tmp_path / "err").open("w") as err_file:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "threadwork.bot", "run", "Do it", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err_file,
            env={**os.environ, "THREADWORK_HTTP": api.url.removeprefix("http://")},
        )
    deadline = time.monotonic() + 30
    while "threadwork answer" not in (tmp_path / "err").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    task_id = next(iter(api.tasks))
    assert f"Task {task_id} goes on. See it again with: threadwork watch {task_id}" in (tmp_path / "err").read_text()
    assert [post[0] for post in api.posts] == [""]


def test_a_reader_that_has_seen_enough_is_no_trouble(api: FakeApi) -> None:
    asyncio.run(_start(api, "Do it"))
    command = f"{sys.executable} -P -m threadwork.bot events | head -1"
    environment = {**os.environ, "THREADWORK_HTTP": api.url.removeprefix("http://")}
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment, timeout=30)
    assert json.loads(ended.stdout)["seq"] == 1
    assert "Traceback" not in ended.stderr


def test_what_is_refused_is_exit_code_1_with_the_reason(api: FakeApi) -> None:
    task_id = asyncio.run(_start(api, "Do it"))
    refused = threadwork(api, "resume", task_id)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "It is not paused.\nLook at the thread.\n"
    assert "There is no task zzz." in threadwork(api, "events", "zzz").stderr
    assert "No approval is waiting" in threadwork(api, "approve", task_id).stderr


def test_an_empty_word_is_bad_usage_and_stands_for_no_task(api: FakeApi) -> None:
    asyncio.run(_start(api, "Do it"))
    for words in (("stop", ""), ("stop", " "), ("pause", ""), ("approve", "t", ""), ("reply", "", "Hello")):
        assert threadwork(api, *words).returncode == 2
    assert len(api.posts) == 1


def test_where_several_tasks_are_open_what_cannot_be_undone_needs_a_name(api: FakeApi) -> None:
    first, second = asyncio.run(_start(api, "Do it")), asyncio.run(_start(api, "Do that"))
    for words in (("stop",), ("approve",), ("deny",), ("budget", "--usd", "1")):
        refused = threadwork(api, *words)
        assert refused.returncode == 1
        assert "2 tasks are open; say which one you mean:" in refused.stderr
        assert f"{first}  Do it" in refused.stderr
        assert f"{second}  Do that" in refused.stderr
    assert len(api.posts) == 2
    assert threadwork(api, "stop", first).returncode == 0
    assert threadwork(api, "stop").returncode == 0


def test_tasks_and_events_of_the_newest_open_one(api: FakeApi) -> None:
    assert threadwork(api, "tasks").stdout == "There are no tasks yet.\n"
    assert "No task is open." in threadwork(api, "watch").stderr
    task_id = asyncio.run(_start(api, "Do [red]it[/red]"))
    listed = threadwork(api, "tasks").stdout
    assert task_id in listed
    assert "waits for your answer" in listed
    assert "Do [red]it[/red]" in listed
    assert threadwork(api, "tasks", "--parent", task_id).stdout == "That task delegated none.\n"
    child_id = asyncio.run(_start(api, f"For {task_id}"))
    below = threadwork(api, "tasks", "--parent", task_id).stdout
    assert (child_id in below, f"{task_id}  " in below) == (True, False)
    lines = threadwork(api, "events", task_id).stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5, 6]


async def _start(api: FakeApi, goal: str) -> str:
    async with ApiClient(api.url) as client:
        return await client.start(goal)


# --- the client --------------------------------------------------------------------------------------


async def test_events_come_once_and_in_order_over_lines_that_break(api: FakeApi) -> None:
    api.break_after = 2
    async with ApiClient(api.url) as client:
        task_id = await client.start("Do it")
        numbers: list[int] = []
        async with aclosing(client.events(task_id)) as events:
            async for said in events:
                if isinstance(said, Event):
                    numbers.append(said.seq)
                if len(numbers) == 6:
                    break
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert api.lines > 2
    assert api.resumed_from[0] == "0"
    assert api.resumed_from[-1] == "5"


async def test_a_request_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if len(asked) > 1:
            body = b'{"outcome": "accepted", "detail": "Paused."}'
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, ApiClient(f"http://127.0.0.1:{port}") as client:
        assert (await client.pause("t1")).detail == "Paused."
    keys = {line for request in asked for line in request.lower().splitlines() if line.startswith(b"idempotency-key")}
    assert (len(asked), len(keys)) == (2, 1)


async def test_events_go_on_after_the_server_was_away() -> None:
    api = FakeApi()
    with serving(api):
        port = int(api.url.rpartition(":")[2])
        client = ApiClient(api.url)
        task_id = await client.start("Do it")
        lines: list[bool] = []
        events = client.events(task_id, after=5, line=lines.append)
        assert (await _next_event(events)).seq == 6
    waiting = asyncio.ensure_future(_next_event(events))
    async with asyncio.timeout(20):
        while lines.count(False) < 2:  # in vain for the second time: by then nobody was there
            await asyncio.sleep(0.01)
    assert not waiting.done()
    with serving(api, port):
        api.tasks[task_id].ask(1)
        assert (await asyncio.wait_for(waiting, 10)).seq == 7
        await events.aclose()
        await client.__aexit__(None, None, None)


async def _next_event(events: AsyncGenerator[Event | Chunk, None]) -> Event:
    while True:
        said = await anext(events)
        if isinstance(said, Event):
            return said


async def test_what_is_not_there_and_what_is_refused_are_told_apart(api: FakeApi) -> None:
    async with ApiClient(api.url) as client:
        with pytest.raises(NotFound, match="no task zzz"):
            await client.task("zzz")
        task_id = await client.start("Do it")
        with pytest.raises(Rejected, match="not paused") as refused:
            await client.resume(task_id)
        assert refused.value.hint == "Look at the thread."
    async with ApiClient("http://127.0.0.1:9") as nobody:
        with pytest.raises(Unreachable, match="Nothing answers"):
            await nobody.about()


async def test_another_program_at_the_address_is_nobody_to_us() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, ApiClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(Unreachable):
            await client.about()


# --- deciding in a person's place --------------------------------------------------------------------


async def _out_of_budget(api: FakeApi, ended: bool) -> tuple[list[str], bool]:
    """What `--yes` says of a spent budget, and whether it stopped the task."""
    said: list[str] = []
    async with ApiClient(api.url) as client:
        task = FollowedTask(client, await client.start("Do it"), print)
        story = api.tasks[task.task_id]
        story.emit(BudgetExceeded(unit="usd", used=0.1, limit=0.1, share=1))
        yes = Yes(client, said.append)
        await task.load()
        if ended:
            story.emit(WorkflowCompleted(reason=Termination.BUDGET_EXCEEDED))
        await yes.heed(task)
    return said, yes.stopped


async def test_yes_stops_a_task_without_budget_and_says_so(api: FakeApi) -> None:
    said, stopped = await _out_of_budget(api, ended=False)
    assert (said[-1], stopped) == (
        "The budget is used up, and --yes adds nothing to it: the task is stopped.",
        True,
    )
    assert api.posts[-1][0] == "stop"


async def test_yes_says_nothing_of_a_stop_where_the_agent_has_ended_by_itself(api: FakeApi) -> None:
    said, stopped = await _out_of_budget(api, ended=True)
    assert not any("stopped" in line for line in said)
    assert not stopped
    assert all(path != "stop" for path, _, _ in api.posts)


# --- following ---------------------------------------------------------------------------------------


async def _log_lines(api: FakeApi, *payloads: Payload) -> list[str]:
    async with ApiClient(api.url) as client:
        task = FollowedTask(client, await client.start("Do it"), print)
        await task.load()
        api.tasks[task.task_id].emit(*payloads)
        lines: list[str] = []
        async with aclosing(task.changes()) as changes:
            async for change in changes:
                if change:
                    lines.append(change.log_line)
                if len(lines) == len(payloads):
                    return lines
    raise AssertionError


async def test_a_denial_by_people_is_not_told_again_and_one_by_the_policy_is(api: FakeApi) -> None:
    asked = HumanApprovalRequested(
        approval_id="1",
        tool="notes.write_note",
        arguments_preview="{}",
        arguments_ref="a",
        digest="d",
        effect="changes",
        expires_at=LATER,
    )
    denied = HumanApprovalReceived(approval_id="1", decision="deny", by=LOCAL, click_id="c")
    lines = await _log_lines(
        api,
        asked,
        denied,
        ToolCallFailed(tool="notes.write_note", output_preview="", outcome="denied"),
        ToolCallFailed(tool="notes.delete_note", output_preview="", outcome="denied"),
    )
    assert lines == ["", "", "", "⊘ notes.delete_note was not allowed"]


def test_a_reason_that_was_just_said_is_not_said_again_on_the_card() -> None:
    card = APPROVAL.model_copy(update={"why": "I write it down."})
    assert without_echo(card, "I write it down.\n") == card.model_copy(update={"why": ""})
    assert without_echo(card, "Something else.") == card
    assert without_echo(QUESTION, "?") == QUESTION


async def test_live_text_starts_anew_with_a_new_attempt_and_ends_with_the_call(api: FakeApi) -> None:
    api.hold = {"Do it"}
    async with ApiClient(api.url) as client:
        task = FollowedTask(client, await client.start("Do it"), print)
        await task.load()
        story = api.tasks[task.task_id]
        story.chunk("Let me ")
        story.chunk("think")
        story.chunk("Again", attempt=2)
        seen = []
        async with aclosing(task.changes()) as changes:
            async for _ in changes:
                seen.append(task.writing)
                if len(seen) == 3:
                    break
    assert seen == ["Let me ", "Let me think", "Again"]


# --- what a typed line means -------------------------------------------------------------------------

LATER = datetime.now(UTC) + timedelta(days=1)
APPROVAL = ApprovalCard(
    key="approval:1",
    approval_id="1",
    tool="t",
    arguments="{}",
    arguments_ref="r",
    digest="d",
    effect="changes",
    expires_at=LATER,
)
QUESTION = QuestionCard(key="question:1", question_id="1", question="?", options=("Red", "Green"))
DOLLARS = BudgetCard(key="budget:usd:1", unit="usd", used=1, limit=1, state="exceeded")
TOKENS = BudgetCard(key="budget:tokens:1", unit="tokens", used=1, limit=1, state="exceeded")


def view(*cards: ApprovalCard | QuestionCard | BudgetCard, status: str = "running") -> ThreadView:
    shown = ThreadView(task_id="t1", seq=1, cards=cards)
    return shown.model_copy(update={"status": shown.status.model_copy(update={"status": Status(status)})})


@pytest.mark.parametrize(
    ("line", "thread", "act", "text"),
    [
        ("", view(), "nothing", ""),
        ("make it blue", view(), "reply", "make it blue"),
        ("a", view(), "too_late", "a"),
        ("a day", view(), "reply", "a day"),
        ("a", view(APPROVAL), "approve", ""),
        (" Approve ", view(APPROVAL), "approve", ""),
        ("t", view(APPROVAL), "approve_task", ""),
        ("d", view(APPROVAL), "ask_reason", ""),
        ("e", view(APPROVAL), "edit", ""),
        ("all good, but hurry", view(APPROVAL), "reply", "all good, but hurry"),
        ("2", view(QUESTION), "answer", "Green"),
        ("3", view(QUESTION), "answer", "3"),
        ("blue", view(QUESTION), "answer", "blue"),
        ("0.5", view(DOLLARS), "add_usd", "0.5"),
        ("$ 1,50", view(DOLLARS), "add_usd", "1.50"),
        ("+50,000 tokens", view(TOKENS), "add_tokens", "50000"),
        ("s", view(DOLLARS), "stop", "The budget is used up."),
        ("what for?", view(DOLLARS), "reply", "what for?"),
        ("/pause lunch", view(APPROVAL), "pause", "lunch"),
        ("/STOP", view(), "stop", ""),
        ("/frobnicate now", view(), "unknown", "/frobnicate"),
        ("", view(status="completed"), "leave", ""),
        ("/quit", view(), "leave", ""),
        ("again", view(APPROVAL, status="failed"), "reply", "again"),
    ],
)
def test_a_line_means_what_the_thread_makes_of_it(line: str, thread: ThreadView, act: str, text: str) -> None:
    meant = meaning(line, thread)
    assert (meant.act, meant.text) == (act, text)


def test_a_card_waits_until_somebody_has_dealt_with_that_very_card() -> None:
    other = APPROVAL.model_copy(update={"key": "approval:2", "approval_id": "2"})
    assert still_waits(APPROVAL, view(APPROVAL))
    assert not still_waits(APPROVAL, view(APPROVAL.model_copy(update={"state": "superseded"}), other))


def test_the_oldest_card_that_waits_is_on_turn() -> None:
    decided = APPROVAL.model_copy(update={"state": "approved"})
    assert on_turn(view(decided)) is None
    assert on_turn(view(decided, QUESTION, DOLLARS)) == QUESTION
    assert on_turn(view(DOLLARS.model_copy(update={"state": "warning"}))) is None
