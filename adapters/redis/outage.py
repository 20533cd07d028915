"""What is done while Redis is away: nobody asks it for some seconds, and it is told of now and then."""

import time

import structlog
from redis.exceptions import RedisError

FAILURES = (RedisError, OSError, TimeoutError)
FAILURE_PAUSE = 3.0  # seconds in which Redis is not asked after a failure
LOG_EVERY = 60.0  # seconds between two words about the same trouble

_log = structlog.get_logger(__name__)


class Outage:
    """`hint`: what becomes of those who would ask, for the log."""

    def __init__(self, hint: str) -> None:
        self._hint = hint
        self._until = 0.0  # 0: Redis is well
        self._logged_at = float("-inf")

    @property
    def lasts(self) -> bool:
        """Nobody is to ask."""
        return time.monotonic() < self._until

    def may_try(self) -> bool:
        """After a pause one caller tries, and nobody waits with it."""
        if self.lasts:
            return False
        if self._until:
            self._until = time.monotonic() + FAILURE_PAUSE
        return True

    def over(self) -> None:
        """It answered."""
        self._until = 0.0

    def failed(self, error: BaseException) -> None:
        now = time.monotonic()
        self._until = now + FAILURE_PAUSE
        if now - self._logged_at >= LOG_EVERY:
            self._logged_at = now
            _log.warning("redis_away", error=str(error) or type(error).__name__, hint=self._hint)
