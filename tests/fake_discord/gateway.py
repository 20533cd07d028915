"""The gateway's sessions: each has its own numbered events, kept for whoever resumes it."""

import itertools
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from tests.fake_discord import seed_data, servers, shapes
from tests.fake_discord.events import GUILDS

if TYPE_CHECKING:
    from tests.fake_discord.connection import Connection
    from tests.fake_discord.world import World

Json = dict[str, Any]
KEPT = 50_000  # events of a session
DISPATCH, RECONNECT, INVALID = 0, 7, 9


class Session:
    def __init__(self, intents: int, shard: tuple[int, int], connection: "Connection") -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.seq = 0
        self.connection: Connection | None = connection
        self.lost_at: float | None = None  # by the monotonic clock
        self._log: deque[Json] = deque(maxlen=KEPT)

    def covers(self, guild: str) -> bool:
        """Direct conversations fall to shard 0."""
        number, count = self.shard
        return (int(guild) >> 22) % count == number if guild else number == 0

    def dispatch(self, kind: str, data: Json) -> int | None:
        """The number of the connection it went to; None: kept for later."""
        self.seq += 1
        frame = {"op": DISPATCH, "s": self.seq, "t": kind, "d": data}
        self._log.append(frame)
        if self.connection is None:
            return None
        self.connection.send(frame)
        return self.connection.number

    def replay(self, seq: int) -> None:
        """What was missed, then RESUMED."""
        assert self.connection
        for frame in [frame for frame in self._log if frame["s"] > seq]:
            self.connection.send(frame)
        self.dispatch("RESUMED", {"_trace": []})


class Gateway:
    def __init__(self, world: "World") -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.resumed = 0  # sessions that were resumed
        self.identified = 0  # sessions that began
        self._numbers = itertools.count(1)

    def number(self) -> int:
        return next(self._numbers)

    def dispatch(self, kind: str, guild: str, intent: int, data: Json, lacking: dict[int, Json] | None = None) -> None:
        """`lacking`: what sessions without an intent get instead."""
        for session in self._listening(guild):
            if intent and not session.intents & intent:
                continue
            told = next((less for more, less in (lacking or {}).items() if not session.intents & more), data)
            session.dispatch(kind, told)

    def interaction(self, guild: str, data: Json, copies: int) -> list[int]:
        """To every session of the shard, whatever its intents. The connections it went to."""
        sent = [session.dispatch("INTERACTION_CREATE", data) for session in self._listening(guild)
                for _ in range(copies)]  # fmt: skip
        return [number for number in sent if number is not None]

    def begin(self, connection: "Connection", intents: int, shard: tuple[int, int]) -> Session:
        session = Session(intents, shard, connection)
        self.sessions[session.id] = session
        self.identified += 1
        state = self._world.state
        guilds = [one for one in state.guilds if session.covers(one) and (one, seed_data.BOT) in state.members]
        session.dispatch("READY", self._ready(session, guilds))
        for guild in guilds if intents & GUILDS else ():
            session.dispatch("GUILD_CREATE", servers.arriving_guild(state, guild))
        return session

    def resume(self, connection: "Connection", session_id: str, seq: int) -> Session | None:
        """None: the session is over."""
        session = self._alive(session_id)
        if session is None or seq > session.seq:
            return None
        if session.connection:
            session.connection.cut()
        session.connection, session.lost_at = connection, None
        self.resumed += 1
        session.replay(seq)
        return session

    def lose(self, connection: "Connection", over: bool) -> None:
        """`over`: closed with 1000 or 1001, which ends the session."""
        for session in [one for one in self.sessions.values() if one.connection is connection]:
            session.connection, session.lost_at = None, time.monotonic()
            if over:
                del self.sessions[session.id]

    def cut(self) -> None:
        """Without a word, as a broken line does."""
        for connection in tuple(self.connections):
            connection.cut()

    def dismiss(self) -> None:
        """As Discord does before it closes a connection itself: opcode 7."""
        for connection in tuple(self.connections):
            connection.send({"op": RECONNECT, "d": None})

    def invalidate(self, resumable: bool = False) -> None:
        """Opcode 9 to everybody."""
        for connection in tuple(self.connections):
            connection.send({"op": INVALID, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def _listening(self, guild: str) -> list[Session]:
        return [one for id_ in tuple(self.sessions) if (one := self._alive(id_)) and one.covers(guild)]

    def _alive(self, session_id: str) -> Session | None:
        session = self.sessions.get(session_id)
        if session and session.lost_at and time.monotonic() - session.lost_at > self._world.settings.session_seconds:
            del self.sessions[session_id]
            return None
        return session

    def _ready(self, session: Session, guilds: list[str]) -> Json:
        return {
            "v": 10,
            "user": shapes.me(self._world.state),
            "guilds": [{"id": guild, "unavailable": True} for guild in guilds],
            "private_channels": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": gateway_url(),
            "shard": list(session.shard),
            "application": {"id": seed_data.APP, "flags": 0},
            "relationships": [],
            "presences": [],
            "_trace": [],
        }


def gateway_url() -> str:
    return f"{shapes.BASE['url'].replace('http', 'ws', 1)}/gateway"
