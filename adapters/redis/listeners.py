"""One connection to Redis that listens for everyone in this process."""

import asyncio
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from threadwork.adapters.redis.hint_format import channel, decoded
from threadwork.adapters.redis.outage import FAILURES
from threadwork.workflows.events import Hint

IDLE = 10.0  # seconds of silence after which the server is asked for a sign of life
BACKLOG = 1_000  # hints kept for a listener that is slow; later ones are lost to it

Ear = asyncio.Queue[Hint | None]  # None: the connection is gone


class RedisListeners:
    """Gives every listener the hints of its task. The connection lasts as long as somebody listens."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._pubsub: PubSub | None = None
        self._reading: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._ears: dict[str, set[Ear]] = {}  # by channel
        self._confirmed: set[str] = set()  # channels whose subscription the server has confirmed

    async def add(self, task_id: str) -> Ear:
        """A queue that gets an empty hint once the subscription stands. Raises one of `FAILURES`."""
        name, ear = channel(task_id), Ear()
        self._ears.setdefault(name, set()).add(ear)
        try:
            if name in self._confirmed:
                ear.put_nowait(Hint(task_id=task_id))
            else:
                await self._subscribe(name)
        except BaseException:
            self._forget(name, ear)
            raise
        return ear

    async def _subscribe(self, name: str) -> None:
        async with self._turn:  # two at once would open two connections
            if self._pubsub is None:
                self._pubsub = self._redis.pubsub()
            await self._pubsub.subscribe(name)
            if self._reading is None:
                self._reading = asyncio.create_task(self._read(self._pubsub))

    async def remove(self, task_id: str, ear: Ear) -> None:
        """Forget a listener."""
        name = channel(task_id)
        if self._forget(name, ear):
            await self._unsubscribe(name)

    def _forget(self, name: str, ear: Ear) -> bool:
        """True: it was the last one of its channel."""
        if ear not in self._ears.get(name, ()):
            return False
        self._ears[name].discard(ear)
        if self._ears[name]:
            return False
        del self._ears[name]
        self._confirmed.discard(name)
        return True

    async def _unsubscribe(self, name: str) -> None:
        if not self._ears:
            await self.close()
        elif self._pubsub is not None:
            with suppress(*FAILURES):
                await self._pubsub.unsubscribe(name)

    async def _read(self, pubsub: PubSub) -> None:
        try:
            while True:
                self._hear(await _next(pubsub))
        except FAILURES:
            pass
        finally:
            if self._pubsub is pubsub:  # else somebody closed it, and others may listen anew
                await self.close()

    def _hear(self, message: dict[str, Any]) -> None:
        name = _text(message.get("channel"))
        task_id = name.removeprefix("task:").removesuffix(":events")
        hint = None
        if message["type"] == "subscribe" and name in self._ears:
            self._confirmed.add(name)
            hint = Hint(task_id=task_id)
        elif message["type"] == "message":
            hint = decoded(task_id, message["data"])
        for ear in self._ears.get(name, ()) if hint else ():
            if ear.qsize() < BACKLOG:
                ear.put_nowait(hint)

    def _hang_up(self) -> tuple[PubSub | None, asyncio.Task[None] | None]:
        """Tell everyone that it is over, and forget them."""
        for ear in set().union(*self._ears.values()):
            ear.put_nowait(None)
        gone = self._pubsub, self._reading
        self._pubsub = self._reading = None
        self._ears, self._confirmed = {}, set()
        return gone

    async def close(self) -> None:
        """End every listener and give back the connection."""
        pubsub, reading = self._hang_up()
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if pubsub is not None:
            with suppress(*FAILURES):
                await pubsub.aclose()


async def _next(pubsub: PubSub) -> dict[str, Any]:
    """The next message; a server that says nothing, not even when asked, raises `TimeoutError`."""
    for _ in range(2):
        message: dict[str, Any] | None = await pubsub.get_message(timeout=IDLE)
        if message is not None:
            return message
        await pubsub.ping()
    raise TimeoutError("Redis does not answer.")


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
