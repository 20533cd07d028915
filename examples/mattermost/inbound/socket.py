"""The websocket: it is opened again until somebody closes it, and what comes over it is handed on by its kind."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import structlog

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between attempts that failed, the last for good
ATTEMPT = 8.0  # seconds for an attempt to connect
PING = 20.0  # seconds between pings; where no answer comes the connection is dead
MAX_EVENT = 4_000_000  # bytes: a post of 16,383 characters, escaped twice over, with its properties

Event = dict[str, Any]
Deliver = Callable[[Event], None]

log = structlog.get_logger(__name__)


class GapError(Exception):
    """The numbers of events have a hole: something was lost, so the session is given up and the history is read."""


class Socket:
    """`deliver` is given each event in its order, beginning with the `hello` of a session."""

    def __init__(self, url: str, token: str, deliver: Deliver) -> None:
        """`url`: of the server, over HTTP."""
        self._url, self._token, self._deliver = f"{url}/api/v4/websocket", token, deliver
        self._failures = 0
        self.healthy = False

    async def listen(self) -> None:
        """Never returns."""
        while True:
            try:
                await self._session()
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, GapError) as error:
                log.warning("mattermost_socket_lost", why=type(error).__name__)
            finally:
                self.healthy = False
            await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES) - 1)])
            self._failures += 1

    async def _session(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=ATTEMPT)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            async with asyncio.timeout(ATTEMPT):
                socket = await session.ws_connect(self._url, heartbeat=PING, max_msg_size=MAX_EVENT)
            async with socket:
                challenge = {"seq": 1, "action": "authentication_challenge", "data": {"token": self._token}}
                await socket.send_json(challenge)
                async for event in _numbered(socket):
                    self._hear(event)

    def _hear(self, event: Event) -> None:
        if event["event"] == "hello":
            self.healthy, self._failures = True, 0
        self._deliver(event)


async def _numbered(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Event]:
    """Events alone. Raises `GapError`, and what a message that is none raises."""
    expected: int | None = None
    async for message in socket:
        told = json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else {}
        if "event" not in told:
            continue  # the answer to the challenge
        if expected is not None and told["seq"] != expected:
            raise GapError(f"{told['seq']} instead of {expected}")
        expected = told["seq"] + 1
        yield told
