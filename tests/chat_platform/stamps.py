"""Message ids that are also times, as Slack's are: `1700000000.000123`, in seconds, growing and unique."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MICROS = 1_000_000
EPOCH = datetime.fromtimestamp(0, UTC)


def stamp(moment: datetime) -> str:
    """The id a message of that moment would have."""
    return _written((moment - EPOCH) // timedelta(microseconds=1))


def moment(message_id: str) -> datetime:
    """When a message was posted, UTC."""
    return EPOCH + timedelta(microseconds=micros(message_id))


def micros(message_id: str) -> int:
    """The id as a number, to compare it with others."""
    seconds, rest = message_id.split(".")
    return int(seconds) * MICROS + int(rest)


class Stamps:
    """Gives ids that grow even where the clock does not."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0  # microseconds

    def next(self) -> str:
        self._last = max(self._last + 1, int(self._clock() * MICROS))
        return _written(self._last)


def _written(number: int) -> str:
    return f"{number // MICROS}.{number % MICROS:06d}"
