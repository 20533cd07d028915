"""How long a person in Discord waits for an interaction to be taken in: from its delivery to the first response.

The bot is a process of its own, on SQLite, and starts what it was told at a real Temporal server meanwhile."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.figures import HEAD, row
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.journal import Delivery
from tests.fake_discord.process import running_discord
from threadwork.adapters.sql.migrate import migrate
from threadwork.bot.embedded.ports_in_use import free_port

ROOT = Path(__file__).resolve().parents[2]
RATE = 50  # interactions a second
PEOPLE, CHANNELS = ("201", "202", "203"), ("101", "102", "103")
WARM = 10  # interactions before those that count
PROMISE = "p99 under 300 ms"
RUN: tuple[str, dict[str, Any]] = ("agent run", {"goal": "Mind the notes"})
COMMANDS = (RUN, ("agent list", {}), RUN, ("agent help", {}), RUN)


async def discord_acknowledgements(temporal: str, folder: Path, seconds: int) -> None:
    """`temporal`: address of the server."""
    print(f"\n## An interaction in Discord, to its first response ({RATE} a second for {seconds} s)\n\n{HEAD}")
    with running_discord() as discord, bot(discord, temporal, folder / "discord"):
        await _reached(discord)
        taken = await _acted(_commanding(discord), WARM) and await _acted(_commanding(discord), RATE * seconds)
        print(row("commands", taken, PROMISE), flush=True)
        assert discord.violations() == []


Act = Callable[[int], Awaitable[Delivery]]


async def _acted(act: Act, many: int) -> list[float]:
    """Seconds of each. None may be lost."""
    began = time.monotonic()

    async def one(number: int) -> float:
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        delivery = await act(number)
        assert delivery.acked, delivery
        return delivery.ms / 1_000

    return await asyncio.gather(*(one(number) for number in range(many)))


def _commanding(discord: FakeDiscord) -> Act:
    async def act(number: int) -> Delivery:
        name, options = COMMANDS[number % len(COMMANDS)]
        return await discord.slash(PEOPLE[number % 3], CHANNELS[number // 3 % 3], name, dict(options))

    return act


async def _reached(discord: FakeDiscord) -> None:
    async with asyncio.timeout(60):
        while not (discord.connections() and discord.commands()):
            await asyncio.sleep(0.1)


@contextmanager
def bot(discord: FakeDiscord, temporal: str, folder: Path) -> Iterator[None]:
    """A bot process."""
    folder.mkdir()
    database = f"sqlite:///{folder / 'bot.db'}"
    migrate(database)
    environment = {
        "PATH": os.environ["PATH"],
        "TEMPORAL_SERVER_URL": temporal,
        "TEMPORAL_TASK_QUEUE": "ack-discord",
        "DATABASE_URL": database,
        "THREADWORK_HOME": str(folder),
        "THREADWORK_HTTP": f"127.0.0.1:{free_port()}",
        "DISCORD_BOT_TOKEN": discord.bot_token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_SHARDS": "1",
    }
    with (folder / "bot.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "threadwork.bot", "bot"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
