"""Children: started, kept running, stopped in order; what a predecessor left is ended."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from threadwork.bot.embedded.child import LOG_KEPT, Child, ChildFailed, Running
from threadwork.bot.embedded.home import HomeLock, end_left_over, held, is_held
from threadwork.bot.embedded.supervisor import BACKOFF, STEADY, Supervisor

TOUCH = (
    "import os, pathlib, sys, time, signal; ready = pathlib.Path(os.environ['THREADWORK_READY_FILE']); ready.touch(); "
)


def child(name: str, code: str, **more: Any) -> Child:
    return Child(name, (sys.executable, "-c", TOUCH + code), **more)


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_a_crashed_child_is_started_again_after_a_growing_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threadwork.bot.embedded.supervisor.BACKOFF", (0.2, 0.4))
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start([child("a", "print(time.time(), flush=True); time.sleep(0.3); sys.exit(3)")])
        log = tmp_path / "logs" / "a.log"
        await until(lambda: len(log.read_text().splitlines()) == 4)
    begun = [float(line) for line in log.read_text().splitlines()]
    pauses = [after - before - 0.3 for before, after in pairwise(begun)]
    assert pauses[0] >= 0.2
    assert pauses[1] >= 0.4
    assert pauses[2] >= 0.4


async def test_children_are_stopped_last_started_first(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "signal.signal(signal.SIGTERM, lambda *_: (open({0!r}, 'a').write('{1}\\n'), sys.exit())); "
        "ready.write_text('armed'); time.sleep(600)"
    )
    async with Supervisor(tmp_path) as supervisor:
        for name in ("a", "b", "c"):
            await supervisor.start([child(name, code.format(str(order), name))])
        await until(lambda: all((tmp_path / "run" / f"{name}.ready").read_text() == "armed" for name in "abc"))
    assert order.read_text().split() == ["c", "b", "a"]
    assert list((tmp_path / "run").iterdir()) == []


async def test_the_children_of_a_child_end_with_it(tmp_path: Path) -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); time.sleep(600)"
    log = tmp_path / "logs" / "a.log"
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start([child("a", code)])
        await until(lambda: log.read_text().endswith("\n"))
        grandchild = int(log.read_text())
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))


async def test_each_child_has_a_session_of_its_own_and_the_environment_it_was_given(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        code = "print(os.getsid(0) == os.getpid(), os.environ['A'], 'HOME' in os.environ, flush=True); time.sleep(600)"
        await supervisor.start([child("a", code, env={"A": "1"})])
        await until(lambda: (tmp_path / "logs" / "a.log").read_text().endswith("\n"))
    assert (tmp_path / "logs" / "a.log").read_text() == "True 1 False\n"


async def test_a_child_that_is_never_ready_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=r"(?s)The a process was not ready after 3 s.*still waiting"):
        async with Supervisor(tmp_path, patience=3) as supervisor:
            await supervisor.start([Child("a", ("sh", "-c", "echo still waiting; sleep 600"))])


async def test_one_child_that_fails_does_not_keep_people_waiting_for_the_others(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed, match="The b process ended at once"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start([Child("a", ("sleep", "600")), Child("b", ("false",))])
    assert time.monotonic() - began < 30


async def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="no-such-program cannot be started: No such file or directory"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start([Child("a", ("no-such-program",))])


async def test_readiness_can_be_asked_for(tmp_path: Path) -> None:
    asked = []

    async def ready() -> bool:
        asked.append(1)
        return len(asked) == 3

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start([Child("a", ("sleep", "600"), ready=ready)])
    assert len(asked) == 3


async def test_a_ready_file_of_an_earlier_start_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.ready").touch()
    with pytest.raises(ChildFailed, match="was not ready"):
        async with Supervisor(tmp_path, patience=0.3) as supervisor:
            await supervisor.start([Child("a", ("sleep", "600"))])


async def test_a_long_log_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_bytes(b"x" * (LOG_KEPT + 1))
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start([child("a", "time.sleep(600)")])
    assert (tmp_path / "logs" / "a.log.1").stat().st_size == LOG_KEPT + 1
    assert (tmp_path / "logs" / "a.log").stat().st_size == 0


async def test_a_child_left_by_a_killed_predecessor_is_ended(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with held(tmp_path / "run" / "old.pid") as file:
        left = subprocess.Popen(["sleep", "600"], start_new_session=True, pass_fds=(file.fileno(),))
        file.write(str(left.pid))
    assert end_left_over(tmp_path) == ["old"]
    assert left.wait(5) == -9
    assert end_left_over(tmp_path) == []


async def test_a_process_that_only_has_the_number_of_an_old_child_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    (tmp_path / "run" / "old.pid").write_text(str(stranger.pid))
    assert end_left_over(tmp_path) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


async def test_a_running_child_is_known_by_its_lock(tmp_path: Path) -> None:
    running = Running(child("a", "time.sleep(600)"), tmp_path)
    process = await running.spawn()
    assert end_left_over(tmp_path) == ["a"]
    assert await process.wait() == -9
    await running.stop(1)


def test_the_tests_run_where_processes_can_be_looked_at() -> None:
    assert alive(os.getpid())


async def test_the_last_words_are_those_of_the_process_that_failed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("what an older run complained of\n")
    with pytest.raises(ChildFailed, match=r"(?s)Its last words .*:\nno database") as silent:
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start([Child("a", ("sh", "-c", "echo no database; exit 1"))])
    assert "older run" not in str(silent.value)
    with pytest.raises(ChildFailed, match="It left no word"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start([Child("a", ("false",))])


async def test_children_write_for_their_owner_only_also_into_folders_that_were_open_to_all(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs").chmod(0o755)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(
            [child("a", f"open({str(tmp_path / 'made')!r}, 'w'); ready.write_text('x'); time.sleep(600)")]
        )
        await until(lambda: (tmp_path / "run" / "a.ready").read_text() == "x")
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("logs", "run")] == [0o700, 0o700]


def test_a_home_that_was_open_to_all_is_closed_and_a_shared_folder_is_left_alone(tmp_path: Path) -> None:
    home, shared = tmp_path / "home", tmp_path / "shared"
    home.mkdir()
    home.chmod(0o755)
    shared.mkdir()
    shared.chmod(0o1777)
    with HomeLock(home), HomeLock(shared):
        assert is_held(home)
    assert not is_held(home)
    assert (home.stat().st_mode & 0o7777, shared.stat().st_mode & 0o7777) == (0o700, 0o1777)


async def test_a_child_that_was_steady_is_started_again_as_after_its_first_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (BACKOFF, STEADY) == ((0.5, 10.0), 10.0)
    monkeypatch.setattr("threadwork.bot.embedded.supervisor.BACKOFF", (0.05, 30.0))
    monkeypatch.setattr("threadwork.bot.embedded.supervisor.STEADY", 0.2)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start([child("a", "print('up', flush=True); time.sleep(0.4); sys.exit(3)")])
        await until(lambda: (tmp_path / "logs" / "a.log").read_text().count("up") == 5)  # doubling, it would take 5 s


def test_logs_are_json_on_stderr_where_no_person_reads_along() -> None:
    code = (
        "import structlog; from threadwork.bot import logs; logs.write_to(); structlog.get_logger().warning('odd', n=1)"
    )
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert ended.stdout == ""
    assert {"event": "odd", "level": "warning", "n": 1}.items() <= json.loads(ended.stderr).items()
