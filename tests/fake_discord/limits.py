"""How fast Discord may be called, and what it says to whoever is faster."""

import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake_discord.answers import Answer, Interrupted, rate_limited

EARLY = 0.05  # seconds that clocks and timers may differ
GENEROUS = (1_000, 1.0)
UNUSED = (50, 1.0)
# Calls and seconds of a window, for each channel: what people read from the headers; Discord publishes no figures.
DISCORD: dict[str, tuple[int, float]] = {
    "create_message": (5, 5.0),
    "update_message": (5, 5.0),
    "delete_message": (5, 1.0),
    "list_messages": (50, 5.0),
    "get_message": (50, 5.0),
    "create_thread_from_message": (50, 10.0),
    "create_thread": (50, 10.0),
    "update_channel": (5, 5.0),
    "add_my_message_reaction": (1, 0.25),
    "delete_my_message_reaction": (1, 0.25),
    "execute_webhook": (5, 2.0),
    "update_webhook_message": (5, 2.0),
    "update_original_webhook_message": (5, 2.0),
    "create_dm": (10, 10.0),
    "bulk_set_application_commands": (2, 60.0),
}
FREE = {"create_interaction_response", "execute_webhook", "update_original_webhook_message", "update_webhook_message"}

Key = tuple[str, str]  # method and major parameter; both empty: everything


@dataclass
class Window:
    """So many calls from its first one on; then it begins anew."""

    limit: int
    seconds: float
    ends: float = 0
    used: int = 0

    def renew(self, now: float) -> None:
        if now >= self.ends:
            self.ends, self.used = now + self.seconds, 0


@dataclass
class Limits:
    """Raises `Interrupted` with a 429, which is a violation too where an earlier one was not obeyed."""

    real: bool  # Discord's figures; False: none is ever reached
    per_second: int
    grace: float  # seconds after a 429 in which a call may have been under way already
    clock: Callable[[], float] = time.monotonic
    _windows: dict[Key, Window] = field(default_factory=dict)
    _holds: dict[Key, tuple[float, float]] = field(default_factory=dict)  # since and until
    _recent: deque[float] = field(default_factory=deque)  # calls of the last second

    def obeyed(self, method: str, major: str) -> None:
        """The client is not to call before the `retry_after` it was given is over."""
        now = self.clock()
        for key in ((method, major), ("", "")):
            since, until = self._holds.get(key, (0.0, 0.0))
            if now >= until - EARLY or (key == ("", "") and method in FREE):
                continue
            early = f"{method} came {until - now:.3f} s before its retry_after was over."
            told = early if now - since >= self.grace else ""
            raise Interrupted(rate_limited(until - now, key == ("", ""), told))

    def take(self, method: str, major: str) -> dict[str, str]:
        """The headers that tell how much is left."""
        now = self.clock()
        self._globally(method, now)
        window = self._windows.setdefault((method, major), Window(*self._figures(method)))
        window.renew(now)
        if window.used >= window.limit:
            answer = self.hold(method, major, window.ends - now)
            raise Interrupted(answer.model_copy(update={"headers": answer.headers | _headers(method, window, now)}))
        window.used += 1
        return _headers(method, window, now)

    def hold(self, method: str, major: str, seconds: float, everywhere: bool = False) -> Answer:
        """A 429 that the client has to obey."""
        now = self.clock()
        self._holds[("", "") if everywhere else (method, major)] = now, now + seconds
        return rate_limited(seconds, everywhere)

    def _globally(self, method: str, now: float) -> None:
        if not self.real or method in FREE:
            return
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            raise Interrupted(self.hold("", "", self._recent[0] + 1 - now, everywhere=True))
        self._recent.append(now)

    def _figures(self, method: str) -> tuple[int, float]:
        return DISCORD.get(method, UNUSED) if self.real else GENEROUS


def _headers(method: str, window: Window, now: float) -> dict[str, str]:
    left = max(0.0, window.ends - now)
    return {
        "X-RateLimit-Bucket": hashlib.md5(method.encode()).hexdigest(),
        "X-RateLimit-Limit": str(window.limit),
        "X-RateLimit-Remaining": str(window.limit - window.used),
        "X-RateLimit-Reset": f"{time.time() + left:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
    }
