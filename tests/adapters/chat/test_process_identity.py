"""Who is taken for dead: real processes that are killed, and others that only look like it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from threadwork.adapters.chat import process_identity as module
from threadwork.adapters.chat.process_identity import has_ended, process_identity

pytestmark = pytest.mark.skipif(not process_identity(), reason="no process has an identity here")
TELL = "from threadwork.adapters.chat.process_identity import process_identity as own; print(own(), flush=True)"
WAIT = f"{TELL}; import sys; sys.stdin.read()"
MAIN_THREAD_ENDS = f"""{TELL}
import ctypes, sys, threading
main = threading.get_native_id()
def wait():
    while open(f"/proc/self/task/{{main}}/stat").read().rpartition(")")[2].split()[0] != "Z":
        pass
    print("gone", flush=True)
    sys.stdin.read()
threading.Thread(target=wait).start()
ctypes.CDLL(None).pthread_exit(None)
"""
UNSHARED = ["unshare", "--user", "--map-root-user", "--pid", "--fork"]


class Child(NamedTuple):
    process: subprocess.Popen[str]
    identity: str

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


Start = Callable[..., Child]


@pytest.fixture
def start() -> Iterator[Start]:
    children: list[Child] = []

    def started(code: str = WAIT, *under: str) -> Child:
        command = [*under, sys.executable, "-c", code]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        child = Child(process, "")
        children.append(child)
        return Child(process, child.line())

    yield started
    for child in children:
        with child.process:
            child.process.kill()


def unshared(*options: str) -> list[str]:
    """A program before the command: in a namespace of processes of its own, which ends with it."""
    words = [*UNSHARED, "--kill-child", *options]
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces may be made here")
    return words


# --- ended -----------------------------------------------------------------------------------------------


def test_a_process_that_was_killed_has_ended_and_before_it_had_not(start: Start) -> None:
    child = start()
    of_this_boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    place = [of_this_boot, os.readlink("/proc/self/ns/pid"), os.readlink("/proc/self/ns/time")]
    assert child.identity.split()[:-1] == [*place, str(child.process.pid)]
    assert not has_ended(child.identity)
    child.kill()
    assert has_ended(child.identity)


def test_it_has_ended_too_while_its_parent_has_not_asked_for_its_exit_code(start: Start) -> None:
    child = start()
    child.process.kill()
    os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(child.identity)


def test_a_number_that_another_process_got_since_is_not_taken_for_it(start: Start) -> None:
    dead, other = start(), start()
    dead.kill()
    reused = re.sub(rf" {dead.process.pid} ", f" {other.process.pid} ", dead.identity)
    start_of_other = other.identity.split()[-1]
    assert has_ended(re.sub(r"\d+$", str(int(start_of_other) - 1), reused))
    assert not has_ended(re.sub(r"\d+$", start_of_other, reused))


# --- not ended, or not to be known -------------------------------------------------------------------------


def test_a_stopped_process_has_not_ended(start: Start) -> None:
    child = start()
    child.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.process.pid, os.WSTOPPED)
    assert not has_ended(child.identity)
    child.kill()
    assert has_ended(child.identity)


def test_a_process_whose_main_thread_alone_ended_lives(start: Start) -> None:
    child = start(MAIN_THREAD_ENDS)
    assert child.line() == "gone"
    assert not has_ended(child.identity)
    child.kill()
    assert has_ended(child.identity)


@pytest.mark.parametrize("elsewhere", [(r"^\S+", "another-boot"), (r"pid:\[\d+\]", "pid:[7]"),
                                       (r"time:\[\d+\]", "time:[7]")], ids=["boot", "pid", "time"])  # fmt: skip
def test_of_another_boot_or_namespace_nothing_is_known(start: Start, elsewhere: tuple[str, str]) -> None:
    child = start()
    child.kill()
    assert has_ended(child.identity)
    assert not has_ended(re.sub(*elsewhere, child.identity))


def test_a_process_of_a_namespace_of_its_own_is_not_taken_for_one_of_ours_with_its_number(start: Start) -> None:
    child = start(WAIT, *unshared("--mount-proc"))
    assert child.identity.split()[-2] == "1", "one of ours has this number, too"
    assert not has_ended(child.identity)


def test_who_sees_the_processes_of_another_namespace_has_no_identity(start: Start) -> None:
    assert start(WAIT, *unshared()).identity == ""


def test_without_proc_nobody_has_an_identity_or_is_taken_for_dead(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = start()
    child.kill()
    monkeypatch.setattr(module, "PROC", tmp_path)
    assert process_identity() == ""
    assert not has_ended(child.identity)


def test_a_process_that_proc_hides_is_not_taken_for_dead(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    child, shown = start(), module._stat

    def stat(pid: str) -> list[str]:
        if pid == "self":
            return shown(pid)
        raise FileNotFoundError(pid)

    monkeypatch.setattr(module, "_stat", stat)
    assert not has_ended(child.identity)
    child.kill()
    assert has_ended(child.identity)


@pytest.mark.parametrize("words", ["", "a", "0f3c", "boot pid:[1] time:[1] -1 5", "boot pid:[1] time:[1] 0 5"])
def test_other_words_are_nobodys_identity(words: str) -> None:
    assert not has_ended(words)
