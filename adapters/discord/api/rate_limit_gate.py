"""The silence that Discord asks for with a 429: until it is over no such call is made, whoever wants to make it."""

import re
import time
from collections.abc import Callable

MAX_SILENCES = 1_000  # silences beyond which those that are over are forgotten
FREE = ("/interactions/", "/webhooks/")  # calls that the limit for all calls together does not count
_IDS = re.compile(r"(?<=/)\d+(?=/|$)|(?<=/reactions/)[^/]+")
_MAJOR = re.compile(r"^/(?:channels|guilds|interactions|webhooks/\d+)/[^/]+")  # what has limits of its own

Route = tuple[str, str]  # method and path, ids taken out but for the major one


class RateLimitGate:
    """Of this process. What all processes know of is in the buckets; they do not cover every call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[Route, float] = {}

    def left(self, method: str, path: str) -> float:
        """Seconds; 0: the call may be made."""
        until = self._until.get(route(method, path), 0.0)
        if not path.startswith(FREE):
            until = max(until, self._until.get(EVERYTHING, 0.0))
        return max(0.0, until - self._clock())

    def keep(self, method: str, path: str, seconds: float, everywhere: bool) -> None:
        now = self._clock()
        if len(self._until) > MAX_SILENCES:
            self._until = {known: until for known, until in self._until.items() if until > now}
        key = EVERYTHING if everywhere else route(method, path)
        self._until[key] = max(self._until.get(key, 0.0), now + seconds)


EVERYTHING: Route = ("", "")


def route(method: str, path: str) -> Route:
    major = _MAJOR.match(path)
    at = major.end() if major else 0
    return method, path[:at] + _IDS.sub("…", path[at:])
