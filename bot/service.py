"""The bot process: HTTP, and the taking up of commands."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import structlog
from temporalio.client import Client

from threadwork.activities.ports.catalog import Catalog
from threadwork.activities.ports.event_bus import EventBus
from threadwork.adapters.chat.wiring import Connection
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.api.app import create_app
from threadwork.bot.api.health import Check, database_check
from threadwork.bot.api.public import create_public_app
from threadwork.bot.api.site import Site
from threadwork.bot.bootstrap import connect_temporal, open_bus, shared_rates
from threadwork.bot.catalog import load_aloud
from threadwork.bot.chat.receive import Receiver
from threadwork.bot.chat.views import Views
from threadwork.bot.database import unless, upgrade_when_there
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.exposure import exposed
from threadwork.bot.gateway import Gateway
from threadwork.bot.intake.worker import IntakeWorker, intake_running
from threadwork.bot.local_socket import local_socket
from threadwork.bot.open_platforms import channels, connections, directories, wired
from threadwork.bot.serving import bound, listening
from threadwork.bot.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ground:
    """What a bot stands on."""

    client: Client  # of Temporal
    database: Database
    store: SqlStore  # in that database
    catalog: Catalog
    bus: EventBus


async def run_bot(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Commands are taken in even while Temporal is away."""
    settings.arm_crash_points()
    catalog = load_aloud(settings)
    if exposure := exposed(settings):
        log.warning("open_to_proxies", why=exposure.detail, hint=exposure.hint)
    await unless(stop, upgrade_when_there(settings))
    if stop.is_set():
        return
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        bus = open_bus(settings)
        stack.push_async_callback(bus.close)
        client = await connect_temporal(settings, lazy=True)
        await stack.enter_async_context(serving(settings, Ground(client, database, SqlStore(database), catalog, bus)))
        settings.announce_ready()
        await stop.wait()


@asynccontextmanager
async def serving(settings: Settings, ground: Ground) -> AsyncIterator[None]:
    """A whole bot while the block lasts: the connections of its platforms, HTTP, and the intake of commands."""
    store, gateway = ground.store, Gateway(ground.client, settings.temporal_task_queue)
    intake_worker = IntakeWorker(store.intake, store.tasks, gateway, holder=_holder())
    async with AsyncExitStack() as stack:
        wiring = wired(settings, ground.database, store)
        ports = BotDependencies.on(
            store,
            ground.catalog,
            ground.bus,
            wake_intake=intake_worker.wake,
            directory=await stack.enter_async_context(directories(wiring)),
            channels=await stack.enter_async_context(channels(wiring)),
        )
        receiver, views = Receiver(ports), Views(ports, link=settings.task_page)
        rates = await stack.enter_async_context(shared_rates(settings, store))
        opened = await stack.enter_async_context(connections(wiring, receiver, views, rates))
        checks = (database_check(store.tasks), Check("temporal", gateway.check))
        await stack.enter_async_context(_http(ports, _site(settings, checks, opened), settings))
        await stack.enter_async_context(intake_running(intake_worker))
        yield


def _holder() -> str:
    """Of leases; another one for each bot, also of one process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def _site(settings: Settings, checks: Sequence[Check], opened: Mapping[str, Connection]) -> Site:
    token = settings.threadwork_api_token
    return Site(
        token=token.get_secret_value() if token else None,
        temporal_ui=settings.temporal_ui_url,
        checks=(*checks, *(Check(name, connection.probe, needed=False) for name, connection in opened.items())),
        routers=tuple(connection.router for connection in opened.values()),
    )


@asynccontextmanager
async def _http(ports: BotDependencies, site: Site, settings: Settings) -> AsyncIterator[None]:
    """The main listener, the socket of the home, and what goes behind a proxy where an address is set for it."""
    app = create_app(ports, site)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(app, bound("THREADWORK_HTTP", settings.threadwork_http)))
        if address := settings.threadwork_public:
            public = create_public_app(site.routers)
            await stack.enter_async_context(listening(public, bound("THREADWORK_PUBLIC", address)))
        await stack.enter_async_context(local_socket(app, settings.home, settings.http_url))
        stack.callback(app.state.streams.close)  # first: shutting down waits for them
        yield
