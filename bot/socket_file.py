"""`THREADWORK_HOME/api.sock`: its place, who has it, and whether it can be trusted."""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from threadwork.bot.embedded.home import private


class Claim:
    """The socket of a home, listening; `listener` is None where another bot has it. Raises OSError."""

    def __init__(self, home: Path, url: str) -> None:
        self._home, self._url = home, url
        self._lock: TextIO | None = None
        self.listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _own(_lock_file(self._home).parent)
        try:
            self._take()
        except (ImportError, OSError):
            self._release()
            raise
        return self

    def _take(self) -> None:
        import fcntl

        self._lock = open(_lock_file(self._home), "a+", encoding="utf-8", opener=_no_link)  # noqa: SIM115
        with suppress(BlockingIOError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._lock.truncate(0)
            self._lock.write(self._url)
            self._lock.flush()
            self.listener = _made(self._home)

    def _release(self) -> None:
        if self.listener:
            socket_file(self._home).unlink(missing_ok=True)
            self.listener.close()
        if self._lock:
            self._lock.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()


def socket_file(home: Path) -> Path:
    return home / "api.sock"


def answers_for(home: Path, url: str | None) -> bool:
    """Whether a socket is there that its owner may be trusted with, of the bot at `url` (None: of any)."""
    with suppress(OSError):
        found, folder = socket_file(home).lstat(), home.stat()
        ours = stat.S_ISSOCK(found.st_mode) and found.st_uid in (os.geteuid(), folder.st_uid)
        return ours and not _anybodys(folder) and (url is None or _lock_file(home).read_text(encoding="utf-8") == url)
    return False


def _lock_file(home: Path) -> Path:
    return home / "run" / "api.sock.lock"


def _made(home: Path) -> socket.socket:
    """Made where nobody else can look, closed to others, then moved: at its place it never stands open."""
    place, birth = socket_file(home), home / "run" / "api.sock"
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(place.lstat().st_mode):
            raise FileExistsError(f"{place} is no socket")
    birth.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(birth))
        birth.chmod(0o600)
        listener.listen(128)
        birth.replace(place)
    except OSError:
        listener.close()
        raise
    return listener


def _no_link(path: str, flags: int) -> int:
    """Opens for `open`. Behind a link that somebody left here may be a file of ours that is not to be written over."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _anybodys(folder: os.stat_result) -> bool:
    """Whether everybody may put another socket in the place of ours, after it was looked at."""
    return bool(folder.st_mode & stat.S_IWOTH) and not folder.st_mode & stat.S_ISVTX


def _own(folder: Path) -> None:
    """Raises OSError for a folder that others can look into, and that cannot be closed to them."""
    if folder.is_symlink():
        raise PermissionError(f"{folder} is a link")
    private(folder)
    found = folder.stat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
