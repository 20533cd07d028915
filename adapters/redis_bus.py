"""Hints between processes, through Redis or anything that speaks its protocol."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from workflows.events import Chunk, Event, EventType, Hint

CONNECT_TIMEOUT = 0.5  # seconds
PUBLISH_TIMEOUT = 1.0  # seconds that a publisher waits at most, connecting included
PAUSE = 3.0  # seconds in which nothing is tried after a failure
LOG_EVERY = 60.0  # seconds between two words about the same trouble
IDLE = 10.0  # seconds of silence after which a listener asks whether the server is there

_FAILURES = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger(__name__)


class RedisBus:
    """Publishes to the channel `task:{task_id}:events`, as a JSON list of events; live text has the same form."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_TIMEOUT,
            socket_timeout=None,  # listeners wait; publishers have a time-out of their own
            retry=Retry(NoBackoff(), 0),
        )
        self._paused_until = 0.0
        self._logged_at = float("-inf")

    async def publish(self, hint: Hint) -> None:
        """Never raises, and is fast when Redis is away: the hint is lost then."""
        if time.monotonic() < self._paused_until:
            return
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._redis.publish(channel(hint.task_id), encoded(hint))
        except _FAILURES as error:
            self._failed(error)

    async def listen(self, task_id: str) -> AsyncIterator[Hint]:
        """Hints of one task. The first is empty and says that the subscription stands.

        Ends when Redis goes away, or is not there."""
        pubsub = self._redis.pubsub()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await pubsub.subscribe(channel(task_id))
            async for message in _messages(pubsub):
                if (hint := _hint(task_id, message)) is not None:
                    yield hint
        except _FAILURES as error:
            self._failed(error)
        finally:
            with suppress(*_FAILURES):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _failed(self, error: BaseException) -> None:
        now = time.monotonic()
        self._paused_until = now + PAUSE
        if now - self._logged_at >= LOG_EVERY:
            self._logged_at = now
            _log.warning(
                "redis_away", error=str(error) or type(error).__name__, hint="Live text pauses; nothing is lost."
            )

    async def close(self) -> None:
        """End every listener and give back the connections."""
        with suppress(*_FAILURES):
            await self._redis.aclose()
            await self._redis.connection_pool.disconnect()


def channel(task_id: str) -> str:
    return f"task:{task_id}:events"


def encoded(hint: Hint) -> str:
    """A JSON list: events as `{task_id, seq, type, at, iteration, data}`, live text as one without a number."""
    items = [event.model_dump(mode="json") for event in hint.events]
    if hint.chunk:
        data = hint.chunk.model_dump(mode="json", exclude={"task_id"})
        items.append({"task_id": hint.task_id, "type": EventType.LLM_CALL_CHUNK.value, "data": data})
    return json.dumps(items)


def decoded(task_id: str, text: str | bytes) -> Hint:
    """The opposite of `encoded`. Raises `ValueError` for what is no hint."""
    items = json.loads(text)
    chunks = [item["data"] for item in items if item["type"] == EventType.LLM_CALL_CHUNK]
    events = tuple(Event.model_validate(item) for item in items if item["type"] != EventType.LLM_CALL_CHUNK)
    chunk = Chunk.model_validate({**chunks[-1], "task_id": task_id}) if chunks else None
    return Hint(task_id=task_id, events=events, chunk=chunk)


async def _messages(pubsub: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Everything that arrives; a server that says nothing is asked for a sign of life."""
    silent = False
    while True:
        message = await pubsub.get_message(timeout=IDLE)
        if message is not None:
            silent = False
            yield message
        elif silent:
            raise TimeoutError("Redis does not answer.")
        else:
            silent = True
            await pubsub.ping()


def _hint(task_id: str, message: dict[str, Any]) -> Hint | None:
    """None for what says nothing: an answer to a ping, or a text that is not ours."""
    if message["type"] == "subscribe":
        return Hint(task_id=task_id)
    if message["type"] != "message":
        return None
    try:
        return decoded(task_id, message["data"])
    except (ValueError, ValidationError, KeyError, TypeError):
        return None
