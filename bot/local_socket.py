"""`THREADWORK_HOME/api.sock`: the API for whoever may open it, which is the user the bot runs as, and root.

One bot of a home has it at a time, under a lock that goes with the process however it ends; another takes it over
within seconds of that. So a live bot's is never stolen, and a dead one's never in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from starlette.types import ASGIApp

from threadwork.bot.api.guard import through_socket
from threadwork.bot.serving import listening
from threadwork.bot.socket_file import Claim

RETRY_INTERVAL = 5.0  # seconds before a bot looks again whether the socket is to be had

log = structlog.get_logger(__name__)


@asynccontextmanager
async def local_socket(app: ASGIApp, home: Path, url: str, again: float = RETRY_INTERVAL) -> AsyncIterator[None]:
    """Serve `app` on the home's socket, as soon as it is free, for as long as the block lasts.

    `url`: where the same bot is reached over HTTP. Where no socket can be made the bot goes on without."""
    free = asyncio.Event()
    task = asyncio.create_task(_serve(app, home, url, again, free))
    await free.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _serve(app: ASGIApp, home: Path, url: str, again: float, looked: asyncio.Event) -> None:
    try:
        while True:
            with Claim(home, url) as claim:
                if claim.listener:
                    async with listening(through_socket(app), claim.listener):
                        looked.set()
                        await asyncio.Event().wait()
            looked.set()
            await asyncio.sleep(again)
    except (ImportError, OSError) as error:
        log.info("no_local_socket", home=str(home), why=str(error), hint="The command line uses THREADWORK_HTTP.")
    finally:
        looked.set()
