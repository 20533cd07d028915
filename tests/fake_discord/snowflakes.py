"""Ids that are also times, as Discord's are: milliseconds since 2015, shifted by 22 bits, growing and unique."""

import time

EPOCH = 1_420_070_400_000  # milliseconds since 1970


class Snowflakes:
    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """Grows even where the clock does not, also after everything was forgotten."""
        self._last = max(self._last + 1, int(time.time() * 1_000) - EPOCH << 22)
        return str(self._last)


def moment(snowflake: str) -> float:
    """Seconds since 1970."""
    return ((int(snowflake) >> 22) + EPOCH) / 1_000
