"""Bring a database up to date."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, normalised

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x7468726561  # any number that no other program locks in the same PostgreSQL database


def migrate(database_url: str) -> None:
    """Create or upgrade the tables; does nothing where they are up to date.

    Several processes may do so at once: one works, the others wait. Blocks, also inside a running event
    loop. Raises `Rejected` for a URL that names no database."""
    _make_folder(database_url)
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, wherever it is called from
        thread.submit(asyncio.run, _upgrade(database_url)).result()


def _make_folder(database_url: str) -> None:
    url = normalised(database_url)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)


async def _upgrade(database_url: str) -> None:
    database = Database(database_url)
    try:
        async with database.write() as connection:
            await _wait_for_turn(connection)
            await connection.run_sync(_run)
    finally:
        await database.close()


async def _wait_for_turn(connection: AsyncConnection) -> None:
    """SQLite's write transaction is a lock already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _run(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration, made here instead of in a file, so that it works from any directory."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
