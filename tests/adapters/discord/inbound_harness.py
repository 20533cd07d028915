"""Discord's door before a listener that writes down what it is told."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from tests.adapters.slack.inbound_harness import APPROVAL, Recorder, until
from tests.fake_discord.client import FakeDiscord
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.memory.leases import MemoryLeases
from threadwork.adapters.memory.state import MemoryState

__all__ = ["APPROVAL", "Recorder", "door_at", "leases", "killed", "listening", "posted", "until"]


def leases() -> MemoryLeases:
    return MemoryLeases(MemoryState(lambda: datetime.now(UTC)))


def door_at(discord: FakeDiscord, listener: Any, **more: Any) -> DiscordConnection:
    given = {"leases": more.pop("leases", None) or leases(), "holder": uuid.uuid4().hex, "shards": 1, "beat": 0.1}
    addresses = {"api_url": discord.api_url, "gateway_url": discord.gateway_url}
    return DiscordConnection(listener, listener, token=discord.bot_token, **{**given, **addresses, **more})


@asynccontextmanager
async def listening(discord: FakeDiscord, listener: Any, **more: Any) -> AsyncIterator[DiscordConnection]:
    """A door that is connected, with its commands registered."""
    async with door_at(discord, listener, **more) as door:
        await until(lambda: door.connected and discord.commands())
        yield door


async def posted(discord: FakeDiscord, content: dict[str, Any], channel: str = "101") -> str:
    """A message of the bot's, as if a task had posted it; its id."""
    rest = Rest(discord.bot_token, discord.api_url)
    try:
        return str((await rest.call("POST", f"/channels/{channel}/messages", content))["id"])
    finally:
        await rest.close()


async def killed(door: DiscordConnection) -> None:
    """As if its process had died: nothing is given back or said."""
    for task in (door._holding, door._listening):
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    await door._work.close(0)
    await door._rest.close()
