"""How long somebody may take to send a request, and how many may take it at a time. uvicorn's own timer begins after a
response only, and asyncio, once it has no file descriptor left, does nothing but say so."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from threadwork.bot.api.peer import STATE, Connection

MAX_CONNECTIONS = (
    300  # connections of one listener: two of them stay below the 1,024 files that a process may open by default
)
BACKLOG = 100  # connections that are accepted at once, before any of them is looked at
BOUNDS = {h11.IDLE: 30.0, h11.SEND_BODY: 60.0}  # seconds for complete headers; then for a complete body


class PatientProtocol(H11Protocol):
    """Closes connections on which a request does not arrive in time, and where there are too many, the one that has
    been waited for longest. Answers may take as long as they do."""

    most: ClassVar[int] = MAX_CONNECTIONS
    bounds: ClassVar[Mapping[Any, float]] = BOUNDS
    _phase: Any = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client and self.server and self.server[1] is not None:
            ends = Connection(client=self.client, server=(self.server[0], self.server[1]))
            self.app_state = {**self.app_state, STATE: ends}
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        """Without anybody to wait for, all of them being answered, the newest has to go."""
        there = [one for one in self.connections if isinstance(one, PatientProtocol) and not one.transport.is_closing()]
        if len(there) > self.most:
            waiting = [one for one in there if one._timer]
            min(waiting, key=PatientProtocol._until, default=self).transport.abort()

    def _until(self) -> float:
        return self._timer.when() if self._timer else 0.0

    def _watch(self) -> None:
        """A timer for each phase in which the other side is to send something."""
        phase = self.conn.their_state
        if phase is self._phase and self._timer:
            return
        self._forget()
        if phase in self.bounds and not self.transport.is_closing():
            self._phase, self._timer = phase, self.loop.call_later(self.bounds[phase], self.transport.abort)

    def _forget(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._phase = self._timer = None
