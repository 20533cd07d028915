"""Two versions of the program, one after the other, on the same home and servers."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.app_harness import until_so
from tests.chaos.crash_harness import ROOT
from tests.chaos.crowd import cards
from tests.chaos.slack_crowd import SlackCrowd, mark_of
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.screen_views import Seen
from tests.slack_harness import SlackLooks
from tests.worker_harness import WorkerHarness
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.workflows.events import Event

CHANNEL = "C1"
PATIENCE = 120.0  # seconds for a process to be there, and for a card
WORKER = Path(__file__).with_name("upgrade_worker.py")
CONFIG = """
agents:
  default: {model: demo/scripted, budget: {usd: 1.0}}
  pair: {model: demo/scripted, approvals: {quorum: 2}}
  spare: {model: demo/broken, fallback_models: [demo/spare]}
  eyes: {model: demo/scripted, approvals: {four_eyes: true}}
mcpServers: {}
"""


def unpacked(commit: str, folder: Path) -> Path:
    """The code of a commit of this clone, in a folder of its own."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def has(commit: str) -> bool:
    looked = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
    )
    return looked.returncode == 0


THEN = {  # what people read now, and what they read in the older versions
    "Allow Write (notes)?": "Approve notes.write?",
    "Allow once": "Approve",
    "Allow for this task": "Approve for the rest of the task",
    "1 of 2 have allowed it": "1 of 2 have approved",
    "Add $0.50": "Add 50 %",
    "[Add $0.50]": "[Add 50 %]",
}


