"""`threadwork people`: what is stored of people, for whoever runs the place."""

from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.people_moves import Moved, SqlPeopleMoves
from threadwork.bot.cli.run import tell
from threadwork.bot.database import upgrade
from threadwork.bot.settings import Settings


async def move(settings: Settings, old: str, new: str) -> int:
    """A person's id changed. Exit code 1 where nothing was stored under the old one."""
    await upgrade(settings)
    database = Database(settings.database)
    try:
        moved = await SqlPeopleMoves(database).move(old, new)
    finally:
        await database.close()
    tell(_told(moved, old, new))
    return 0 if any(moved) else 1


def _told(moved: Moved, old: str, new: str) -> str:
    if not any(moved):
        return f"Nothing is stored under {old}. `threadwork doctor` names people whom their platform does not know."
    counts = f"{moved.tasks} tasks, {moved.accounts} linked accounts, {moved.subscriptions} notifications"
    return (
        f"Moved from {old} to {new}: {counts}.\n"
        "A running task keeps the old id until its next run. threadwork.yaml is not changed: write the new id there."
    )
