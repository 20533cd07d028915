"""Places where a test can kill the process, to see that nothing is lost and nothing happens twice.

`THREADWORK_CRASH_AT=name[:n][:stop]` kills the process with SIGKILL when the place is reached for the n-th time
(default 1); with `:stop` it freezes there instead (SIGSTOP). It is refused outside tests."""

import os
import signal
from collections import Counter
from typing import Literal, get_args

CrashPoint = Literal[
    "command_stored",  # after the intake row, before the workflow is started or signalled
    "model_claimed",  # after the claim, before the call
    "tool_claimed",
    "model_answered",  # after the answer, before it is recorded
    "tool_ran",
    "model_recorded",  # after it is recorded, before the activity completes
    "tool_recorded",
    "part_intended",  # after the intent is written down, before the platform is called
    "file_uploaded",  # after the platform took a file, before the message that shows it is sent
    "file_posted",  # after it took that message, before the file is attached to it
    "part_posted",  # after the platform took a post, before it is recorded
    "events_stored",  # after the commit, before the hint
    "before_continue_as_new",
    "after_continue_as_new",
    "child_begun",  # after a delegated task's row is written, before the activity completes
    "child_closed",  # after its result is recorded, before the activity completes
    "child_reporting",  # before a delegated task signals its parent
    "woken_run_loading",  # while a run that a reply woke takes its state from the database
]
POINTS: tuple[str, ...] = get_args(CrashPoint)

_armed: dict[str, tuple[int, signal.Signals]] = {}
_reached: Counter[str] = Counter()


def arm(spec: str) -> None:
    """Raises ValueError for a name that is none of `POINTS`, or a count that is no positive number."""
    name, _, times = spec.removesuffix(":stop").partition(":")
    if name not in POINTS:
        raise ValueError(f"{name!r} is no crash point; there are: {', '.join(POINTS)}")
    if times and not (times.isdigit() and int(times)):
        raise ValueError(f"{times!r} is no number of times")
    _armed[name] = (int(times or 1), signal.SIGSTOP if spec.endswith(":stop") else signal.SIGKILL)


def reached(point: CrashPoint) -> None:
    """Dies here if a test wants it."""
    if point in _armed:
        _reached[point] += 1
        times, how = _armed[point]
        if _reached[point] == times:
            os.kill(os.getpid(), how)
