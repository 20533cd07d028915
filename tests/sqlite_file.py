"""SQLite files with all tables: migrated once in a process, and copied from then on."""

import tempfile
from functools import cache
from pathlib import Path

from threadwork.adapters.sql.migrate import migrate


def migrated(path: Path) -> str:
    """The URL of a file with all tables; one that is there is brought up to date."""
    url = f"sqlite:///{path}"
    if path.exists():
        migrate(url)
    else:
        path.write_bytes(_template())
    return url


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()
