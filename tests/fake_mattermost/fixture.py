"""A Mattermost for one test, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from tests.fake_mattermost.server import Mattermost, Refusal, refused, struck


class FakeMattermost(Mattermost):
    url: str = ""

    def now_ms(self) -> int:
        return int(time.time() * 1_000)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        async def handled() -> web.Response:
            try:
                return await self._answer(request)
            except Refusal as refusal:
                return refused(refusal)

        return await struck(self, request, handled)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, "api.context.session_expired.app_error")
        kind, id_ = request.match_info["kind"], request.match_info.get("id", "")
        return web.json_response(await ROUTES[request.method, kind](self, request, id_), status=_status(request))


async def _create(fake: FakeMattermost, request: web.Request, _: str) -> Any:
    return fake.create(fake.checked("CreatePost", await request.json()), fake.now_ms())


async def _patch(fake: FakeMattermost, request: web.Request, id_: str) -> Any:
    return fake.patch(id_, fake.checked("PatchPost", await request.json()))


async def _delete(fake: FakeMattermost, request: web.Request, id_: str) -> Any:
    fake.delete(id_, fake.now_ms())
    return {"status": "OK"}


async def _post(fake: FakeMattermost, request: web.Request, id_: str) -> Any:
    return fake.stands(id_)


async def _channel(fake: FakeMattermost, request: web.Request, id_: str) -> Any:
    if request.path.endswith("/posts"):
        return fake.page(id_, int(request.query.get("per_page", 60)), request.query.get("before", ""))
    if id_ not in fake.channels:
        raise Refusal(404, "app.channel.get.existing.app_error")
    fake.allowed(id_)
    return {"id": id_}


def _status(request: web.Request) -> int:
    return 201 if request.method == "POST" else 200


ROUTES = {
    ("POST", "posts"): _create,
    ("PUT", "posts"): _patch,
    ("DELETE", "posts"): _delete,
    ("GET", "posts"): _post,
    ("GET", "channels"): _channel,
}


async def _serve(fake: FakeMattermost, ready: threading.Event, stop: asyncio.Event) -> None:
    app = web.Application(client_max_size=2_000_000)
    app.router.add_route("*", "/api/v4/{kind}", fake.handle)
    app.router.add_route("*", "/api/v4/{kind}/{id}", fake.handle)
    app.router.add_route("*", "/api/v4/{kind}/{id}/{more}", fake.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ready.set()
    await stop.wait()
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
