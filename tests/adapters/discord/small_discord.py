"""A small Discord over real HTTP: channels, threads, messages, reactions, members. It keeps what is posted.

A thread is a channel with the id of the message it hangs on. Nonces are recognised for as long as it lives."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web
from discord.utils import time_snowflake

from tests.adapters.discord.message_contract import problems

TOKEN, BOT, GUILD, ROOM, DIRECT = "bot-token-hunter2", "900", "500", "100", "200"

Json = dict[str, Any]


class No(Exception):
    def __init__(self, status: int, code: int, message: str = "No.", **more: Any) -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": message, **more}


class SmallDiscord:
    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[str, str, Json]] = []  # method, path below the API, body
        self.channels: dict[str, Json] = {ROOM: {"type": 0}, DIRECT: {"type": 1}}
        self.messages: dict[str, list[Json]] = {}
        self.nonces: dict[str, Json] = {}
        self.members: dict[str, list[str]] = {}
        self.guilds = [GUILD]  # that the bot is on
        self.roles = [{"id": "71", "name": "ops"}, {"id": "72", "name": "all hands"}]
        self.violations: list[str] = []
        self.before: Callable[[str, str], web.Response | No | float | None] = lambda method, path: None
        self.after: Callable[[str, str], bool] = lambda method, path: False  # True: the answer is lost
        self._ids = count(1)

    # --- what tests look at and do ---

    def paths(self, method: str) -> list[str]:
        return [path for called, path, _ in self.calls if called == method]

    def texts(self, channel: str) -> list[str]:
        return [message["embeds"][0]["description"] for message in self.messages.get(channel, [])]

    def remove(self, channel: str, message_id: str) -> None:
        self.messages[channel] = [one for one in self.messages[channel] if one["id"] != message_id]

    def put(self, channel: str, author: str, **fields: Any) -> Json:
        # The id of a moment before or after keeps its place among the others.
        number = time_snowflake(datetime.now(UTC)) + next(self._ids)
        message = {"id": str(number), "author": {"id": author}, "embeds": [], "reactions": [], **fields}
        self.messages.setdefault(channel, []).append(message)
        return message

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["SmallDiscord"]:
        app = web.Application()
        app.router.add_route("*", "/api/v10/{path:.*}", self._handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
        try:
            yield self
        finally:
            await runner.cleanup()

    # --- the API ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method, path = request.method, "/" + request.match_info["path"]
        body = await self._body(request)
        self.calls.append((method, path, body))
        try:
            if isinstance(given := self.before(method, path), No):
                raise given
            if isinstance(given, web.Response):
                return given
            await asyncio.sleep(given or 0)
            if request.headers["Authorization"] != f"Bot {TOKEN}":
                raise No(401, 0, "401: Unauthorized")
            told = self._answer(method, path.strip("/").split("/"), body, request.query)
        except No as no:
            return web.json_response(no.body, status=no.status)
        if self.after(method, path):
            assert request.transport
            request.transport.close()
        return web.Response(status=204) if told is None else web.json_response(told)

    async def _body(self, request: web.Request) -> Json:
        if request.content_type != "multipart/form-data":
            return dict(await request.json()) if request.can_read_body else {}
        form = await request.post()
        file = form["files[0]"]
        assert isinstance(file, web.FileField)
        text = file.file.read().decode(errors="surrogateescape")  # whatever the bytes: they can be had back
        uploaded = {"filename": file.filename, "text": text, "kind": file.content_type}
        return {**json.loads(str(form["payload_json"])), "uploaded": uploaded}

    def _answer(self, method: str, at: list[str], body: Json, query: Any) -> Any:
        match (method, *at):
            case "GET", "users", "@me":
                return {"id": BOT}
            case "GET", "users", "@me", "guilds":
                return [{"id": guild} for guild in self.guilds]
            case "GET", "guilds", guild, "members", user if guild == GUILD:
                if user not in self.members:
                    raise No(404, 10_007)
                return {"roles": self.members[user]}
            case "GET", "guilds", guild, "roles" if guild == GUILD:
                return self.roles
            case _, "guilds", *_:
                raise No(404, 10_004)
            case "PATCH", "channels", channel:
                if self._channel(channel).get("locked"):
                    raise No(403, 50_013)
                self.channels[channel]["archived"] = body["archived"]
                return {}
            case "PUT", "channels", channel, "thread-members", user:
                self._channel(channel).setdefault("members", []).append(user)
                return None
            case "GET", "channels", channel, "messages":
                return self._history(channel, query)
            case "POST", "channels", channel, "messages":
                return self._post(channel, body)
            case "POST", "channels", channel, "messages", message, "threads":
                return self._thread(channel, message, body)
            case _, "channels", channel, "messages", message, "reactions", emoji, "@me":
                return self._react(method, self._message(channel, message), emoji)
            case _, "channels", channel, "messages", message:
                return self._one(method, channel, message, body)
        raise No(404, 0, "404: Not Found")

    def _channel(self, channel: str) -> Json:
        if channel not in self.channels:
            raise No(404, 10_003)
        return self.channels[channel]

    def _message(self, channel: str, message_id: str) -> Json:
        self._channel(channel)
        for message in self.messages.get(channel, []):
            if message["id"] == message_id:
                return message
        raise No(404, 10_008)

    def _history(self, channel: str, query: Any) -> list[Json]:
        self._channel(channel)
        newer = [one for one in self.messages.get(channel, []) if int(one["id"]) > int(query["after"])]
        return newer[: int(query["limit"])][::-1]

    def _post(self, channel: str, body: Json) -> Json:
        place = self._channel(channel)
        if place.get("locked"):
            raise No(403, 160_005)
        self._check(body)
        if len(body["nonce"]) > 25 or body["enforce_nonce"] is not True:
            self.violations.append("nonce")
        if known := self.nonces.get(body["nonce"]):
            return known
        place["archived"] = False
        self.nonces[body["nonce"]] = made = self.put(channel, BOT, **body)
        return made

    def _check(self, body: Json) -> None:
        self.violations += problems(body)
        if body["allowed_mentions"] != {"parse": [], "replied_user": False}:
            self.violations.append("somebody may be called")

    def _one(self, method: str, channel: str, message_id: str, body: Json) -> Json | None:
        message = self._message(channel, message_id)
        if method == "GET":
            return message
        if self.channels[channel].get("archived"):
            raise No(400, 50_083)
        if message["author"]["id"] != BOT:
            raise No(403, 50_005)
        if method == "DELETE":
            self.remove(channel, message_id)
            return None
        self._check(body)
        message.update(body)
        return message

    def _thread(self, channel: str, message_id: str, body: Json) -> Json:
        if self._channel(channel)["type"] != 0:
            raise No(400, 50_024)
        self._message(channel, message_id)
        if message_id in self.channels:
            raise No(400, 160_004)
        self.channels[message_id] = {"type": 11, "name": body["name"]}
        return {"id": message_id}

    def _react(self, method: str, message: Json, emoji: str) -> None:
        rest = [one for one in message["reactions"] if one["emoji"]["name"] != emoji]
        added = [{"emoji": {"name": emoji}, "me": True}] if method == "PUT" else []
        message["reactions"] = rest + added
