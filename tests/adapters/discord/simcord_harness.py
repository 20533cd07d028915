"""Our bot inside simcord, a Discord in the test's own process that refuses what Discord refuses.

Simcord stands in for discord.py's two transports, of which our client uses the other ends: it reads the frames that
discord.py hands on beside its own parsers, where simcord feeds the parsers alone, and calls by `Rest`, where simcord
answers discord.py's calls. Both are joined here: each event is dispatched as a frame too, by discord.py's own
dispatch, and a small server on loopback answers from simcord's routes, with its errors."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import simcord
from aiohttp import web
from simcord.backend.errors import BackendError
from simcord.http import router

from tests.adapters.discord.listening import leases
from tests.adapters.slack.listening import Recorder
from threadwork.adapters.discord.api.errors import UNKNOWN_CHANNEL
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.discord.inbound.gateway import GatewayClient
from threadwork.adapters.discord.inbound.sync import sync
from threadwork.workflows.sinks import Sink

TOKEN = "simcord.fake.token"


@dataclass(frozen=True)
class Upload:
    """A file, as simcord takes it."""

    filename: str
    fp: io.BytesIO
    description: str | None = None


class Doors:
    """One after the other. None is opened: simcord is the gateway."""

    def __init__(self, listener: Recorder, url: str) -> None:
        self._listener, self._url = listener, url
        self._made: list[DiscordConnection] = []

    def client(self) -> GatewayClient:
        """Of a new door, as another process would have."""
        given = {"token": TOKEN, "leases": leases(), "holder": f"door {len(self._made)}", "api_url": self._url}
        self._made.append(DiscordConnection(self._listener, self._listener, **given))
        return GatewayClient(self._made[-1]._deliver, 1, None, None)

    async def close(self) -> None:
        for door in self._made:
            await door.close()


class Harness:
    """A server with a channel and two people, and our bot, whose commands are registered."""

    def __init__(self, env: simcord.Env, rest: Rest, doors: Doors, refusals: list[str]) -> None:
        self.env, self.rest, self.refusals = env, rest, refusals
        self._doors = doors
        self.guild = env.create_guild("Acme")
        self.general = self.guild.create_text_channel("general")
        self.ann, self.bob = (self.guild.add_member(env.create_user(name)) for name in ("ann", "bob"))

    @property
    def channel(self) -> Sink:
        return Sink(platform="discord", workspace=str(self.guild.id), channel=str(self.general.id))

    def thread(self, root: str) -> Sink:
        return self.channel.model_copy(update={"thread": root})

    async def restart(self) -> None:
        """Another process takes over, which knows nothing."""
        await self.env.restart_bot(self._doors.client())
        _ready(self.env)


@asynccontextmanager
async def harness(listener: Recorder) -> AsyncIterator[Harness]:
    """Afterwards: nothing of ours fell over, and nothing was refused but a look for a thread that is not there yet."""
    holder: list[simcord.Env] = []
    refusals: list[str] = []
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(_served(holder, refusals))
        rest = Rest(TOKEN, url)
        stack.push_async_callback(rest.close)
        doors = Doors(listener, url)
        stack.push_async_callback(doors.close)
        env = simcord.Env(doors.client())  # simcord.run cannot stand in a fixture, which ends in another context
        await env.start()
        stack.push_async_callback(env.shutdown)
        holder.append(env)
        env.backend.subscribers.append(lambda event, payload: _framed(env, event, payload))
        _ready(env)
        await sync(rest, str(env.bot.application_id))
        yield Harness(env, rest, doors, refusals)
    assert env.errors == []
    assert refusals == [], "\n".join(refusals)


def _framed(env: simcord.Env, event: str, payload: Any) -> None:
    """As discord.py's own connection does, before it parses. What comes of it is the bot's work, and waited for."""
    with env._bot_scope():
        env.bot.dispatch("socket_raw_receive", json.dumps({"op": 0, "t": event, "d": payload}))


def _ready(env: simcord.Env) -> None:
    """Simcord says so while it starts, before anybody can listen to it."""
    _framed(env, "READY", {"user": {"id": str(env.backend.bot_user.id)}})


@asynccontextmanager
async def _served(holder: list[simcord.Env], refusals: list[str]) -> AsyncIterator[str]:
    """Discord's REST API; its address."""

    async def answer(request: web.Request) -> web.Response:
        (env,), path = holder, f"/{request.match_info['path']}"
        body, files = await _body(request)
        try:
            made = router.dispatch(
                env.backend, request.method, path, json=body, params=dict(request.query), files=files
            )
        except BackendError as error:
            if error.code != UNKNOWN_CHANNEL:
                refusals.append(f"{request.method} {path}: {error.to_json()}")
            return web.json_response(error.to_json(), status=error.status)
        return web.Response(status=204) if made is None else web.json_response(made)

    app = web.Application()
    app.router.add_route("*", "/api/v10/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    finally:
        await runner.cleanup()


async def _body(request: web.Request) -> tuple[Any, list[Upload]]:
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (json.loads(raw) if raw else None), []
    form = await request.post()
    sent = (one for one in form.values() if isinstance(one, web.FileField))
    return json.loads(str(form["payload_json"])), [Upload(one.filename, io.BytesIO(one.file.read())) for one in sent]
