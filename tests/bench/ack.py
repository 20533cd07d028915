"""How long a person in Slack waits for a command to be taken in: from the fake's hand-over to the acknowledgement.

The bot is a process of its own, on SQLite, and starts what it was told at a real Temporal server meanwhile."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import HEAD, row
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack
from tests.slack_harness import Transport
from threadwork.adapters.sql.migrate import migrate
from threadwork.bot.embedded.ports_in_use import free_port

ROOT = Path(__file__).resolve().parents[2]
RATE = 50  # commands a second
COMMANDS = ("run Mind the notes", "list", "run Mind the notes", "help", "run Mind the notes")
PEOPLE, CHANNELS = ("U1", "U2", "U3"), ("C1", "C2", "C3")
WARM = 10  # commands before those that count
PROMISE = "p99 under 300 ms"


async def acknowledgements(temporal: str, folder: Path, seconds: int) -> None:
    """`temporal`: address of the server."""
    print(f"\n## A command in Slack, to its acknowledgement ({RATE} a second for {seconds} s)\n\n{HEAD}")
    with running_slack() as slack:
        for transport in ("socket", "http"):
            slack.begin()
            with bot(slack, temporal, folder / transport, transport) as port:
                await _reached(slack, transport, port)
                taken = await _commanded(slack, WARM) and await _commanded(slack, RATE * seconds)
            print(row(transport, taken, PROMISE), flush=True)


async def _commanded(slack: FakeSlack, many: int) -> list[float]:
    """Seconds of each. None may be lost."""
    began = time.monotonic()

    async def one(number: int) -> float:
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        person, channel = PEOPLE[number % 3], CHANNELS[number // 3 % 3]
        delivery = await slack.slash(person, channel, "/agent", COMMANDS[number % len(COMMANDS)])
        assert delivery.acked, delivery.attempts
        return delivery.ms / 1_000

    return await asyncio.gather(*(one(number) for number in range(many)))


async def _reached(slack: FakeSlack, transport: Transport, port: int) -> None:
    """Slack finds the bot."""
    if transport == "http":
        slack.change(request_urls=(f"http://127.0.0.1:{port}/slack/events",))
    async with asyncio.timeout(60):
        while transport == "socket" and not slack.sockets():
            await asyncio.sleep(0.1)
        while not await _listens(port):
            await asyncio.sleep(0.1)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@contextmanager
def bot(slack: FakeSlack, temporal: str, folder: Path, transport: Transport) -> Iterator[int]:
    """A bot process; gives the port it listens at, in a moment."""
    folder.mkdir()
    database, port = f"sqlite:///{folder / 'bot.db'}", free_port()
    migrate(database)
    environment = {
        "PATH": os.environ["PATH"],
        "TEMPORAL_SERVER_URL": temporal,
        "TEMPORAL_TASK_QUEUE": f"ack-{transport}",
        "DATABASE_URL": database,
        "THREADWORK_HOME": str(folder),
        "THREADWORK_HTTP": f"127.0.0.1:{port}",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        **({"SLACK_APP_TOKEN": slack.app_token} if transport == "socket" else {}),
    }
    with (folder / "bot.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "threadwork.bot", "bot"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)
