"""A process that runs for us, in a session of its own, and does not outlive us."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from threadwork.bot.embedded.home import held, private
from threadwork.workflows.errors import ThreadworkError

LOG_KEPT = 5_000_000  # bytes of a log before it is put aside at the next start

# Runs in the child and becomes the program. `kill -9` leaves us no time to stop anyone, so on Linux the
# kernel is asked to; it does so when the *thread* that started the child ends, so start children from the
# main thread. A parent that was gone before the kernel was asked is found out by its changed process id.
# macOS has no such call: there a `kill -9` leaves the children, and the next start ends them (`end_left_over`).
_BECOME = """
import os, sys
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"{sys.argv[2]} cannot be started: {error.strerror}")
"""


class ChildFailed(ThreadworkError):
    """A process did not come up. The sentence ends with the last lines of its log."""


@dataclass(frozen=True)
class Child:
    """A process to run.

    `ready`: True once it can be used; asked again and again. None: it creates the file that the variable
    THREADWORK_READY_FILE names. `env` is the whole environment; None: ours."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: Callable[[], Awaitable[bool]] | None = field(default=None, compare=False)


class Running:
    """One child through all its restarts. Logs go to `home/logs/<name>.log`."""

    def __init__(self, child: Child, home: Path) -> None:
        self.child = child
        self.log = home / "logs" / f"{child.name}.log"
        self.ready_file = home / "run" / f"{child.name}.ready"
        self.pid_file = home / "run" / f"{child.name}.pid"
        self.process: asyncio.subprocess.Process | None = None
        self._said_before = 0  # bytes of the log that earlier processes wrote

    async def spawn(self) -> asyncio.subprocess.Process:
        """Start the program once. The caller sees to it that an earlier one has ended."""
        self._tidy()
        with self.log.open("ab") as log, held(self.pid_file) as pid_file:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), *self.child.argv),
                env={**(self.child.env or os.environ), "THREADWORK_READY_FILE": str(self.ready_file)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                pass_fds=(pid_file.fileno(),),
            )
            pid_file.write(str(self.process.pid))
        return self.process

    def _tidy(self) -> None:
        for file in (self.log, self.ready_file, self.pid_file):
            private(file.parent)
        for file in (self.ready_file, self.pid_file):
            file.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._said_before = self.log.stat().st_size if self.log.exists() else 0

    async def is_ready(self) -> bool:
        return await self.child.ready() if self.child.ready else self.ready_file.exists()

    def last_lines(self, count: int = 8) -> str:
        """The end of what this process logged, for the person who has to find out."""
        with suppress(OSError):
            said = self.log.read_bytes()[self._said_before :]
            return "\n".join(said[-8_000:].decode(errors="replace").splitlines()[-count:])
        return ""

    def kill(self) -> None:
        """End the process and whatever it started in its session, at once."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def stop(self, grace: float) -> None:
        """Ask the process to end, and end it after `grace` seconds; its own children go with it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), grace)
        self.kill()
        await self.process.wait()
        self.process = None  # its number may soon be another's
        for file in (self.pid_file, self.ready_file):
            file.unlink(missing_ok=True)
