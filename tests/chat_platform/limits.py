"""How fast the platform may be called, and what it says to whoever is faster."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

from pydantic import Field

from tests.chat_platform.answers import Answer, Interrupted, Value, rate_limited

Key = tuple[str, str]  # method and channel; the channel is empty where the whole workspace shares


class Limit(Value):
    method: str
    per: Literal["channel", "workspace"] = "channel"
    rate: float = Field(gt=0)  # calls a second, in the long run
    burst: int = Field(1, ge=1)  # calls at once after a rest

    def key(self, channel: str) -> Key:
        return self.method, channel if self.per == "channel" else ""


# Slack's: about a post a second and channel; tier 3, 50 a minute, for the others.
REALISTIC = (
    Limit(method="post", rate=1, burst=5),
    Limit(method="update", per="workspace", rate=50 / 60, burst=10),
    Limit(method="delete", per="workspace", rate=50 / 60, burst=10),
    Limit(method="history", per="workspace", rate=50 / 60, burst=10),
    Limit(method="replies", per="workspace", rate=50 / 60, burst=10),
)


class Bucket:
    """Tokens that come back with time; a call takes one."""

    def __init__(self, limit: Limit, now: float) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until there is a token."""
        self._tokens = min(self._limit.burst, self._tokens + (now - self._at) * self._limit.rate)
        self._at = now
        return max(0.0, (1 - self._tokens) / self._limit.rate)

    def take(self) -> None:
        self._tokens -= 1


@dataclass(frozen=True)
class Hold:
    """A 429 that was answered: nothing may come before `until`."""

    since: float
    until: float


class RateLimits:
    """Raises `Interrupted` with a 429, which is a violation too where an earlier one was not obeyed."""

    def __init__(
        self, limits: tuple[Limit, ...] = (), grace: float = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`grace`: seconds after a 429 in which a call may have been under way already."""
        self._limits = limits
        self._grace = grace
        self._clock = clock
        self._buckets: dict[tuple[Key, Limit], Bucket] = {}
        self._holds: dict[Key, Hold] = {}

    def obeyed(self, method: str, channel: str) -> None:
        """The client is not to call before the Retry-After it was given is over."""
        now = self._clock()
        holds = (self._holds.get(key) for key in ((method, channel), (method, "")))
        for hold in (h for h in holds if h and now < h.until):
            early = f"{method} in {channel} came {hold.until - now:.3f} s before its Retry-After was over."
            raise Interrupted(rate_limited(ceil(hold.until - now), early if now - hold.since >= self._grace else ""))

    def take(self, method: str, channel: str) -> None:
        """A token of every bucket the call falls under."""
        now = self._clock()
        limits = [limit for limit in self._limits if limit.method == method]
        buckets = [(limit.key(channel), self._bucket(limit, channel, now)) for limit in limits]
        for key, bucket in buckets:
            if wait := bucket.wait(now):
                raise Interrupted(self.hold(key, ceil(wait)))
        for _, bucket in buckets:
            bucket.take()

    def hold(self, key: Key, seconds: int) -> Answer:
        """A 429 that the client has to obey. `seconds`: its Retry-After."""
        now = self._clock()
        self._holds[key] = Hold(now, now + seconds)
        return rate_limited(seconds)

    def _bucket(self, limit: Limit, channel: str, now: float) -> Bucket:
        return self._buckets.setdefault((limit.key(channel), limit), Bucket(limit, now))
