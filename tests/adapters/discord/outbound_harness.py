"""What the tests of the worker's side post and look at."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.adapters.discord.small_discord import DIRECT, GUILD, ROOM
from threadwork.adapters.discord.cards.embeds import embed, part
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.values import Status

CHANNEL = Sink(platform="discord", workspace=GUILD, channel=ROOM)
PRIVATE = Sink(platform="discord", channel=DIRECT)
MARK = "t23456789012/status/0"
PACE = 0.05  # seconds between two changes of a reaction, in these tests


def under(root: str, sink: Sink = CHANNEL) -> Sink:
    return sink.model_copy(update={"thread": root})


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


def said(text: str = "hello", **given: Any) -> Part:
    return part(embed([text])).model_copy(update=given)


def status(state: Status) -> Part:
    return said(state.value, state=state)


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def at_rest(chat: DiscordChat) -> None:
    """Wait until every root shows its newest state, or could not: of what was posted until now no more comes."""
    await eventually(lambda: not chat._presence._states._busy)
