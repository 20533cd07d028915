"""The one place where everything is wired. Tests override what they want by keyword."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from temporalio.client import Client, TLSConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.ports.delivery import Rates
from threadwork.adapters.catalog.files import FileCatalog
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.redis.event_bus import RedisBus
from threadwork.adapters.redis.shared_rate_limits import RedisRates
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.shared_rate_limits import SqlRates
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.temporal_attempts import TemporalAttempts
from threadwork.bot.catalog import load_catalog
from threadwork.bot.open_platforms import channels, chats, commands, wired
from threadwork.bot.settings import Settings

if TYPE_CHECKING:
    from threadwork.adapters.models.routed import RoutedModel


async def connect_temporal(settings: Settings, lazy: bool = False) -> Client:
    """`lazy`: connected at the first call. Raises RuntimeError where Temporal does not answer."""
    key = settings.temporal_api_key
    return await Client.connect(
        settings.temporal_server_url,
        namespace=settings.temporal_namespace,
        api_key=key.get_secret_value() if key else None,
        tls=_tls(settings),
        data_converter=_converter(settings),
        lazy=lazy,
    )


def open_bus(settings: Settings) -> RedisBus | MemoryBus:
    """Without Redis hints stay within a process; readers look at the database every second anyway."""
    return RedisBus(settings.redis) if settings.redis else MemoryBus()


@asynccontextmanager
async def worker_dependencies(settings: Settings, **overrides: Any) -> AsyncIterator[ActivityDependencies]:
    """What the activities need; `overrides` replace ports by name."""
    from threadwork.adapters.files.reader import Reader
    from threadwork.adapters.tools.mcp_pool import McpToolBox

    async with AsyncExitStack() as stack:
        catalog = load_catalog(settings)
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        bus = open_bus(settings)
        stack.push_async_callback(bus.close)
        tools = McpToolBox(catalog.servers, settings.environment, logins=settings.logins, off=catalog.servers_off)
        stack.push_async_callback(tools.close)
        model = open_model(settings, catalog)
        stack.push_async_callback(model.close)
        store = SqlStore(database)
        rates = await stack.enter_async_context(shared_rates(settings, store))
        wiring = wired(settings, database, store)
        posting, directory = await stack.enter_async_context(chats(wiring))
        ports: dict[str, Any] = {
            **_storage(store),
            "rates": rates,
            "bus": bus,
            "model": model,
            "tools": tools,
            "files": Reader(),
            "catalog": catalog,
            "timezone": settings.threadwork_timezone,
            "chats": posting,
            "commands": commands(settings),
            "directory": directory,
            "channels": await stack.enter_async_context(channels(wiring)),
            "attempts": TemporalAttempts(await connect_temporal(settings, lazy=True)),
        }
        if needs_litellm(settings.threadwork_model, (await catalog.models()).names):
            await model.warm()
        yield ActivityDependencies(**(ports | overrides))


def _storage(store: SqlStore) -> dict[str, Any]:
    """The ports that the database stands behind, by name."""
    return {
        "runs": store.runs,
        "events": store.events,
        "transcript": store.transcript,
        "calls": store.calls,
        "spend": store.spend,
        "tasks": store.tasks,
        "views": store.views,
        "grants": store.grants,
        "deliveries": store.deliveries,
        "subscriptions": store.subscriptions,
        "leases": store.leases,
        "doubts": store.doubts,
    }


def open_model(settings: Settings, catalog: FileCatalog) -> "RoutedModel":
    """The demo, and what the file and LiteLLM know."""
    from threadwork.adapters.models.demo_model import DemoModel
    from threadwork.adapters.models.litellm_model import LiteLLMModel
    from threadwork.adapters.models.routed import RoutedModel

    return RoutedModel(DemoModel(), LiteLLMModel(catalog.model_specs, settings.environment))


def needs_litellm(*models: str | Sequence[str]) -> bool:
    """Importing LiteLLM takes seconds: a worker that only plays the demo goes without."""
    names = [name for given in models for name in ([given] if isinstance(given, str) else given)]
    return any(not name.startswith("demo/") for name in names)


def _converter(settings: Settings) -> DataConverter:
    if not settings.encryption_keys:
        return pydantic_data_converter
    from threadwork.adapters.encryption import encrypted

    return encrypted(pydantic_data_converter, settings.encryption_keys)


def open_rates(settings: Settings, fallback: SqlRates) -> RedisRates | SqlRates:
    """Shared through Redis, or through the database without it."""
    return RedisRates(settings.redis, fallback) if settings.redis else fallback


@asynccontextmanager
async def shared_rates(settings: Settings, store: SqlStore) -> AsyncIterator[Rates]:
    """The same tokens as the workers', for as long as the block lasts."""
    rates = open_rates(settings, store.rates)
    try:
        yield rates
    finally:
        if isinstance(rates, RedisRates):
            await rates.close()


def _tls(settings: Settings) -> TLSConfig | bool:
    if not settings.tls:
        return False
    files = (settings.temporal_tls_server_ca, settings.temporal_tls_cert, settings.temporal_tls_key)
    ca, cert, key = (path.read_bytes() if path else None for path in files)
    return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)
