"""The database at the start of a process: brought up to date as soon as it is there."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from threadwork.adapters.hidden_values import HiddenValues
from threadwork.adapters.sql.database import Database, normalised
from threadwork.adapters.sql.migrate import migrate
from threadwork.bot.embedded.home import private
from threadwork.bot.settings import Settings
from threadwork.workflows.errors import ThreadworkError

RETRY_INTERVAL = 2.0  # seconds between two tries
CONNECT_TIMEOUT = 10.0  # seconds in which a connection must stand

log = structlog.get_logger(__name__)
Done = TypeVar("Done")


class DatabaseAway(ThreadworkError):
    """Nothing can be read or written, for now."""


async def upgrade(settings: Settings) -> None:
    """Create or upgrade the tables. Raises `DatabaseAway`, and `Rejected` for a URL that names no database."""
    try:
        if not settings.given("database_url"):
            private(settings.home)
        await _look(settings.database)
    except ThreadworkError:
        raise
    except Exception as error:  # drivers have no common name for theirs
        raise away(settings.database, error) from None
    await asyncio.to_thread(migrate, settings.database)


async def upgrade_when_there(settings: Settings) -> None:
    """As `upgrade`, trying until the database is there; why it is not is logged once."""
    told = ""
    while True:
        try:
            return await upgrade(settings)
        except DatabaseAway as error:
            if str(error) != told:
                told = str(error)
                log.warning("database_away", detail=told, again_every=f"{RETRY_INTERVAL:g} s")
        await asyncio.sleep(RETRY_INTERVAL)


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, Done]) -> Done | None:
    """What the work comes to; None where `stop` was set first, and the work was given up."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.wait({doing, stopping})


async def _look(url: str) -> None:
    database = Database(url)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT), database.read():
            pass
    finally:
        await database.close()


def away(url: str, error: Exception) -> DatabaseAway:
    """A driver's first line says enough; the password is kept out of it."""
    parts = normalised(url)
    where = f"{parts.host}:{parts.port or 5432}/{parts.database or ''}" if parts.host else parts.database
    said = HiddenValues([("DATABASE_URL", str(parts.password))] if parts.password else [])(str(error))
    why = (said.splitlines() or [""])[0].rstrip(".")[:300] or type(error).__name__
    if isinstance(error, TimeoutError):
        why = f"no answer within {CONNECT_TIMEOUT:g} s"
    return DatabaseAway(
        f"The database of DATABASE_URL ({where}) cannot be used: {why}.", "Start it, or correct the URL."
    )
