"""A 429 obeyed at once: what was about to go out when it came does not go."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from threadwork.workflows.errors import ChatUnavailable

Key = tuple[str, str]  # who calls, and Slack's name for the method


class RateLimitGates:
    """Of the calls of this process. Whoever holds a token for a call may have been overtaken by a 429: between the two
    lies a write to the database."""

    def __init__(self) -> None:
        self._until: dict[Key, float] = {}  # of `time.monotonic`

    @contextmanager
    def kept(self, key: Key) -> Iterator[None]:
        """Around one call. Raises `ChatUnavailable` with the seconds that are left, instead of calling."""
        if (left := self._left(key)) > 0:
            raise ChatUnavailable("Slack is called too fast.", retry_after=left)
        try:
            yield
        except ChatUnavailable as error:
            if error.retry_after:
                self._until[key] = time.monotonic() + error.retry_after
            raise

    async def over(self, key: Key, patience: float) -> None:
        """Returns when the method may be called; at once where that takes longer than `patience` (seconds)."""
        if 0 < (left := self._left(key)) <= patience:
            await asyncio.sleep(left)

    def _left(self, key: Key) -> float:
        return self._until.get(key, 0.0) - time.monotonic()
