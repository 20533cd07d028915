"""Single processes: bot, worker, and the upgrade of the database."""

from bot.commands_run import tell
from bot.settings import Settings


async def bot(settings: Settings) -> int:
    from bot.service import run_bot

    await run_bot(settings)
    return 0


async def worker(settings: Settings) -> int:
    from bot.worker import run_worker

    await run_worker(settings)
    return 0


async def migrate(settings: Settings) -> int:
    """Does nothing where the tables are up to date."""
    import asyncio

    from adapters.sql.migrate import migrate

    await asyncio.to_thread(migrate, settings.database)
    tell("The database is up to date.")
    return 0
