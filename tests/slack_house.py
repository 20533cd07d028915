"""Everything of ours around a fake Slack: worker, bots, database and Temporal, wired as the processes wire them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
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
from bot.directories import Directories
from bot.doors import Doors
from bot.gateway import Gateway
from bot.service import Server
from bot.settings import Settings
from bot.slack import slack_chat, slack_directory, slack_door
from bot.takeup import TakeUp, taking_up
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.sight import Seen
from tests.stage import READ, WRITE, Actor, Stage
from workflows.tasks import TaskFilter
from workflows.values import digest

Transport = Literal["socket", "http"]
PATIENCE = 20.0  # seconds for what a person is to see


class House:
    """One database and worker, and as many bots as wanted. `begin` with what the fake is to be like comes first.

    Another house on the same folder goes on where the one before was closed."""

    def __init__(
        self,
        client: Client,
        slack: FakeSlack,
        folder: Path,
        script: Any,
        transport: Transport = "socket",
        declared: bool = False,
        **ports: Any,
    ) -> None:
        """`declared`: the app is declared an agent. `ports`: as for `Stage`."""
        self.slack = slack
        self.transport = transport
        url = f"sqlite:///{folder / 'house.db'}"
        migrate(url)
        self.database = Database(url)
        self.settings = _settings(slack, transport, folder, declared)
        tools = ports.pop("tools", None) or MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
        self.stage = Stage(client, script, store=SqlStore(self.database), tools=tools, **ports)
        self.stage.queue = f"house-{digest(str(folder))}"
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
            self.stage.use(chats={"slack": chat}, directory=Directories({"slack": directory}, self.stage.store.people))
            async with self.stage.workers():
                yield

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """One more bot: its door, the taking up of commands, and HTTP where Slack is to come that way."""
        store, ports = self.stage.store, self.stage.dependencies
        takeup = TakeUp(store.inbox, store.tasks, Gateway(self.stage.client, self.stage.queue), holder=f"{id(ports)}")
        async with AsyncExitStack() as stack:
            platform = await stack.enter_async_context(slack_directory(self.settings, self.database))
            bus = ports.bus if isinstance(ports.bus, MemoryBus) else MemoryBus()
            doors = Doors.to(
                store, ports.catalog, bus, poke=takeup.poke, directory=Directories({"slack": platform}, store.people)
            )
            listener = Listener(doors, link=self.settings.task_page)
            doorway = await stack.enter_async_context(slack_door(self.settings, self.database, listener))
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

    async def shows(self, *words: str, user: str = "U1", channel: str = "C1", thread: str = "") -> str:
        """Wait until a person sees all these words; returns the whole screen."""
        return await _seen(lambda: self.slack.screen(user, channel, thread), words)

    async def message(self, *words: str, channel: str = "C1") -> Seen:
        """Wait for a message that everybody sees with all these words on it; the newest of them."""

        def look() -> list[Seen]:
            seen = [m for m in self.slack.messages(channel) if m.bot and not m.visible_to and not m.deleted]
            return [m for m in seen if all(word in m.readable for word in words)]

        return (await _found(look, f"No message says {words}", lambda: self._everything(channel)))[-1]

    async def told(self, user: str, *words: str, channel: str = "C1", times: int = 1) -> Seen:
        """Wait until this person alone was told all these words, so many times; the newest answer that says so."""

        def look() -> list[Seen]:
            alone = [m for m in self.slack.messages(channel) if m.visible_to == user]
            said = [m for m in alone if all(word in m.readable for word in words)]
            return said if len(said) >= times else []

        return (await _found(look, f"Nobody told {user} {words}", lambda: self._everything(channel)))[-1]

    async def window(self, user: str, *words: str) -> str:
        """Wait until the person's top window has all these words."""
        return await _seen(lambda: views[-1].readable if (views := self.slack.views(user)) else "", words)

    async def page(self, user: str, *words: str) -> str:
        """Wait until the person's App Home has all these words."""
        return await _seen(lambda: home.readable if (home := self.slack.home(user)) else "", words)

    def _everything(self, channel: str) -> str:
        lines = (f"[{m.visible_to or m.thread_ts or m.channel}] {m.readable}" for m in self.slack.messages(channel))
        return "\n".join(lines)


async def _seen(look: Callable[[], str], words: tuple[str, ...]) -> str:
    shown = await _found(lambda: [text] if all(w in (text := look()) for w in words) else [], f"{words}", look)
    return shown[0]


async def _found(look: Callable[[], list[Any]], wanted: str, instead: Callable[[], str]) -> list[Any]:
    """Looks block, and the bots share this loop: so each is taken in a thread of its own."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while not (found := await asyncio.to_thread(look)):
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"{wanted}: not seen. Instead:\n{await asyncio.to_thread(instead)}")
        await asyncio.sleep(0.1)
    return found


def _settings(slack: FakeSlack, transport: Transport, folder: Path, declared: bool) -> Settings:
    way = {"slack_app_token": slack.app_token} if transport == "socket" else {}
    return Settings(
        _env_file=None,
        slack_bot_token=slack.bot_token,
        slack_signing_secret=slack.signing_secret,
        slack_api_url=slack.api_url,
        slack_agent=declared,
        temporal_ui_url="https://temporal.example.com",
        threadwork_home=folder,
        **way,
    )
