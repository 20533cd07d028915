"""Single processes: bot, worker, and the upgrade of the database."""

import asyncio
import signal

from threadwork.bot.cli.run import tell
from threadwork.bot.settings import Settings


async def bot(settings: Settings) -> int:
    """Until a signal comes."""
    from threadwork.bot.service import run_bot

    await run_bot(settings, _told_to_stop())
    return 0


async def worker(settings: Settings) -> int:
    """Until a signal comes."""
    from threadwork.bot.worker import run_worker

    await run_worker(settings, _told_to_stop())
    return 0


async def migrate(settings: Settings) -> int:
    """Does nothing where the tables are up to date. Raises `DatabaseAway`."""
    from threadwork.bot.database import upgrade

    await upgrade(settings)
    tell("The database is up to date.")
    return 0


def _told_to_stop() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
