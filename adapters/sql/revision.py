"""How far a database was migrated."""

from pathlib import Path
from typing import NamedTuple

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import alembic_config


class Revision(NamedTuple):
    current: str | None  # None: no tables
    head: str  # what this program needs
    known: bool  # False: the database was made by a newer program


async def revision(url: str) -> Revision | None:
    """None: an SQLite file that is not there yet; it is not made. Raises what the driver raises, and `Rejected`."""
    database = Database(url)
    try:
        if database.is_sqlite and not _is_there(database):
            return None
        async with database.read() as connection:
            return await connection.run_sync(_revision)
    finally:
        await database.close()


def _is_there(database: Database) -> bool:
    return Path(str(database.url.database)).exists()


def _revision(connection: Connection) -> Revision:
    scripts = ScriptDirectory.from_config(alembic_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    return Revision(current, str(scripts.get_current_head()), current is None or current in known)
