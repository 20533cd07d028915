"""Which process holds something, in words from which others on the same machine can tell that it has ended.

Linux only, where `/proc` tells of our own processes; elsewhere nobody has one, and nobody is taken for dead."""

import os
import re
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
BOOT = PROC / "sys" / "kernel" / "random" / "boot_id"
# The number of a process counts in one namespace alone, and its start by the clock of another. The first of either kind
# has the same name on every machine, hence the boot.
NAMESPACES = ("pid", "time")
IDENTITY = re.compile(r"(?P<place>\S+ pid:\[\d+\] time:\[\d+\]) (?P<pid>[1-9]\d{0,9}) (?P<start>\d+)", re.ASCII)
STATE, THREADS, START = 0, 17, 19  # in `/proc/<pid>/stat`, behind the program's name: fields 3, 20 and 22
ENDED = ("Z", "X")


def process_identity() -> str:
    """Boot, namespaces, number and start of this process: `<boot id> pid:[n] time:[n] <pid> <clock ticks>`.

    Empty: it cannot be told here."""
    try:
        if _numbers() != [str(os.getpid())]:
            return ""
        return f"{_place()} {os.getpid()} {_stat('self')[START]}"
    except (OSError, IndexError):
        return ""


def has_ended(identity: str) -> bool:
    """Whether the process of that identity has certainly ended. False: it lives, stopped or not, or it cannot be known.

    Where another process has its number by now, the start tells them apart."""
    known, ours = IDENTITY.fullmatch(identity), IDENTITY.fullmatch(process_identity())
    if known is None or ours is None or known["place"] != ours["place"]:
        return False
    if not _is_given(int(known["pid"])):
        return True
    with suppress(OSError, IndexError):
        stat = _stat(known["pid"])
        # while others of its threads end, its connections may still be open
        return stat[START] != known["start"] or (stat[STATE] in ENDED and int(stat[THREADS]) <= 1)
    return False


def _numbers() -> list[str]:
    """Of this process in the namespace that `/proc` tells of, and in those within it down to its own."""
    lines = (PROC / "self" / "status").read_text(errors="replace").splitlines()
    return next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])


def _place() -> str:
    namespaces = [os.readlink(PROC / "self" / "ns" / name) for name in NAMESPACES]
    return " ".join([BOOT.read_text().strip(), *namespaces])


def _stat(pid: str) -> list[str]:
    """The fields behind the program's name, which may have spaces and parentheses of its own."""
    return (PROC / pid / "stat").read_text(errors="replace").rpartition(")")[2].split()


def _is_given(pid: int) -> bool:
    """Whether there is a process of that number, also where `/proc` hides those of others."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
