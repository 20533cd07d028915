"""The fake's doors: `/api/<method>` and what belongs to it for apps, `/control/` for tests."""

import asyncio
from contextlib import suppress

from aiohttp import web

from tests.chat_platform.answers import Answer
from tests.chat_platform.server import _port, _told_to_stop
from tests.fake_slack import shapes
from tests.fake_slack import web as api
from tests.fake_slack.control import Control
from tests.fake_slack.seed_data import CLIENT_ID

GREETING = "The fake Slack listens on "  # followed by its address, on standard output
LARGEST = 5_000_000  # bytes of a request


class Doors:
    """A call that is under way while the world is replaced still ends in the old one."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self._call),
            web.get("/api/{method}", self._call),
            web.get("/link/", self._socket),
            web.post("/respond/{id}", self._respond),
            web.post("/upload/v1/{id}", self._upload),
            web.get("/files/{id}/{name}", self._download),
            web.get("/oauth/v2/authorize", self._authorise),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        world = self._control.world
        answer = await api.answer(world, request.match_info["method"], request)
        if answer.cut and request.transport:
            request.transport.abort()
        return _response(answer, ",".join(world.settings.scopes))

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        return await self._control.world.sockets.serve(request)

    async def _respond(self, request: web.Request) -> web.Response:
        status, text = self._control.world.responses.use(request.match_info["id"], await request.json())
        return web.Response(status=status, text=text)

    async def _upload(self, request: web.Request) -> web.Response:
        world = self._control.world
        file = world.state.files.get(request.match_info["id"])
        content = await _content(request)
        if file is None or file.content is not None:
            return web.Response(status=400, text="This upload URL was used, or never given.")
        if len(content) != file.size:
            world.journal.breach("upload", f"{file.name} has {len(content)} bytes, {file.size} were announced.")
            return web.Response(status=400, text="The size is not what was announced.")
        world.state.files[file.id] = file.model_copy(update={"content": content})
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        """Who has no token gets a sign-in page, with 200, as from Slack."""
        world = self._control.world
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        file = world.state.files.get(request.match_info["id"])
        if isinstance(world.tokens.team(token), str) or file is None or file.content is None:
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _authorise(self, request: web.Request) -> web.Response:
        """The page on which somebody agrees to install the app; here everybody does, for workspace `team` or T1."""
        if request.query.get("client_id") != CLIENT_ID:
            return web.Response(status=400, text="Unknown client_id.")
        code = self._control.world.tokens.code(request.query.get("team") or "T1")
        back = request.query["redirect_uri"]
        joint = "&" if "?" in back else "?"
        raise web.HTTPFound(f"{back}{joint}code={code}&state={request.query.get('state', '')}")


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    fields = (await request.post()).values()
    file = next(field for field in fields if isinstance(field, web.FileField))
    return file.file.read()


def _response(answer: Answer, scopes: str) -> web.Response:
    headers = {"x-oauth-scopes": scopes, "x-accepted-oauth-scopes": ""}
    if answer.retry_after is not None:
        headers["Retry-After"] = str(answer.retry_after)
    return web.json_response(answer.body, status=answer.status, headers=headers)


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
        with suppress(TimeoutError):
            await asyncio.wait_for(control.world.end(), 2)
            await asyncio.wait_for(runner.cleanup(), 2)
