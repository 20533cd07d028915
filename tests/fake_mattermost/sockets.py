"""The websocket: events for whoever has shown the bot's token, numbered for each connection."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Connection:
    socket: web.WebSocketResponse
    number: int = 0

    async def send(self, event: str, data: dict[str, Any], channel: str) -> None:
        told = {"event": event, "data": data, "broadcast": {"channel_id": channel}, "seq": self.number}
        self.number += 1
        await self.socket.send_json(told)


@dataclass
class Sockets:
    """`down`: nobody is let in. `twice`: each event comes twice. `losing`: so many events are numbered and not sent."""

    loop: asyncio.AbstractEventLoop | None = None
    down: bool = False
    twice: bool = False
    losing: int = 0
    sessions: int = 0  # that were begun
    open: list[Connection] = field(default_factory=list)

    async def handle(self, request: web.Request, token: str) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        challenge = json.loads((await socket.receive()).data)
        right = challenge["action"] == "authentication_challenge" and challenge["data"]["token"] == token
        if not right:
            await socket.close()
            return socket
        await socket.send_json({"status": "OK", "seq_reply": challenge["seq"]})
        connection = Connection(socket)
        await connection.send("hello", {"connection_id": "c1"}, "")
        self.open.append(connection)
        self.sessions += 1
        async for _ in socket:
            pass
        self.open.remove(connection)
        return socket

    def tell(self, event: str, data: dict[str, Any], channel: str) -> None:
        """From any thread."""
        assert self.loop
        asyncio.run_coroutine_threadsafe(self._tell(event, data, channel), self.loop)

    def cut(self) -> None:
        """And nobody is let in again before `down` is taken back."""
        assert self.loop
        self.down = True
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(10)

    async def close(self) -> None:
        for connection in list(self.open):
            await connection.socket.close()

    async def _tell(self, event: str, data: dict[str, Any], channel: str) -> None:
        for connection in list(self.open):
            if self.losing:
                connection.number += 1
                continue
            for _ in range(2 if self.twice else 1):
                await connection.send(event, data, channel)
        self.losing = max(0, self.losing - 1)
