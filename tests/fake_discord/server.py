"""The fake's doors: `/api/v10` and `/gateway` for apps, `/attachments` for everybody, `/control` for tests."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from tests.chat_platform.server import _port, _told_to_stop
from tests.fake_discord import shapes
from tests.fake_discord import web as api
from tests.fake_discord.answers import Answer
from tests.fake_discord.connection import Connection
from tests.fake_discord.control import Control

GREETING = "The fake Discord listens on "  # followed by its address, on standard output
LARGEST = 30_000_000  # bytes of a request


class Doors:
    """A call that is under way while the world is replaced still ends in the old one."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/v10/{path:.*}", self._call),
            web.route("*", "/api/{path:(?!v10/).*}", self._call),
            web.get("/gateway", self._gateway),
            web.get("/gateway/", self._gateway),
            web.get("/attachments/{id}/{name}", self._download),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        answer = await api.answer(self._control.world, f"/{request.match_info['path']}", request)
        if answer.cut and request.transport:
            request.transport.abort()
        return _response(answer)

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(heartbeat=None, max_msg_size=1_000_000)
        await ws.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        await Connection(self._control.world, ws, request.transport).live()
        return ws

    async def _download(self, request: web.Request) -> web.Response:
        """No token is asked for, as from Discord's own store of files."""
        file = self._control.world.state.files.get(request.match_info["id"])
        if file is None or file.name != request.match_info["name"]:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.content, headers={"Content-Type": file.type})


def _response(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    headers = {**answer.headers, "Content-Type": "application/json"}  # discord.py decodes nothing with a charset
    return web.Response(body=json.dumps(answer.body).encode(), status=answer.status, headers=headers)


async def serve(port: int, attached: bool = False) -> None:
    """Serve on loopback until a signal comes or, attached, until standard input ends."""
    control = Control()
    app = web.Application(client_max_size=LARGEST)
    app.add_routes([*Doors(control).routes(), *control.routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        shapes.BASE["url"] = f"http://127.0.0.1:{_port(runner)}"
        print(f"{GREETING}{shapes.BASE['url']}", flush=True)
        await _told_to_stop(attached)
    finally:
        control.world.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.cleanup(), 2)
