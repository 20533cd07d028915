"""A Mattermost for one test, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.fake_mattermost.people import People
from tests.fake_mattermost.routes import ROUTES
from tests.fake_mattermost.server import Refusal, refused, struck


@dataclass
class FakeMattermost(People):
    url: str = ""
    answered: list[str] = field(default_factory=list)  # paths, in the order of their answers

    async def connect(self, request: web.Request) -> web.StreamResponse:
        return await self.sockets.handle(request, self.token)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        async def handled() -> web.Response:
            try:
                return await self._answer(request)
            except Refusal as refusal:
                return refused(refusal)

        response = await struck(self, request, handled)
        self.answered.append(request.path)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, "api.context.session_expired.app_error")
        kind, id_ = request.match_info["kind"], request.match_info.get("id", "")
        return web.json_response(await ROUTES[request.method, kind](self, request, id_), status=_status(request))


def _status(request: web.Request) -> int:
    return 201 if request.method == "POST" else 200


async def _serve(fake: FakeMattermost, ready: threading.Event, stop: asyncio.Event) -> None:
    app = web.Application(client_max_size=2_000_000)
    app.router.add_get("/api/v4/websocket", fake.connect)
    for path in ("{kind}", "{kind}/{id}", "{kind}/{id}/{more:.*}"):
        app.router.add_route("*", f"/api/v4/{path}", fake.handle)
    fake.sockets.loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ready.set()
    await stop.wait()
    await fake.sockets.close()
    await runner.cleanup()


@pytest.fixture
def fake_mattermost() -> Iterator[FakeMattermost]:
    fake, ready, loop = FakeMattermost(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(fake, ready, stop),))
    thread.start()
    assert ready.wait(10)
    yield fake
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