class UpgradeCrashHarness(SlackLooks):
    """A bot and a worker at a time. What people see is looked at in Slack: the database is the versions' own."""

    def __init__(self, client: Client, slack: FakeSlack, folder: Path, goals: Iterable[str]) -> None:
        super().__init__(slack)
        self.folder = folder
        (folder / "threadwork.yaml").write_text(CONFIG)
        self._client = client
        self._goals = tuple(goals)
        self._queue = f"upgrade-{uuid.uuid4().hex[:8]}"
        self._url = f"sqlite:///{folder / 'upgrade.db'}"
        self._processes: list[subprocess.Popen[bytes]] = []

    async def open(self, code: Path) -> None:
        """The bot and the worker of this code, as soon as Slack reaches the one and the other works."""
        self._spawn(code, "-m", "bot", "bot", name="bot")
        worker = self._spawn(code, str(WORKER), name="worker")
        async with asyncio.timeout(PATIENCE):
            await until_so(lambda: self.slack.sockets() == 1)
            await until_so(lambda: f"works with {code}" in self.log("worker"))
        assert worker.poll() is None, self.log("worker")

    async def refuses(self, code: Path) -> None:
        """A worker of this code does not begin on a database that a newer version has changed."""
        worker = self._spawn(code, str(WORKER), name="late")
        assert await asyncio.to_thread(worker.wait, 60) != 0
        assert "Can't locate revision" in self.log("late")

    async def link(self, code: Path) -> None:
        """Ann is linked, and asks for a task from elsewhere."""
        process = self._spawn(code, str(WORKER), "link", name="link")
        assert await asyncio.to_thread(process.wait, 60) == 0, self.log("link")

    async def close(self, *signals: signal.Signals) -> None:
        """End the processes, the bot by the first signal and the worker by the second."""
        for process, number in zip(self._running(), signals, strict=True):
            process.send_signal(number)
        for process in self._processes:
            await asyncio.to_thread(process.wait, 60)
        await until_so(lambda: self.slack.sockets() == 0)

    def kill(self) -> None:
        for process in self._running():
            process.kill()
            process.wait()

    def log(self, name: str) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"{name}-*.log")))

    def writes(self) -> list[str]:
        return (self.folder / "journal").read_text().splitlines()

    async def thinks(self) -> None:
        """Wait until the long thought has begun."""
        await until_so((self.folder / "thinking").exists)

    def think_no_longer(self) -> None:
        (self.folder / "go").touch()

    # --- what people see and do ---

    async def reply(self, person: str, goal: str, text: str) -> None:
        await self.slack.say(person, CHANNEL, text, thread_ts=(await self._root(goal)).ts)

    async def card(self, goal: str, *words: str) -> Seen:
        """The newest card in the task's thread that says so."""
        root = await self._root(goal)
        found: list[Seen] = []

        def look() -> bool:
            thread = self.slack.messages(CHANNEL, root.ts)
            found[:] = [seen for seen in thread if _public(seen) and all(_says(seen, word) for word in words)]
            return bool(found)

        try:
            async with asyncio.timeout(PATIENCE):
                await until_so(look)
        except TimeoutError:
            there = [seen.readable for seen in self.slack.messages(CHANNEL, root.ts)]
            raise AssertionError(f"{goal}: no card says {words}, but {there}") from None
        return found[-1]

    async def press(self, goal: str, button: str, *people: str, on: Sequence[str], times: int = 2) -> None:
        """Each presses so often at once, on the card that says all of `on`."""
        card = await self.card(goal, *on)
        for person in people:
            label = button if _says(card, button, then=False) else THEN[button]
            clicks = (self.slack.click(person, card.ts, label) for _ in range(times))
            assert all(delivery.acked for delivery in await asyncio.gather(*clicks))

    # --- what is left in the end, as the newer version reads it ---

    async def left(self, goal: str) -> tuple[dict[str, Any], list[Event]]:
        """How the task ended, and its events."""
        database = Database(self._url)
        try:
            task = WorkerHarness(self._client, [], store=SqlStore(database)).actor(await self._task_id(goal))
            return await task.result(within=120), await task.events()
        finally:
            await database.close()

    def cards(self) -> dict[str, list[str]]:
        """Those of every task, by its goal."""
        standing = [card for card in SlackCrowd(self.slack).cards() if card.channel == CHANNEL]
        return {
            self._goal(task_id): [_without_seq(card) for card in kinds] for task_id, kinds in cards(standing).items()
        }

    async def _task_id(self, goal: str) -> str:
        return mark_of(await self._root(goal)).partition("/")[0]

    def _goal(self, task_id: str) -> str:
        roots = (seen for seen in self.slack.messages(CHANNEL) if mark_of(seen) == f"{task_id}/status/0")
        return next(goal for root in roots for goal in self._goals if goal in root.readable)

    async def _root(self, goal: str) -> Seen:
        found: list[Seen] = []

        def look() -> bool:
            there = self.slack.messages(CHANNEL)
            found[:] = [seen for seen in there if _public(seen) and not seen.thread_ts and goal in seen.readable]
            return bool(found)

        try:
            async with asyncio.timeout(PATIENCE):
                await until_so(look)
        except TimeoutError:
            raise AssertionError(f"There is no task {goal}.") from None
        return found[0]

    def _running(self) -> list[subprocess.Popen[bytes]]:
        return [process for process in self._processes if process.poll() is None]

    def _spawn(self, code: Path, *words: str, name: str) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(code),
            "TEMPORAL_SERVER_URL": self._client.service_client.config.target_host,
            "TEMPORAL_TASK_QUEUE": self._queue,
            "DATABASE_URL": self._url,
            "THREADWORK_HOME": str(self.folder),
            "THREADWORK_HTTP": f"127.0.0.1:{free_port()}",
            "UPGRADE_FOLDER": str(self.folder),
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_APP_TOKEN": self.slack.app_token,
        }
        with (self.folder / f"{name}-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", *words], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process


def _without_seq(card: str) -> str:
    return re.sub(r"notice:\d+", "notice", card)


def _public(seen: Seen) -> bool:
    return seen.bot and not seen.visible_to and not seen.deleted


def _says(seen: Seen, word: str, then: bool = True) -> bool:
    """In the words of this version or, `then`, in those of the older one."""
    return word in seen.readable or (then and THEN.get(word, word) in seen.readable)
