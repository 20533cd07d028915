"""Discord, wired: what the worker posts with, and the connection of the bot. A `PlatformModule`."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from threadwork.activities.ports.accounts import Groups
from threadwork.activities.ports.chat import Channels, ChatAdapter
from threadwork.activities.ports.delivery import Rates
from threadwork.activities.ports.storage import IntakeLog, Tasks
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.channels import DiscordChannels
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.discord.directory import DiscordDirectory
from threadwork.bot.api.health import Check
from threadwork.bot.connection import Connection
from threadwork.bot.platforms import Wiring
from threadwork.bot.settings import Settings
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter

PLATFORM = "discord"
MAX_OPEN, MAX_THREADS = (
    500,
    200,
)  # tasks whose threads are looked through for what nobody heard: at work, and the newest
REPLY_TIME = timedelta(days=1)  # after a task ended people may still reply


@asynccontextmanager
async def open_chat(wiring: Wiring) -> AsyncIterator[tuple[ChatAdapter, Groups]]:
    """Cards go out by the first; the second knows the roles."""
    async with AsyncExitStack() as stack:
        rest = _rest(wiring.settings, stack)
        chat = DiscordChat(rest, link=wiring.settings.task_page)
        stack.push_async_callback(chat.close)
        yield chat, DiscordDirectory(rest)


@asynccontextmanager
async def open_directory(wiring: Wiring) -> AsyncIterator[Groups]:
    """The roles alone, for the bot."""
    async with AsyncExitStack() as stack:
        yield DiscordDirectory(_rest(wiring.settings, stack))


@asynccontextmanager
async def open_channels(wiring: Wiring) -> AsyncIterator[Channels]:
    """Who may read which channels."""
    async with AsyncExitStack() as stack:
        yield DiscordChannels(_rest(wiring.settings, stack))


@asynccontextmanager
async def open_connection(
    wiring: Wiring, receiver: ChatReceiver, views: ChatViews, rates: Rates
) -> AsyncIterator[Connection]:
    """People come in through the gateway for as long as the block lasts, if no other bot holds it.

    `rates`: tokens for reading histories, shared with the workers."""
    settings, store = wiring.settings, wiring.store
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
        known=lambda key: known(store.intake, key),
        rates=rates,
    )
    async with connection:
        yield Connection(APIRouter(include_in_schema=False), Check(PLATFORM, _probe(connection), needed=False))


async def threads(tasks: Tasks) -> Sequence[Sink]:
    """Of tasks at work, however old they are, then of those that ended lately; each thread once."""
    at_work = await tasks.list(TaskFilter(platform=PLATFORM, open_only=True, limit=MAX_OPEN))
    newest = await tasks.list(TaskFilter(platform=PLATFORM, limit=MAX_THREADS))
    lately = datetime.now(UTC) - REPLY_TIME
    ended = (task for task in newest if task.status.ended and task.updated_at > lately)
    return list(dict.fromkeys(task.sink for task in (*at_work, *ended) if task.sink and task.sink.thread))


async def known(intake: IntakeLog, key: str) -> bool:
    """Whether a message was written down before."""
    return await intake.get(PLATFORM, key) is not None


def _rest(settings: Settings, stack: AsyncExitStack) -> Rest:
    rest = Rest(_token(settings), settings.discord_api_url)
    stack.push_async_callback(rest.close)
    return rest


def _token(settings: Settings) -> str:
    return settings.discord_bot_token.get_secret_value() if settings.discord_bot_token else ""


def _probe(connection: DiscordConnection) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        if not connection.healthy:
            hint = connection.problem or "It is being opened again."
            raise ThreadworkError("The connection to Discord is not open.", hint)

    return probe
