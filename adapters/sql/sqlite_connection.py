"""A connection to SQLite that crosses to its thread once per statement, and not at all once it may write.

The driver crosses four times (make a cursor, execute, fetch, close), which costs more than the
statements themselves do. Who has begun to write waits for no other process until the commit, and the
next writer waits for all of it: so the statements between run where they are."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import aiosqlite

BUSY_TIMEOUT = 10.0  # seconds that a writer waits for another process


async def connect(path: str) -> aiosqlite.Connection:
    """Open a file in WAL mode, with foreign keys, leaving transactions to the caller."""
    connection = _Connection(partial(_open, path), iter_chunk_size=64)
    connection._thread.daemon = True  # a program that ends does not wait for it
    return await connection


def _open(path: str) -> sqlite3.Connection:
    """The driver's own BEGIN comes too late and is always deferred, hence no isolation level."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Changing the mode does not wait for others as statements do."""
    until = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


class _Connection(aiosqlite.Connection):
    writing = False  # between BEGIN IMMEDIATE and the end of that transaction
    unsure = False  # a statement was given up while it ran: a transaction may be open, whatever SQLite says now

    async def rollback(self) -> None:
        """Asked for whenever the pool gets the connection back, and seldom needed."""
        if self.unsure or self.in_transaction:
            await super().rollback()
            self.unsure = False

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)


class _Cursor:
    """What SQLAlchemy asks of a driver's cursor; rows are fetched as soon as a statement has run."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> "_Cursor":
        if statement.startswith("BEGIN"):
            self._connection.writing = statement == "BEGIN IMMEDIATE"
        return await self._run(lambda cursor: cursor.execute(statement, tuple(parameters)))

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> "_Cursor":
        return await self._run(lambda cursor: cursor.executemany(statement, [tuple(row) for row in parameters]))

    async def _run(self, execute: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> "_Cursor":
        if self._connection.writing and self._connection.in_transaction:
            self._run_here(execute)
            return self
        self._connection.unsure = True
        await self._connection._execute(self._run_here, execute)  # type: ignore[no-untyped-call]
        self._connection.unsure = False
        return self

    def _run_here(self, execute: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> None:
        cursor = execute(self._connection._conn.cursor())
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        self._rows = cursor.fetchall() if cursor.description else []
        cursor.close()

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []
