"""Chat platforms that there are credentials for, opened.

Each is a row in `workflows.platform_registry` and a folder of its name in `adapters`; none is named here."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from threadwork.activities.ports.accounts import Groups
from threadwork.activities.ports.chat import ChatAdapter
from threadwork.activities.ports.delivery import Rates
from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.adapters.chat.wiring import Connection, Wiring
from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.channels import AskedChannels
from threadwork.bot.directories import Directories
from threadwork.bot.platform_protocols import wiring_of
from threadwork.bot.settings import Settings
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.platform_registry import PLATFORMS


def connected(settings: Settings) -> Iterator[str]:
    """Names of those that there are credentials for."""
    return (row.name for row in PLATFORMS if rules_of(row.name).connected(settings))


def commands(settings: Settings) -> dict[str, str]:
    """What the slash command is called on each of them."""
    return {name: rules_of(name).command(settings) for name in connected(settings)}


def wired(settings: Settings, database: Database, store: SqlStore) -> Wiring[Settings]:
    """What all of them are wired to."""
    return Wiring(settings, database, store, Seal(settings.encryption_keys), settings.task_page)


@asynccontextmanager
async def chats(wiring: Wiring[Settings]) -> AsyncIterator[tuple[Mapping[str, ChatAdapter], Directories]]:
    """What a worker posts by, and who is who there."""
    posting: dict[str, ChatAdapter] = {}
    groups: dict[str, Groups] = {}
    async with AsyncExitStack() as stack:
        for platform in connected(wiring.settings):
            opened = await stack.enter_async_context(wiring_of(platform).open_chat(wiring))
            posting[platform], groups[platform] = opened
        yield posting, Directories(groups, wiring.store.people)


@asynccontextmanager
async def directories(wiring: Wiring[Settings]) -> AsyncIterator[Directories]:
    """Who is who, without posting."""
    async with AsyncExitStack() as stack:
        groups = {
            platform: await stack.enter_async_context(wiring_of(platform).open_directory(wiring))
            for platform in connected(wiring.settings)
        }
        yield Directories(groups, wiring.store.people)


@asynccontextmanager
async def channels(wiring: Wiring[Settings]) -> AsyncIterator[AskedChannels]:
    """Who may read what, on all of them."""
    async with AsyncExitStack() as stack:
        opened = {
            platform: await stack.enter_async_context(wiring_of(platform).open_channels(wiring))
            for platform in connected(wiring.settings)
        }
        yield AskedChannels(opened)


@asynccontextmanager
async def connections(
    wiring: Wiring[Settings], receiver: ChatReceiver, views: ChatViews, rates: Rates
) -> AsyncIterator[dict[str, Connection]]:
    """People of all of them come in. By platform."""
    async with AsyncExitStack() as stack:
        opened: dict[str, Connection] = {}
        for platform in connected(wiring.settings):
            connection = wiring_of(platform).open_connection(wiring, receiver, views, rates)
            opened[platform] = await stack.enter_async_context(connection)
        yield opened
