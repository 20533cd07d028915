"""How payloads reach us: over a socket that we keep open, or by signed requests to our own address."""

import asyncio
import logging
from contextlib import suppress

import structlog
from fastapi import Request, Response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import ClientDisconnect

from threadwork.adapters.chat.background import ODD
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.slack.api.client import SLACK_TIMEOUT
from threadwork.adapters.slack.inbound.app import quiet_log
from threadwork.adapters.slack.inbound.signature import is_signed, is_ssl_check

SOCKET_CHECK_INTERVAL = 0.25  # seconds between two looks at the socket
ATTEMPT = 8.0  # seconds for an attempt to connect
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between attempts that failed, the last for good
BODY_LIMIT = 3_000_000  # bytes: a message of 40,000 characters, escaped twice over and quoted in a payload
NAMED = ("type", "command", "ssl_check")  # one of these is in whatever Slack sends
PING = 5.0  # seconds between pings; four without an answer, and the socket counts as dead

log = structlog.get_logger(__name__)


class Socket:
    """Socket Mode. The SDK's own way back is slow, and tries an address that is good for one time for ever; so it is
    watched here."""

    def __init__(self, app: AsyncApp, app_token: str, api_url: str) -> None:
        self._app, self._app_token, self._api_url = app, app_token, api_url
        self._handler: AsyncSocketModeHandler | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        client = self._handler.client if self._handler else None
        session = client.current_session if client else None
        return client is not None and session is not None and not session.closed and not client.stale

    async def open(self) -> None:
        """Returns at once: Slack may be away, and nothing else needs to wait for it."""
        asker = AsyncWebClient(base_url=self._api_url, timeout=SLACK_TIMEOUT, retry_handlers=[])
        silent = quiet_log("slack.socket", logging.CRITICAL + 1)
        handler = AsyncSocketModeHandler(self._app, self._app_token, silent, asker, ping_interval=PING)
        handler.client.default_auto_reconnect_enabled = handler.client.auto_reconnect_enabled = False
        self._handler = handler
        self._watching = asyncio.create_task(self._watch(handler))

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._handler:
            client = self._handler.client
            await self._handler.close_async()
            left = (client.message_processor, client.current_session_monitor, client.message_receiver)
            await asyncio.gather(*filter(None, left), return_exceptions=True)

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        failures = 0
        while True:
            if await handler.client.is_connected():
                await asyncio.sleep(SOCKET_CHECK_INTERVAL)
                continue
            pause = await self._connect(handler, failures)
            failures = failures + 1 if pause > SOCKET_CHECK_INTERVAL else 0
            await asyncio.sleep(pause)

    async def _connect(self, handler: AsyncSocketModeHandler, failures: int) -> float:
        """Seconds to wait before the next look or attempt."""
        client = handler.client
        try:
            client.wss_uri = await client.issue_new_wss_url()  # waits as long as Slack's 429 says
            async with asyncio.timeout(ATTEMPT), client.connect_operation_lock:
                if not await client.is_connected():
                    await client.connect()  # type: ignore[no-untyped-call]
        except Exception as error:
            log.warning("slack_socket_not_open", why=type(error).__name__, code=_code(error))
            return PAUSES[min(failures, len(PAUSES) - 1)]
        return SOCKET_CHECK_INTERVAL


class Requests:
    """The Events API. Who cannot sign is answered 401, before anything is read; what is signed and says nothing that
    could be understood, 400. A signature is good for five minutes."""

    def __init__(self, app: AsyncApp, signing_secret: str, refused: Tally) -> None:
        self._app, self._secret, self._refused = app, signing_secret, refused

    async def handle(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return self._refuse(413, "too large")
        if not is_signed(request.headers, body, self._secret):
            return Response() if is_ssl_check(body) else self._refuse(401, "not signed")
        said = _read(request, body)
        answer = await self._answer(said) if said else None
        return answer or self._refuse(400, "not readable")

    async def _answer(self, said: AsyncBoltRequest) -> Response | None:
        """None where Bolt stumbles over the payload before it has found a listener; their errors it keeps to itself."""
        with suppress(*ODD):
            return to_starlette_response(await self._app.async_dispatch(said))
        return None

    def _refuse(self, status: int, why: str) -> Response:
        self._refused.add(why)
        return Response(status_code=status)


async def _body(request: Request) -> bytes | None:
    """None where it is more than Slack sends. What breaks off is nothing: no signature fits it."""
    pieces, size = [], 0
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > BODY_LIMIT:
                return None
        return b"".join(pieces)
    return b""


def _read(request: Request, body: bytes) -> AsyncBoltRequest | None:
    """As Bolt reads it; it has no error of its own for what is not a payload."""
    try:
        said = to_async_bolt_request(request, body)
    except Exception:
        return None
    named = isinstance(said.body, dict) and any(isinstance(said.body.get(name), str) for name in NAMED)
    return said if named else None


def _code(error: Exception) -> str:
    return str(error.response.get("error") or error.response.status_code) if isinstance(error, SlackApiError) else ""
