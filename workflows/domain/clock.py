"""The time a store writes down."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, with the time zone that every stored time has."""
    return datetime.now(UTC)
