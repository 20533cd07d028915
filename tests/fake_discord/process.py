"""The fake in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chat_platform.process import ROOT, _address, _stop
from tests.fake_discord.client import FakeDiscord


@contextmanager
def running_discord(port: int = 0) -> Iterator[FakeDiscord]:
    """A fake in a process of its own, which also ends when this one dies. Port 0: any that is free."""
    command = [sys.executable, "-m", "tests.fake_discord", "--attached", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield FakeDiscord(_address(process))
    finally:
        _stop(process)
