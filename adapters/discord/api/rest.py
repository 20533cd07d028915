"""Discord's REST API: one try a call, whatever comes of it.

Not by discord.py's `HTTPClient`, which owns retries of its own and cannot be told otherwise: five tries at 500, 502
and 504, a sleep at each 429 (`max_ratelimit_timeout` is 30 s at least), and a wait of its own for tokens, before a
call and after its answer. Its base URL is one variable of the whole process. Here a retry has one owner, who waits
for tokens that all processes share and must see each 429."""

import io
import json
from typing import Any

import aiohttp

from threadwork.adapters.chat.one_try import CALL_TIMEOUT, DEFAULT_RETRY_AFTER, session
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.api.rate_limit_gate import RateLimitGate
from threadwork.workflows.sinks import File

API = "https://discord.com/api/v10"
AGENT = (
    "DiscordBot (https://example.com/threadwork, 0.1)"  # this form is asked for; the edge refuses callers without one
)
MAX_ERROR_TEXT = 200  # characters of Discord's own words in an error


class Rest:
    """Calls Discord's REST API as the bot. Times out after `time_out` seconds."""

    def __init__(self, token: str, api_url: str | None = None, time_out: float = CALL_TIMEOUT) -> None:
        """`api_url`: where the API is, such as an emulator's `http://…/api/v10`; None: Discord's own."""
        self._token = token
        self._url = (api_url or API).rstrip("/")
        self._time_out = time_out
        self._gate = RateLimitGate()
        self._session: aiohttp.ClientSession | None = None
        self._me = ""

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, file: File | None = None, **query: Any
    ) -> Any:
        """Discord's answer; None where there is none. Raises `Refused`, and aiohttp's errors for a lost connection.

        A call that comes before a 429 is over is refused as that one was, and not made."""
        if left := self._gate.left(method, path):
            raise Refused(429, 0, "You are being rate limited.", left)
        sent: dict[str, Any] = {"data": _form(body, file)} if file else {"json": body} if body is not None else {}
        async with self.session.request(method, f"{self._url}{path}", params=query, **sent) as answer:
            told = _parsed(await answer.text())
            if answer.status >= 400:
                raise self._noted(_refused(answer, told), method, path)
            return told

    def _noted(self, error: Refused, method: str, path: str) -> Refused:
        if error.status == 429:
            self._gate.keep(method, path, error.retry_after or DEFAULT_RETRY_AFTER, error.everywhere)
        return error

    @property
    def url(self) -> str:
        """Where the API is."""
        return self._url

    async def me(self) -> str:
        """The bot's own user id."""
        if not self._me:
            self._me = str((await self.call("GET", "/users/@me"))["id"])
        return self._me

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at the first call, when there is a loop."""
        if self._session is None or self._session.closed:
            headers = {"Authorization": f"Bot {self._token}", "User-Agent": AGENT}
            self._session = session(self._time_out, headers)
        return self._session

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _form(body: dict[str, Any] | None, file: File) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # Discord takes no escaped brackets in `files[0]`
    form.add_field("payload_json", json.dumps(body or {}))
    content = io.BytesIO(file.data)  # aiohttp warns of more than a megabyte that it would send in one go
    kind = file.media_type if file.ref else "text/plain; charset=utf-8"
    form.add_field("files[0]", content, filename=file.name, content_type=kind)
    return form


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:  # a page of a proxy's
        return text


def _refused(answer: aiohttp.ClientResponse, told: Any) -> Refused:
    body = told if isinstance(told, dict) else {}
    code, message = int(body.get("code") or 0), str(body.get("message") or "")[:MAX_ERROR_TEXT]
    wait = _seconds(body.get("retry_after") or answer.headers.get("Retry-After"))
    return Refused(answer.status, code, message, wait, everywhere=body.get("global") is True)


def _seconds(given: Any) -> float | None:
    """From Discord's own answer or, where the edge before it answers, from the header."""
    if given is None:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        return DEFAULT_RETRY_AFTER
