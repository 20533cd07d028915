"""The fake in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chat_platform.process import ROOT, _address, _stop
from tests.fake_slack.client import FakeSlack


@contextmanager
def running_slack(port: int = 0) -> Iterator[FakeSlack]:
    """A fake in a process of its own, which also ends when this one dies. Port 0: any that is free."""
    command = [sys.executable, "-m", "tests.fake_slack", "--attached", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield FakeSlack(_address(process))
    finally:
        _stop(process)
