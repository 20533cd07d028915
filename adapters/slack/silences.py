"""A 429 obeyed at once: what was about to go out when it came does not go."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.slack.buckets import Method, method_called
from workflows.chat import Sink
from workflows.errors import ChatUnavailable


class Silences:
    """For the calls of this process that have taken their token already: between that and the call lies a write to
    the database, in which another call may have been told to wait."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}  # by workspace and method, of `time.monotonic`

    @contextmanager
    def kept(self, sink: Sink, method: Method) -> Iterator[None]:
        """Around one call. Raises `ChatUnavailable` with the seconds that are left, instead of calling."""
        key = sink.workspace, method_called(sink, method)
        left = self._until.get(key, 0.0) - time.monotonic()
        if left > 0:
            raise ChatUnavailable("Slack is called too fast.", retry_after=left)
        try:
            yield
        except ChatUnavailable as error:
            if error.retry_after:
                self._until[key] = time.monotonic() + error.retry_after
            raise
