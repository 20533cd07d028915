"""How payloads reach us: over a socket that we keep open, or by signed requests to our own address."""

import asyncio
import logging
from contextlib import suppress

import structlog
from fastapi import Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.client import TIME_OUT
from adapters.slack.listening.app import quiet_log

LOOK = 0.25  # seconds between two looks at the socket
ATTEMPT = 8.0  # seconds for an attempt to connect
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between attempts that failed, the last for good
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
        asker = AsyncWebClient(base_url=self._api_url, timeout=TIME_OUT, retry_handlers=[])
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
            await self._handler.close_async()  # type: ignore[no-untyped-call]
            left = (client.message_processor, client.current_session_monitor, client.message_receiver)
            await asyncio.gather(*filter(None, left), return_exceptions=True)

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        failures = 0
        while True:
            if await handler.client.is_connected():
                await asyncio.sleep(LOOK)
                continue
            pause = await self._connect(handler, failures)
            failures = failures + 1 if pause > LOOK else 0
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
        return LOOK


class Requests:
    """The Events API. Whoever cannot sign is answered 401; a signature is good for five minutes."""

    def __init__(self, app: AsyncApp) -> None:
        self._handler = AsyncSlackRequestHandler(app)

    async def handle(self, request: Request) -> Response:
        with suppress(UnicodeDecodeError):
            return await self._handler.handle(request)
        return Response(status_code=400)


def _code(error: Exception) -> str:
    return str(error.response.get("error") or error.response.status_code) if isinstance(error, SlackApiError) else ""
