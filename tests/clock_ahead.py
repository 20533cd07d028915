"""A clock that a test puts forward, so that nobody waits until something has run out."""

import time


class ClockAhead:
    """Stands in for the module `time` where only `monotonic` is read."""

    def __init__(self) -> None:
        self.by = 0.0  # seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.by
