"""The connection to SQLite or PostgreSQL, and its two kinds of transactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Row, Select, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import Table

from threadwork.adapters.sql.sqlite_connection import connect
from threadwork.workflows.errors import Rejected

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def normalised(database_url: str) -> URL:
    """The URL with its asynchronous driver. Raises `Rejected` for anything that is no SQLite file or PostgreSQL."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise Rejected("DATABASE_URL is not a URL.", _HINT) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise Rejected(f"DATABASE_URL names {url.drivername}, which is not supported.", _HINT)
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise Rejected("DATABASE_URL names no file for SQLite.", _HINT)
    return url.set(drivername=driver)


_HINT = "Write sqlite:///path/to/file.db or postgresql://user:password@host/name."


class Database:
    """Transactions on one database. Nothing connects before the first of them."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = normalised(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self.url, pool_size) if self.is_sqlite else _postgres_engine(self.url, pool_size)
        self._writing = self._engine.execution_options(writes=True)
        # SQLite has one writer at a time; in line here is faster and fairer than its own polling.
        self._turn = asyncio.Lock()
        self._line = asyncio.Lock()  # in which all wait but who is urgent

    @asynccontextmanager
    async def write(self, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write, committed unless something is raised.

        `urgent`: a person waits for it; on SQLite at most one of the others goes before it."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite and not urgent:
                await stack.enter_async_context(self._line)
            if self.is_sqlite:
                await stack.enter_async_context(self._turn)
            yield await stack.enter_async_context(self._writing.begin())

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that only reads, from one snapshot on SQLite."""
        async with self._engine.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give back every connection."""
        await self._engine.dispose()


@cache
def inserting(dialect: str, table: Table) -> postgresql.Insert:
    """An INSERT that knows `on_conflict_…`; the two dialects spell it alike but share no type."""
    if dialect == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]
    return postgresql.insert(table)


@cache
def upserting(dialect: str, table: Table, *changed: str) -> postgresql.Insert:
    """An INSERT that changes the named columns (none named: all) of a row whose primary key is there."""
    statement = inserting(dialect, table)
    keys = [column.name for column in table.primary_key]
    names = changed or [column.name for column in table.c if column.name not in keys]
    return statement.on_conflict_do_update(index_elements=keys, set_={name: statement.excluded[name] for name in names})


def _postgres_engine(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)


def _sqlite_engine(url: URL, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=lambda: connect(str(url.database)),
        pool_size=pool_size,
        max_overflow=pool_size,
    )
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """A read that turns into a write fails at once when another wrote meanwhile, so writers say so first."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
