"""Tokens for platform calls, shared through Redis or anything that speaks its protocol."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript

from threadwork.adapters.redis.outage import FAILURES, Outage
from threadwork.adapters.redis.tokens import HOLD, MICRO, TAKE, arguments, name
from threadwork.workflows.domain.tokens import by_key
from threadwork.workflows.sinks import Bucket

CALL_TIMEOUT = 0.5  # seconds that a caller waits for Redis at most, connecting included
CONNECTIONS = 8  # calls at once; more wait their turn


class Tokens(Protocol):
    """What is asked while Redis is away; the port `Rates` by shape."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """Take a token of each bucket, or of none: seconds to wait until there may be one, 0 where they were taken."""

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


class RedisRates:
    """Buckets in Redis, and in `fallback` while it is away. Either starts full, so a change of places costs at most
    one burst too many. A client that is handed over stays its owner's to close."""

    def __init__(self, url_or_client: str | Redis, fallback: Tokens) -> None:
        redis = _connect(url_or_client) if isinstance(url_or_client, str) else url_or_client
        self._owned = redis if isinstance(url_or_client, str) else None
        self._take, self._hold = redis.register_script(TAKE), redis.register_script(HOLD)
        self._fallback = fallback
        self._turn = asyncio.Semaphore(CONNECTIONS)
        self._outage = Outage("Rates are kept in the database meanwhile.")

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """One token of each bucket, or of none. 0, or the seconds until it is worth asking again."""
        wanted = by_key(buckets)
        if not wanted:
            return 0.0
        wait = await self._run(self._take, list(wanted), arguments(wanted.values(), urgent))
        return await self._fallback.take(buckets, urgent) if wait is None else wait / MICRO

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """Nobody gets a token for so long; a longer hold stays. Written down in the fallback too, which may be next."""
        await self._run(self._hold, [bucket.key], [round(max(seconds, 0.0) * MICRO)])
        await self._fallback.hold(bucket, seconds)

    async def _run(self, script: AsyncScript, keys: list[str], numbers: Sequence[float]) -> int | None:
        """None: Redis is away."""
        async with self._turn:
            if not self._outage.may_try():
                return None
            try:
                async with asyncio.timeout(CALL_TIMEOUT):
                    answer = int(await script(keys=[name(key) for key in keys], args=numbers))
            except FAILURES as error:
                self._outage.failed(error)
                return None
        self._outage.over()
        return answer

    async def close(self) -> None:
        """Give back the connections, if they are our own."""
        if self._owned:
            with suppress(*FAILURES):
                await self._owned.aclose()
                await self._owned.connection_pool.disconnect()


def _connect(url: str) -> Redis:
    """Nothing connects before the first call."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=CALL_TIMEOUT,
        socket_connect_timeout=CALL_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis(connection_pool=pool)
