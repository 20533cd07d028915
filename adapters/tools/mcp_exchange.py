"""What came of one call over HTTP, seen beside the client, which tells all of it in one kind of error."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
from mcp import MCPError
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, PARSE_ERROR

from threadwork.adapters.tools.mcp_damage import paired

SESSION = "mcp-session-id"
ERROR_TIME, ERROR_TEXT = 5.0, 2_000  # seconds for reading what an error says, and characters of it
GONE_STATUSES = (404, 410)  # so the protocol says that a session is over
WITHOUT_SESSION = re.compile(  # how servers say it in a text of their own
    r"\b(no valid|invalid|unknown|missing|expired|no such|no) (or \w+ )?(mcp[- ]?)?session"
    r"|\bsession\b.{0,80}?\b(not found|not initiali|required|missing|invalid|unknown|expired|terminated|not exist)"
    r"|\bnot (yet )?(been )?initiali[sz]ed\b",
    re.IGNORECASE,
)
NO_WORDS = "Server returned an error response"  # the client's own
NOT_LET_IN = {
    401: "Its key is missing, wrong or expired. Tell the operator to run `threadwork mcp login`, or to correct "
    "headers in mcpServers.",
    403: "Its key does not allow this.",
}
UNREADABLE = ("Failed to parse", "Unexpected content type", "server answered a request with 202")  # the client's words


@dataclass
class Exchange:
    """Filled in while a call is made. Over stdio it stays empty."""

    status: int = 0  # of the answer; 0: none came
    in_session: bool = False
    text: str = ""  # of an answer that was an error
    unreached: bool = False  # nobody took the connection: nothing was sent

    def forgot(self) -> bool:
        """The server does not know the session, and looked at nothing else: the call certainly did not run."""
        if self.unreached:
            return True
        code = _code(self.text)
        if self.status in GONE_STATUSES and self.in_session:
            return code not in (METHOD_NOT_FOUND, INVALID_PARAMS) or bool(WITHOUT_SESSION.search(self.text))
        ours = self.status in (400, 401, *GONE_STATUSES) and code not in (METHOD_NOT_FOUND, INVALID_PARAMS)
        return ours and bool(WITHOUT_SESSION.search(self.text))

    def unreadable(self, error: MCPError) -> bool:
        """An answer came, and nobody can tell what it says: the tool may well have run."""
        refused_by_status = self.status >= 400
        parsed = error.code != PARSE_ERROR or error.message.startswith(UNREADABLE[0])
        return not refused_by_status and parsed and error.message.startswith(UNREADABLE)

    @property
    def broke(self) -> bool:
        """The server, or something in front of it, failed in the middle."""
        return self.status >= 500 or self.status == 408


def refusal(error: MCPError, seen: Exchange) -> str:
    """Why a server refused, in words that say what to do where only its owner can do it."""
    if seen.status in (401, 403):
        return f"it answered with HTTP status {seen.status}. {NOT_LET_IN[seen.status]}"
    if seen.status >= 400 and error.message in (NO_WORDS, "Not Found"):
        return f"it answered with HTTP status {seen.status}"
    return error.message.strip() or f"error {error.code}"


_present: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def exchange() -> Iterator[Exchange]:
    """What the requests that are sent from within the block come to."""
    seen = Exchange()
    token = _present.set(seen)
    try:
        yield seen
    finally:
        _present.reset(token)


class ObservedClient(httpx2.AsyncClient):
    """Tells the exchange that a request belongs to how it went: the client's tasks run in the context of the sender."""

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        seen = _present.get()
        message = request.method == "POST" and "json" in request.headers.get("content-type", "")
        if seen is None or not message or 200 <= seen.status < 300:  # what follows an answer is not about the call
            return await super().send(request, **options)
        try:
            response = await super().send(request, **options)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            seen.unreached = True
            raise
        seen.status, seen.in_session = response.status_code, SESSION in request.headers
        seen.text = await _said(response) if response.status_code >= 400 else ""
        is_json = response.headers.get("content-type", "").startswith("application/json")
        return await _paired(request, response) if response.is_success and is_json else response


async def _paired(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    """Whoever waits would wait for an answer with the right id for ever."""
    try:
        content = await response.aread()
    except httpx2.DecodingError:
        return response
    mended = paired(content, request.content)
    if mended is content:
        return response
    kept = {name: value for name, value in response.headers.items() if name in (SESSION, "content-type")}
    return httpx2.Response(response.status_code, headers=kept, content=mended, request=request)


async def _said(response: httpx2.Response) -> str:
    with anyio.move_on_after(ERROR_TIME):
        return (await response.aread())[:ERROR_TEXT].decode(errors="replace")
    return ""


def _code(text: str) -> int | None:
    try:
        code = json.loads(text)["error"]["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, int) else None
