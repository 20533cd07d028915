"""The platform's doors: `POST /api/<method>` for its clients, the others for tests.

`GET /state`, `/calls`, `/violations` tell what it holds and saw; `POST /faults` (a list of `Fault`),
`/settings` (`Settings`; begins anew) and `/reset` change it."""

import asyncio
import signal
import sys
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from tests.chat_platform.answers import Answer
from tests.chat_platform.faults import Fault
from tests.chat_platform.platform import Platform, Settings

FAULTS = TypeAdapter(list[Fault])
SETTINGS = TypeAdapter(Settings)
T = TypeVar("T")
GREETING = "The chat platform listens on "  # followed by its address, on standard output


class Doors:
    """A call that is under way while the platform begins anew still ends in the old one."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._platform = Platform()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self._call),
            web.get("/state", self._state),
            web.get("/calls", self._calls),
            web.get("/violations", self._violations),
            web.post("/faults", self._misbehave),
            web.post("/settings", self._change),
            web.post("/reset", self._reset),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        answer = await self._platform.call(request.match_info["method"], await request.read())
        if answer.cut and request.transport:
            request.transport.abort()
        return _response(answer)

    async def _state(self, request: web.Request) -> web.Response:
        messages = self._platform.workspace.messages.values()
        return web.json_response({"messages": [{**m.model_dump(), "text": m.text} for m in messages]})

    async def _calls(self, request: web.Request) -> web.Response:
        return web.json_response([call.model_dump() for call in self._platform.journal.calls])

    async def _violations(self, request: web.Request) -> web.Response:
        return web.json_response([violation.model_dump() for violation in self._platform.journal.violations])

    async def _misbehave(self, request: web.Request) -> web.Response:
        faults = _valid(FAULTS, await request.read())
        self._platform.misbehave(faults)
        return web.json_response({"ok": True})

    async def _change(self, request: web.Request) -> web.Response:
        self._settings = _valid(SETTINGS, await request.read())
        return await self._reset(request)

    async def _reset(self, request: web.Request) -> web.Response:
        """Forget everything but the settings."""
        self._platform = Platform(self._settings)
        return web.json_response({"ok": True})


def _valid(adapter: TypeAdapter[T], raw: bytes) -> T:
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def _response(answer: Answer) -> web.Response:
    headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
    return web.json_response(answer.body, status=answer.status, headers=headers)


async def serve(port: int, attached: bool = False) -> None:
    """Serve on loopback until a signal comes or, attached, until standard input ends."""
    app = web.Application(client_max_size=1_000_000)
    app.add_routes(Doors().routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        print(f"{GREETING}http://127.0.0.1:{_port(runner)}", flush=True)
        await _told_to_stop(attached)
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.cleanup(), 2)


def _port(runner: web.AppRunner) -> Any:
    return runner.addresses[0][1]


async def _told_to_stop(attached: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if attached:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    await stop.wait()
