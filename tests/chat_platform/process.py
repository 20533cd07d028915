"""The platform in a process of its own."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.chat_platform.client import ChatPlatform

ROOT = Path(__file__).resolve().parents[2]
START = 30.0  # seconds; it takes one, but machines may be loaded
STOP = 5.0  # seconds


@contextmanager
def running_platform(port: int = 0) -> Iterator[ChatPlatform]:
    """A platform in a process of its own, which also ends when this one dies. Port 0: any that is free."""
    command = [sys.executable, "-m", "tests.chat_platform", "--attached", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield ChatPlatform(_address(process))
    finally:
        _stop(process)


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout
    greeting = _first_line(process.stdout)
    assert "http://" in greeting, f"The chat platform did not start in {START:g} s: {greeting!r}"
    return greeting.split()[-1]


def _first_line(stdout: IO[bytes]) -> str:
    """What is there when a line has ended, the process has, or the time is up."""
    line, until = b"", time.monotonic() + START
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n") and selector.select(until - time.monotonic()):
            if not (read := os.read(stdout.fileno(), 1_000)):
                break
            line += read
    return line.decode()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
