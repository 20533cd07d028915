"""Bounds on computing that hold on a busy machine, too: in loops that are timed in the same run."""

import gc
import time
from collections.abc import Callable

STEPS = 400_000  # of one loop: 10 ms where nothing else runs


def loops(call: Callable[[], object]) -> float:
    """What `call` computes on this thread, in loops of `STEPS` steps; 100 of them are a second of a machine at rest.

    What other threads do meanwhile and the garbage of earlier tests are not counted."""
    gc.disable()
    try:
        before, took, after = loop_seconds(), _seconds(call), loop_seconds()
    finally:
        gc.enable()
    return took / max(before, after)


def loop_seconds() -> float:
    return _seconds(_loop)


def _seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began


def _loop() -> None:
    total = 0
    for step in range(STEPS):
        total += step
