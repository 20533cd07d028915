"""Socket Mode: the sockets that apps hold open, and envelopes that go over them in turns."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from tests.fake_slack.journal import Journal
from tests.fake_slack.seed_data import APP

Json = dict[str, Any]
MOST = 10  # sockets an app may hold
POLL = 0.02  # seconds between two looks for a socket


class SocketLost(Exception):
    """The socket closed before the envelope was acknowledged."""


class Socket:
    def __init__(self, number: int, ws: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.number = number
        self.ws = ws
        self._transport = transport
        self._waiting: dict[str, asyncio.Future[Json]] = {}  # by envelope

    async def hand_over(self, envelope: Json, seconds: float) -> Json:
        """The payload of the acknowledgement. Raises `SocketLost`, `TimeoutError`."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answer
        try:
            async with asyncio.timeout(seconds):
                await self.ws.send_json(envelope)
                return await answer
        except (ConnectionError, RuntimeError) as error:
            raise SocketLost from error
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    def acknowledge(self, answer: Json) -> bool:
        """False: no envelope waits for this."""
        waiting = self._waiting.get(answer.get("envelope_id", ""))
        if waiting is None:
            return False
        if not waiting.done():
            waiting.set_result(answer.get("payload") or {})
        return True

    def cut(self) -> None:
        """Without a word, as a broken line does."""
        self._transport.abort()

    async def dismiss(self, reason: str) -> None:
        """As Slack does before it closes a socket itself."""
        with suppress(ConnectionError, RuntimeError):
            await self.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})
            await self.ws.close()

    def lose(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(SocketLost())


class Sockets:
    def __init__(self, journal: Journal, cut_every: float | None) -> None:
        self.open: list[Socket] = []
        self.ever = False  # somebody connected once
        self._journal = journal
        self._cut_every = cut_every
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._turn = 0
        self._sent: set[str] = set()  # envelopes

    def ticket(self) -> str:
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One socket's life. A ticket opens one socket."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="This ticket was used, or never given.")
        self._tickets.remove(ticket)
        ws = web.WebSocketResponse(heartbeat=None)
        await ws.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        socket = Socket(next(self._numbers), ws, request.transport)
        if len(self.open) >= MOST:
            await socket.dismiss("too_many_websockets")
            return ws
        await self._live(socket)
        return ws

    async def next(self, seconds: float) -> Socket | None:
        """The socket whose turn it is; None: nobody came in so many seconds."""
        until = asyncio.get_running_loop().time() + seconds
        while not self.open:
            if asyncio.get_running_loop().time() >= until:
                return None
            await asyncio.sleep(POLL)
        self._turn += 1
        return self.open[self._turn % len(self.open)]

    def sent(self, envelope: str) -> None:
        self._sent.add(envelope)

    def cut(self) -> None:
        for socket in tuple(self.open):
            socket.cut()

    async def dismiss(self) -> None:
        for socket in tuple(self.open):
            await socket.dismiss("refresh_requested")

    async def _live(self, socket: Socket) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._cut_every, socket.cut) if self._cut_every else None
        self.open.append(socket)
        self.ever = True
        try:
            with suppress(ConnectionError):
                await socket.ws.send_json(self._hello())
                await self._listen(socket)
        finally:
            self.open.remove(socket)
            socket.lose()
            if timer:
                timer.cancel()

    async def _listen(self, socket: Socket) -> None:
        async for message in socket.ws:
            if message.type is WSMsgType.TEXT:
                self._take(socket, message.json())

    def _take(self, socket: Socket, answer: Json) -> None:
        if not socket.acknowledge(answer) and answer.get("envelope_id") not in self._sent:
            self._journal.breach("socket", f"An acknowledgement of what was never sent: {answer!s:.100}")

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "fake", "build_number": 1, "approximate_connection_time": 18_060},
        }
