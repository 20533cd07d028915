"""THREADWORK_HOME: one running stack at a time."""

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from threadwork.workflows.errors import ThreadworkError


class HomeTaken(ThreadworkError):
    """Another process runs on this home."""


def private(folder: Path) -> None:
    """A folder that only its owner looks into, also where it was there before. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    shared = found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX  # somebody else's, or like /tmp
    if not shared:
        folder.chmod(0o700)


def is_held(home: Path) -> bool:
    """Whether a stack runs, or starts, on a home."""
    try:
        import fcntl

        with (home / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False


class HomeLock:
    """Holds a home for as long as the `with` lasts; the lock goes with the process, however it ends.

    Raises `HomeTaken` when another process holds it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: TextIO | None = None

    def __enter__(self) -> None:
        try:
            import fcntl
        except ImportError:
            raise HomeTaken("The embedded servers need Linux or macOS.", "On Windows, use WSL.") from None
        self._file = self._open()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise HomeTaken(
                f"Threadwork already runs on {self._home}" + (f" (process {holder})." if holder else "."),
                "Use that one, stop it, or set THREADWORK_HOME to another folder.",
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _open(self) -> TextIO:
        try:
            private(self._home)  # so are conversations
            return (self._home / "lock").open("a+")
        except OSError as error:
            raise HomeTaken(
                f"THREADWORK_HOME={self._home} cannot be written: {(error.strerror or str(error)).lower()}.",
                "Set it to a folder of your own.",
            ) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()


@contextmanager
def held(file: Path) -> Iterator[TextIO]:
    """A new file, locked for whoever inherits it: the lock tells that a process lives, the text which one."""
    import fcntl

    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened


def end_left_over(home: Path) -> list[str]:
    """End children that a killed predecessor left on this home, and return their names. Call it under the lock."""
    return [file.stem for file in sorted((home / "run").glob("*.pid")) if _ended(file)]


def _ended(file: Path) -> bool:
    import fcntl

    with file.open() as opened:
        file.unlink()
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody lives who inherited it, so its number is still its own
            with suppress(ValueError, OSError):
                os.killpg(int(opened.read()), signal.SIGKILL)
                return True
    return False
