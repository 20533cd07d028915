"""What a server with bad manners prints among its messages: worth a line, not a traceback each."""

import logging
from time import monotonic

EVERY = 60.0  # seconds between two warnings


class Once(logging.Filter):
    """Lets through one record a minute, as a warning without its traceback; says how many there were meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0  # monotonic time
        self._kept_back = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info:  # about a server, not about a line of its
            return True
        if monotonic() < self._next:
            self._kept_back += 1
            return False
        kept_back, self._kept_back, self._next = self._kept_back, 0, monotonic() + EVERY
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = f"A tool server printed a line on stdout that is not a message ({kept_back} more before it)."
        record.exc_info = record.exc_text = None
        return True


_ONCE = Once()


def hush() -> None:
    """Quiet the MCP client about lines of a server's stdout that it cannot read, and about logins, which we tell of."""
    logging.getLogger("mcp.client.auth").setLevel(logging.CRITICAL)
    logging.getLogger("mcp.client.stdio").addFilter(_ONCE)
