"""Message ids that are also times, as Slack's are: `1700000000.000123`, in seconds, growing and unique."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MICROS = 1_000_000


def stamp(moment: datetime) -> str:
    """The id a message of that moment would have."""
    micros = (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    return _written(micros)


def moment(message_id: str) -> datetime:
    """When a message was posted, UTC."""
    seconds, micros = message_id.split(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))


class Stamps:
    """Gives ids that grow even where the clock does not."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0  # microseconds

    def next(self) -> str:
        self._last = max(self._last + 1, int(self._clock() * MICROS))
        return _written(self._last)


def _written(micros: int) -> str:
    return f"{micros // MICROS}.{micros % MICROS:06d}"
