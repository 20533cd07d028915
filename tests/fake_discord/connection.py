"""One connection to the gateway, from hello to its end. Frames are plain text, which discord.py takes however it asked
for them to be compressed."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.gateway import INVALID, Session

if TYPE_CHECKING:
    from tests.fake_discord.world import World

Json = dict[str, Any]
BEAT, IDENTIFY, RESUME, HELLO, ACK = 1, 2, 6, 10, 11
QUIET = (3, 4, 31)  # presence, voice, sounds: taken and ignored
MEMBERS = 8
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # intents
SENDS, SENDING = 120, 60.0  # frames a client may send in so many seconds
# What Discord closes with.
UNKNOWN_OPCODE, UNDECODABLE, NOT_IDENTIFIED, BAD_TOKEN, TWICE = 4001, 4002, 4003, 4004, 4005
TOO_FAST, TIMED_OUT, BAD_SHARD, BAD_INTENTS, FORBIDDEN_INTENTS = 4008, 4009, 4010, 4013, 4014
TOLD = (1000, 1001)  # a client that closes so gives its session up


class Connection:
    def __init__(self, world: "World", ws: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.number = world.gateway.number()
        self._world = world
        self._ws = ws
        self._transport = transport
        self._frames: asyncio.Queue[Json | None] = asyncio.Queue()
        self._session: Session | None = None
        self._sends: deque[float] = deque()
        self._told = False  # the client closed it, giving its session up

    def send(self, frame: Json) -> None:
        self._frames.put_nowait(frame)

    def cut(self) -> None:
        self._transport.abort()

    async def live(self) -> None:
        gateway, every = self._world.gateway, self._world.settings.cut_every
        timer = asyncio.get_running_loop().call_later(every, self.cut) if every else None
        gateway.connections.append(self)
        writer = asyncio.create_task(self._write())
        beat = int(self._world.settings.heartbeat_seconds * 1_000)
        self.send({"op": HELLO, "d": {"heartbeat_interval": beat, "_trace": []}})
        try:
            await self._listen()
        finally:
            gateway.connections.remove(self)
            gateway.lose(self, self._told)
            writer.cancel()
            if timer:
                timer.cancel()

    async def _write(self) -> None:
        with suppress(ConnectionError, RuntimeError):
            while True:
                await self._ws.send_json(await self._frames.get())

    async def _listen(self) -> None:
        patience = self._world.settings.heartbeat_seconds * 1.5
        while True:
            try:
                message = await self._ws.receive(timeout=patience)
            except TimeoutError:
                await self._close(TIMED_OUT)
                return
            if message.type is not WSMsgType.TEXT:
                self._told = message.type is WSMsgType.CLOSE and message.data in TOLD
                return
            if code := self._take(message.data):
                await self._close(code)
                return

    def _take(self, text: str) -> int:
        """The code to close with; 0: go on."""
        try:
            frame = json.loads(text)
            opcode, data = int(frame["op"]), frame.get("d")
        except (ValueError, TypeError, KeyError):
            return self._breach(UNDECODABLE, f"A frame that is none: {text:.80}")
        if self._too_fast():
            return self._breach(TOO_FAST, f"More than {SENDS} frames in {SENDING:g} s.")
        if opcode not in TAKERS and opcode not in QUIET:
            return self._breach(UNKNOWN_OPCODE, f"There is no opcode {opcode} for clients.")
        if self._session is None and opcode not in (BEAT, IDENTIFY, RESUME):
            return self._breach(NOT_IDENTIFIED, f"Opcode {opcode} before identify.")
        return TAKERS[opcode](self, data) if opcode in TAKERS else 0

    def _beat(self, seq: Any) -> int:
        self.send({"op": ACK, "d": None})
        return 0

    def _identify(self, data: Json) -> int:
        if self._session:
            return self._breach(TWICE, "Identified twice.")
        if self._world.revoked or data.get("token") != seed_data.TOKEN:
            return BAD_TOKEN
        intents, (number, count) = data.get("intents"), data.get("shard") or (0, 1)
        if not isinstance(intents, int) or not 0 <= intents < 1 << 30:
            return self._breach(BAD_INTENTS, f"{intents!r} are no intents.")
        if intents & PRIVILEGED & ~self._world.settings.privileged:
            return FORBIDDEN_INTENTS
        if not 0 <= number < count:
            return self._breach(BAD_SHARD, f"There is no shard {number} of {count}.")
        self._session = self._world.gateway.begin(self, intents, (number, count))
        return 0

    def _resume(self, data: Json) -> int:
        if self._world.revoked or data.get("token") != seed_data.TOKEN:
            return BAD_TOKEN
        self._session = self._world.gateway.resume(self, str(data.get("session_id")), int(data.get("seq") or 0))
        if self._session is None:
            self.send({"op": INVALID, "d": False})
        return 0

    def _members(self, data: Json) -> int:
        state, guild = self._world.state, str(data["guild_id"])
        wanted = data.get("user_ids") or [user for server, user in state.members if server == guild]
        ids = [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
        chunk = {
            "guild_id": guild,
            "members": [shapes.member(state, guild, one) for one in ids if (guild, one) in state.members],
            "not_found": [one for one in ids if (guild, one) not in state.members],
            "chunk_index": 0,
            "chunk_count": 1,
            "presences": [],
            **({"nonce": data["nonce"]} if data.get("nonce") else {}),
        }
        assert self._session
        self._session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        return 0

    def _too_fast(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._sends.append(now)
        while self._sends[0] < now - SENDING:
            self._sends.popleft()
        return len(self._sends) > SENDS

    def _breach(self, code: int, problem: str) -> int:
        self._world.journal.breach("gateway", problem)
        return code

    async def _close(self, code: int) -> None:
        """With what was said before it said first."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._said(), 1)
        with suppress(ConnectionError, RuntimeError):
            await self._ws.close(code=code)

    async def _said(self) -> None:
        while not self._frames.empty():
            await asyncio.sleep(0)


TAKERS = {
    BEAT: Connection._beat,
    IDENTIFY: Connection._identify,
    RESUME: Connection._resume,
    MEMBERS: Connection._members,
}
