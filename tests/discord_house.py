"""Everything of ours around a fake Discord: worker, bots, database and Temporal, wired as the processes wire them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client

from adapters.memory.bus import MemoryBus
from adapters.memory.tools import MemoryToolBox
from adapters.sql.database import Database
from adapters.sql.migrate import migrate
from adapters.sql.store import SqlStore
from bot.chat.listener import Listener
from bot.directories import Directories
from bot.discord import discord_chat, discord_directory, discord_door
from bot.doors import Doors
from bot.gateway import Gateway
from bot.settings import Settings
from bot.takeup import TakeUp, taking_up
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.sight import Seen
from tests.stage import READ, WRITE, Actor, Stage
from workflows.tasks import TaskFilter
from workflows.values import digest

PATIENCE = 20.0  # seconds for what a person is to see
ANN, BOB, CID = "201", "202", "203"
GENERAL, FLAT = "101", "107"  # in the second there are no threads


class House:
    """One database and worker, and as many bots as wanted. `begin` with what the fake is to be like comes first.

    Another house on the same folder goes on where the one before was closed."""

    def __init__(self, client: Client, discord: FakeDiscord, folder: Path, script: Any, **ports: Any) -> None:
        """`ports`: as for `Stage`."""
        self.discord = discord
        url = f"sqlite:///{folder / 'house.db'}"
        migrate(url)
        self.database = Database(url)
        self.settings = _settings(discord, folder)
        tools = ports.pop("tools", None) or MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
        self.stage = Stage(client, script, store=SqlStore(self.database), tools=tools, **ports)
        self.stage.queue = f"house-{digest(str(folder))}"

    @asynccontextmanager
    async def open(self, bots: int = 1) -> AsyncIterator["House"]:
        """The worker and the bots run for as long as the block lasts."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            await stack.enter_async_context(self.worker())
            for _ in range(bots):
                await stack.enter_async_context(self.bot())
            yield self

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with discord_chat(self.settings) as (chat, directory):
            self.stage.use(
                chats={"discord": chat}, directory=Directories({"discord": directory}, self.stage.store.people)
            )
            async with self.stage.workers():
                yield

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """One more bot: its door, and the taking up of commands. It is connected, unless another is."""
        store, ports = self.stage.store, self.stage.dependencies
        takeup = TakeUp(store.inbox, store.tasks, Gateway(self.stage.client, self.stage.queue), holder=f"{id(ports)}")
        async with AsyncExitStack() as stack:
            platform = await stack.enter_async_context(discord_directory(self.settings))
            bus = ports.bus if isinstance(ports.bus, MemoryBus) else MemoryBus()
            doors = Doors.to(
                store, ports.catalog, bus, poke=takeup.poke, directory=Directories({"discord": platform}, store.people)
            )
            door = discord_door(self.settings, doors, store.leases, Listener(doors))
            await stack.enter_async_context(door)
            await stack.enter_async_context(taking_up(takeup))
            await self._connected()
            yield

    async def _connected(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(lambda: self.discord.connections() and self.discord.commands()):
                await asyncio.sleep(0.05)

    # --- looks --------------------------------------------------------------------------------------------

    async def tasks(self) -> list[Actor]:
        """Every task, oldest first."""
        records = await self.stage.store.tasks.list(TaskFilter())
        return [self.stage.actor(record.task_id) for record in reversed(records)]

    async def task(self) -> Actor:
        """The only task, as soon as it has begun."""
        async with asyncio.timeout(PATIENCE):
            while not (tasks := await self.tasks()):
                await asyncio.sleep(0.05)
        (task,) = tasks
        await task.happened("workflow.started", within=PATIENCE)
        return task

    async def message(self, *words: str, channel: str | None = GENERAL) -> Seen:
        """Wait for a message that everybody sees with all these words on it; the newest of them."""

        def look() -> list[Seen]:
            seen = [m for m in self.discord.messages(channel) if m.bot and not m.visible_to and not m.deleted]
            return [m for m in seen if all(word in m.readable for word in words)]

        return (await self._found(look, f"No message says {words}"))[-1]

    async def told(self, user: str, *words: str, times: int = 1) -> Seen:
        """Wait until this person alone was told all these words, so many times; the newest answer that says so."""

        def look() -> list[Seen]:
            alone = [m for m in self.discord.messages() if m.visible_to == user]
            said = [m for m in alone if all(word in m.readable for word in words)]
            return said if len(said) >= times else []

        return (await self._found(look, f"Nobody told {user} {words}"))[-1]

    async def _found(self, look: Callable[[], list[Any]], wanted: str) -> list[Any]:
        """Looks block, and the bots share this loop: so each is taken in a thread of its own."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while not (found := await asyncio.to_thread(look)):
            if asyncio.get_running_loop().time() > until:
                lines = (f"[{m.visible_to or m.channel}] {m.readable}" for m in self.discord.messages())
                raise AssertionError(f"{wanted}. Instead:\n" + "\n".join(lines))
            await asyncio.sleep(0.1)
        return found


def _settings(discord: FakeDiscord, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        discord_bot_token=discord.bot_token,
        discord_api_url=discord.api_url,
        discord_gateway_url=discord.gateway_url,
        discord_shards=1,
        temporal_ui_url="https://temporal.example.com",
        threadwork_home=folder,
    )
