"""One line in the log for many requests of the same kind, so that strangers do not fill it."""

import asyncio
from collections import Counter

import structlog

EVERY = 60.0  # seconds between two lines

log = structlog.get_logger(__name__)


class Tally:
    """Counts by reason. The first is logged at once; what follows together, a line a minute at most."""

    def __init__(self, event: str, every: float = EVERY) -> None:
        """`event`: the name of the line."""
        self._event, self._every = event, every
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, reason: str) -> None:
        """`reason`: one of a few words of ours."""
        self._counts[reason] += 1
        if self._timer is None:
            self._tell()

    def close(self) -> None:
        """Log what was counted since the last line."""
        if self._counts:
            self._tell()
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _tell(self) -> None:
        log.warning(self._event, count=self._counts.total(), why=dict(self._counts))
        self._counts.clear()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._minute_over)

    def _minute_over(self) -> None:
        self._timer = None
        if self._counts:
            self._tell()
