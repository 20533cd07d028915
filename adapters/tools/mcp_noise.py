"""What the MCP client logs of a server with bad manners, or of one that dies: worth a line, not a traceback each."""

import logging
from time import monotonic

EVERY = 60.0  # seconds between two warnings
NO_MESSAGE = "Failed to parse JSONRPC"  # how the SDK begins about a line of stdout
GARBAGE = "A tool server printed a line on stdout that is not a message"
BROKEN = "The connection to a tool server broke"  # what it meant for a call is told where the call is


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
        what = GARBAGE if record.getMessage().startswith(NO_MESSAGE) else BROKEN
        record.msg, record.args = f"{what} ({kept_back} more before it).", ()
        record.exc_info = record.exc_text = None
        return True


_ONCE = Once()
_BY_TRANSPORT = {
    "mcp.client.stdio": _ONCE,
    "mcp.client.sse": Once(),
    "mcp.client.streamable_http": Once(),
}


def hush() -> None:
    """Quiet the MCP client about what it cannot read or deliver, and about logins: we tell of both."""
    logging.getLogger("mcp.client.auth").setLevel(logging.CRITICAL)
    for transport, once in _BY_TRANSPORT.items():
        logging.getLogger(transport).addFilter(once)
