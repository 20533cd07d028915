"""Everything of ours around fake platforms: workers and bots, put together by what puts the processes together."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from temporalio.client import Client

from tests.sqlite_file import migrated
from tests.worker_harness import READ, WRITE, Actor, WorkerHarness
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.bootstrap import worker_dependencies
from threadwork.bot.catalog import load_catalog
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.service import Ground, serving
from threadwork.bot.settings import Settings
from threadwork.workflows.domain.clock import Clock, utc_now
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import digest

PATIENCE = 20.0  # seconds for what a person is to see


class Ours(ABC):
    """One database and worker, and as many bots as wanted. `begin` with what a fake is to be like comes first.

    Another app on the same folder goes on where the one before was closed."""

    def __init__(
        self,
        client: Client,
        folder: Path,
        script: Any,
        platforms: dict[str, Any],
        clock: Clock = utc_now,
        config: str = "",
        **ports: Any,
    ) -> None:
        """`platforms`: settings of theirs. `clock`: the bots'. `config`: text of `threadwork.yaml`; empty: an agent
        that asks before it writes. `ports`: as for `WorkerHarness`."""
        queue, url = f"app-{digest(str(folder))}", migrated(folder / "app.db")
        self.database = Database(url)
        self.settings = _settings(folder, config, temporal_task_queue=queue, database_url=url, **platforms)
        if config:
            ports["catalog"] = load_catalog(self.settings)
        tools = ports.pop("tools", None) or MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
        self.store = SqlStore(self.database, clock)
        self.harness = WorkerHarness(client, script, store=self.store, tools=tools, **ports)
        self.harness.queue = queue
        wanted = {"model", "tools", "catalog", "bus", *ports} - {"agent"}
        self._ports = {name: getattr(self.harness.dependencies, name) for name in wanted}
        self.urls: list[str] = []  # of the bots that are open, over HTTP

    @abstractmethod
    async def connected(self) -> None:
        """Wait until the platforms reach every bot that is open."""

    @asynccontextmanager
    async def open(self, bots: int = 1) -> AsyncIterator[Self]:
        """The worker and the bots run for as long as the block lasts."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            await stack.enter_async_context(self.worker())
            for _ in range(bots):
                await stack.enter_async_context(self.bot())
            yield self

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with worker_dependencies(self.settings, **self._ports) as dependencies:
            self.harness.dependencies = dependencies
            async with self.harness.workers():
                yield

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """One more bot."""
        address = f"127.0.0.1:{free_port()}"
        settings = self.settings.model_copy(update={"threadwork_http": address})
        ports = self.harness.dependencies
        ground = Ground(self.harness.client, self.database, self.store, ports.catalog, ports.bus)
        async with serving(settings, ground):
            self.urls.append(f"http://{address}")
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.connected()
                yield
            finally:
                self.urls.remove(f"http://{address}")

    async def tasks(self) -> list[Actor]:
        """Every task, oldest first."""
        records = await self.harness.store.tasks.list(TaskFilter())
        return [self.harness.actor(record.task_id) for record in reversed(records)]

    async def task(self) -> Actor:
        """The only task, as soon as it has begun."""
        async with asyncio.timeout(PATIENCE):
            while not (tasks := await self.tasks()):
                await asyncio.sleep(0.05)
        (task,) = tasks
        await task.happened("workflow.started", within=PATIENCE)
        return task


Found = TypeVar("Found")


async def found(look: Callable[[], list[Found]], wanted: str, instead: Callable[[], str]) -> list[Found]:
    """Looks block, and the bots share this loop: so each is taken in a thread of its own."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while not (seen := await asyncio.to_thread(look)):
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"{wanted}: not seen. Instead:\n{await asyncio.to_thread(instead)}")
        await asyncio.sleep(0.1)
    return seen


async def until_so(look: Callable[[], Any]) -> None:
    """Wait until a look says so."""
    while not await asyncio.to_thread(look):
        await asyncio.sleep(0.05)


def _settings(folder: Path, config: str, **given: Any) -> Settings:
    if config:
        given["threadwork_config"] = folder / "threadwork.yaml"
        given["threadwork_config"].write_text(config)
    ui = "https://temporal.example.com"
    return Settings(_env_file=None, temporal_ui_url=ui, threadwork_home=folder, **given)
