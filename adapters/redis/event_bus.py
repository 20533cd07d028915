"""Hints between processes, through Redis or anything that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from threadwork.adapters.redis.hint_format import channel, encoded
from threadwork.adapters.redis.listeners import RedisListeners
from threadwork.adapters.redis.outage import FAILURES, Outage
from threadwork.workflows.events import Hint

CONNECT_TIMEOUT = 0.5  # seconds
PUBLISH_TIMEOUT = 1.0  # seconds that a publisher waits at most, connecting included
CONNECTIONS = 8  # publishers at once; more wait their turn


class RedisBus:
    """Publishes to the channel `task:{task_id}:events`, as a JSON list of events; live text has the same form."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS + 1,
            timeout=PUBLISH_TIMEOUT,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=None,  # listeners wait; publishers have a time-out of their own
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis(connection_pool=pool)
        self._listeners = RedisListeners(self._redis)
        self._turn = asyncio.Semaphore(CONNECTIONS)
        self._outage = Outage("Live text pauses; nothing is lost.")

    async def publish(self, hint: Hint) -> None:
        """Never raises, and is fast when Redis is away: the hint is lost then."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT), self._turn:
                if not self._outage.lasts:
                    await self._redis.publish(channel(hint.task_id), encoded(hint))
        except FAILURES as error:
            self._outage.failed(error)

    async def listen(self, task_id: str) -> AsyncIterator[Hint]:
        """Hints of one task. The first is empty and says that the subscription stands.

        Ends when Redis goes away, or is not there."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                ear = await self._listeners.add(task_id)
        except FAILURES as error:
            self._outage.failed(error)
            return
        try:
            while hint := await ear.get():
                yield hint
        finally:
            await self._listeners.remove(task_id, ear)

    async def close(self) -> None:
        """End every listener and give back the connections."""
        await self._listeners.close()
        with suppress(*FAILURES):
            await self._redis.aclose()
            await self._redis.connection_pool.disconnect()
