"""Discord, wired: what the worker posts with, and the connection of the bot. A `PlatformWiring`."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import APIRouter

from threadwork.adapters.chat.wiring import Connection, Wiring
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.channels import DiscordChannels
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.discord.directory import DiscordDirectory
from threadwork.adapters.discord.inbound.history import Rates
from threadwork.adapters.discord.inbound.task_threads import PLATFORM, threads
from threadwork.adapters.discord.settings import DiscordSettings
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews


@asynccontextmanager
async def open_chat(wiring: Wiring[DiscordSettings]) -> AsyncIterator[tuple[DiscordChat, DiscordDirectory]]:
    """Cards go out by the first; the second knows the roles."""
    async with AsyncExitStack() as stack:
        rest = _rest(wiring.settings, stack)
        chat = DiscordChat(rest, link=wiring.link)
        stack.push_async_callback(chat.close)
        yield chat, DiscordDirectory(rest)


@asynccontextmanager
async def open_directory(wiring: Wiring[DiscordSettings]) -> AsyncIterator[DiscordDirectory]:
    """The roles alone, for the bot."""
    async with AsyncExitStack() as stack:
        yield DiscordDirectory(_rest(wiring.settings, stack))


@asynccontextmanager
async def open_channels(wiring: Wiring[DiscordSettings]) -> AsyncIterator[DiscordChannels]:
    """Who may read which channels."""
    async with AsyncExitStack() as stack:
        yield DiscordChannels(_rest(wiring.settings, stack))


@asynccontextmanager
async def open_connection(
    wiring: Wiring[DiscordSettings], receiver: ChatReceiver, views: ChatViews, rates: Rates
) -> AsyncIterator[Connection]:
    """People come in through the gateway for as long as the block lasts, if no other bot holds it.

    `rates`: tokens for reading histories, shared with the workers."""
    settings, store = wiring.settings, wiring.store

    async def known(key: str) -> bool:
        return await store.intake.get(PLATFORM, key) is not None

    connection = DiscordConnection(
        receiver,
        views,
        token=_token(settings),
        leases=store.connections,
        holder=uuid.uuid4().hex,
        api_url=settings.discord_api_url,
        gateway_url=settings.discord_gateway_url,
        shards=settings.discord_shards,
        threads=lambda: threads(store.tasks),
        known=known,
        command=settings.discord_command,
        rates=rates,
    )
    async with connection:
        yield Connection(APIRouter(include_in_schema=False), _probe(connection))


def _rest(settings: DiscordSettings, stack: AsyncExitStack) -> Rest:
    rest = Rest(_token(settings), settings.discord_api_url)
    stack.push_async_callback(rest.close)
    return rest


def _token(settings: DiscordSettings) -> str:
    return settings.discord_bot_token.get_secret_value() if settings.discord_bot_token else ""


def _probe(connection: DiscordConnection) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        if not connection.healthy:
            hint = connection.problem or "It is being opened again."
            raise ThreadworkError("The connection to Discord is not open.", hint)

    return probe
