"""The adapter at a small Discord."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.outbound_harness import PACE
from tests.adapters.discord.small_discord import TOKEN, SmallDiscord
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.outbound.presence import Presence


@pytest.fixture
async def discord() -> AsyncIterator[SmallDiscord]:
    async with SmallDiscord().serving() as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def rest(discord: SmallDiscord) -> AsyncIterator[Rest]:
    opened = Rest(TOKEN, discord.url, time_out=1.0)
    yield opened
    await opened.close()


@pytest.fixture
async def chat(rest: Rest) -> AsyncIterator[DiscordChat]:
    adapter = DiscordChat(rest, presence=Presence(rest, pace=PACE))
    yield adapter
    await adapter.close()
