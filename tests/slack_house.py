"""Everything of ours around a fake Slack: worker, bots, database and Temporal, wired as the processes wire them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import uvicorn
from temporalio.client import Client

from adapters.memory.bus import MemoryBus
from adapters.memory.tools import MemoryToolBox
from adapters.sql.database import Database
from adapters.sql.migrate import migrate
from adapters.sql.store import SqlStore
from bot.api.app import create_app
from bot.api.site import Site
from bot.chat.listener import Listener
from bot.doors import Doors
from bot.gateway import Gateway
from bot.service import Server
from bot.settings import Settings
from bot.slack import slack_chat, slack_directory, slack_door
from bot.takeup import TakeUp, taking_up
from tests.fake_slack.client import FakeSlack
from tests.stage import READ, WRITE, Actor, Stage

Transport = Literal["socket", "http"]


class House:
    """One database and worker, and as many bots as wanted. `begin` with what the fake is to be like comes first."""

    def __init__(
        self, client: Client, slack: FakeSlack, folder: Path, script: Any, transport: Transport = "socket", **ports: Any
    ) -> None:
        self.slack = slack
        self.transport = transport
        url = f"sqlite:///{folder / 'house.db'}"
        migrate(url)
        self.database = Database(url)
        self.settings = _settings(slack, transport, folder)
        tools = ports.pop("tools", None) or MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
        self.stage = Stage(client, script, store=SqlStore(self.database), tools=tools, **ports)
        self.urls: list[str] = []

    @asynccontextmanager
    async def open(self, bots: int = 1) -> AsyncIterator["House"]:
        """The worker and the bots run for as long as the block lasts."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            await stack.enter_async_context(self.worker())
            for _ in range(bots):
                await stack.enter_async_context(self.bot())
            if self.transport == "http":
                self.slack.change(request_urls=tuple(self.urls))
            else:
                await self._connected(bots)
            yield self

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with slack_chat(self.settings, self.database) as (chat, directory):
            self.stage.use(chats={"slack": chat}, directory=directory)
            async with self.stage.workers():
                yield

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """One more bot: its door, the taking up of commands, and HTTP where Slack is to come that way."""
        store, ports = self.stage.store, self.stage.dependencies
        takeup = TakeUp(store.inbox, store.tasks, Gateway(self.stage.client, self.stage.queue), holder=f"{id(ports)}")
        async with AsyncExitStack() as stack:
            directory = await stack.enter_async_context(slack_directory(self.settings, self.database))
            bus = ports.bus if isinstance(ports.bus, MemoryBus) else MemoryBus()
            doors = Doors.to(store, ports.catalog, bus, poke=takeup.poke, directory=directory)
            doorway = await stack.enter_async_context(slack_door(self.settings, self.database, Listener(doors)))
            await stack.enter_async_context(taking_up(takeup))
            if self.transport == "http":
                await stack.enter_async_context(self._serving(doors, Site(routers=(doorway.router,))))
            yield

    @asynccontextmanager
    async def _serving(self, doors: Doors, site: Site) -> AsyncIterator[None]:
        listening = socket.create_server(("127.0.0.1", 0))
        self.urls.append(f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events")
        server = Server(uvicorn.Config(create_app(doors, site), log_config=None, access_log=False))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await task

    async def _connected(self, bots: int) -> None:
        async with asyncio.timeout(20):
            while await asyncio.to_thread(self.slack.sockets) < bots:
                await asyncio.sleep(0.05)

    async def tasks(self) -> list[Actor]:
        """Every task, oldest first."""
        from workflows.tasks import TaskFilter

        return [
            self.stage.actor(record.task_id) for record in reversed(await self.stage.store.tasks.list(TaskFilter()))
        ]

    async def task(self, within: float = 20) -> Actor:
        """The only task, as soon as it has begun."""
        async with asyncio.timeout(within):
            while not (tasks := await self.tasks()):
                await asyncio.sleep(0.05)
        (task,) = tasks
        await task.happened("workflow.started", within=within)
        return task

    async def shows(
        self, *words: str, user: str = "U1", channel: str = "C1", thread: str = "", within: float = 20
    ) -> str:
        """Wait until a person sees all these words; returns the whole screen."""
        until = asyncio.get_running_loop().time() + within
        while True:
            screen = await asyncio.to_thread(self.slack.screen, user, channel, thread)
            if all(word in screen for word in words):
                return screen
            if asyncio.get_running_loop().time() > until:
                missing = [word for word in words if word not in screen]
                raise AssertionError(f"{missing} not on the screen:\n{screen}")
            await asyncio.sleep(0.1)


def _settings(slack: FakeSlack, transport: Transport, folder: Path) -> Settings:
    way = {"slack_app_token": slack.app_token} if transport == "socket" else {}
    return Settings(
        _env_file=None,
        slack_bot_token=slack.bot_token,
        slack_signing_secret=slack.signing_secret,
        slack_api_url=slack.api_url,
        threadwork_home=folder,
        **way,
    )
