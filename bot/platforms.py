"""Chat platforms, wired: one row each. What people and models read of them stands in `workflows.platforms`.

A platform's module is imported only where there are credentials for it: the SDKs take long."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from threadwork.activities.ports import Channels, ChatAdapter, Groups, Rates
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.channels import AskedChannels
from threadwork.bot.connection import Connection
from threadwork.bot.directories import Directories
from threadwork.bot.settings import Settings
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult
from threadwork.workflows.inbound import ChatReceiver, ChatViews


@dataclass(frozen=True)
class Wiring:
    """What a platform is wired to."""

    settings: Settings
    database: Database
    store: SqlStore


class PlatformModule(Protocol):
    """What the module of a platform has."""

    def open_chat(self, wiring: Wiring) -> AbstractAsyncContextManager[tuple[ChatAdapter, Groups]]:
        """Cards go out by the first; the second knows the groups, and what people are there."""

    def open_directory(self, wiring: Wiring) -> AbstractAsyncContextManager[Groups]: ...

    def open_channels(self, wiring: Wiring) -> AbstractAsyncContextManager[Channels]:
        """Who may read which channels."""

    def open_connection(
        self, wiring: Wiring, receiver: ChatReceiver, views: ChatViews, rates: Rates
    ) -> AbstractAsyncContextManager[Connection]:
        """People come in by it. `rates`: tokens shared with the workers."""


class PlatformChecks(Protocol):
    """What the checks of a platform have, in `bot/checks`."""

    def check(self, settings: Settings, channel: str) -> AsyncIterator[CheckResult]:
        """For `doctor`. `channel`: one to be looked at, too."""

    async def workspaces(self, settings: Settings) -> list[Workspace]:
        """Those that the bot is in, as far as the platform tells."""


@dataclass(frozen=True)
class Platform:
    name: str
    connected: Callable[[Settings], bool]  # there are credentials for it
    has_channel: Callable[[str], bool]  # whether a channel's id looks like one of its own

    @property
    def module(self) -> PlatformModule:
        module: Any = import_module(f"threadwork.bot.{self.name}")
        return module  # type: ignore[no-any-return]

    @property
    def checks(self) -> PlatformChecks:
        module: Any = import_module(f"threadwork.bot.checks.{self.name}")
        return module  # type: ignore[no-any-return]


PLATFORMS: tuple[Platform, ...] = (
    Platform("slack", lambda settings: settings.slack, lambda channel: not channel.isdigit()),
    Platform("discord", lambda settings: settings.discord, str.isdigit),
)


def connected(settings: Settings) -> Iterator[Platform]:
    """Those that there are credentials for."""
    return (platform for platform in PLATFORMS if platform.connected(settings))


@asynccontextmanager
async def chats(wiring: Wiring) -> AsyncIterator[tuple[Mapping[str, ChatAdapter], Directories]]:
    """What a worker posts by, and who is who there."""
    posting: dict[str, ChatAdapter] = {}
    groups: dict[str, Groups] = {}
    async with AsyncExitStack() as stack:
        for platform in connected(wiring.settings):
            opened = await stack.enter_async_context(platform.module.open_chat(wiring))
            posting[platform.name], groups[platform.name] = opened
        yield posting, Directories(groups, wiring.store.people)


@asynccontextmanager
async def directories(wiring: Wiring) -> AsyncIterator[Directories]:
    """Who is who, without posting."""
    async with AsyncExitStack() as stack:
        groups = {
            platform.name: await stack.enter_async_context(platform.module.open_directory(wiring))
            for platform in connected(wiring.settings)
        }
        yield Directories(groups, wiring.store.people)


@asynccontextmanager
async def channels(wiring: Wiring) -> AsyncIterator[AskedChannels]:
    """Who may read what, on all of them."""
    async with AsyncExitStack() as stack:
        opened = {
            platform.name: await stack.enter_async_context(platform.module.open_channels(wiring))
            for platform in connected(wiring.settings)
        }
        yield AskedChannels(opened)


@asynccontextmanager
async def connections(
    wiring: Wiring, receiver: ChatReceiver, views: ChatViews, rates: Rates
) -> AsyncIterator[list[Connection]]:
    """People of all of them come in."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(platform.module.open_connection(wiring, receiver, views, rates))
            for platform in connected(wiring.settings)
        ]
