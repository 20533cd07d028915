"""Real processes around one task queue: workers that can be killed, a chat platform that can misbehave."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from sqlalchemy import func, select
from temporalio.client import Client

from tests.chat_platform.client import ChatPlatform
from tests.worker_harness import Actor, WorkerHarness
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.tables import spend
from threadwork.workflows.sinks import Sink

ROOT = Path(__file__).resolve().parents[2]


class CrashHarness:
    """A database, a queue and worker processes of its own."""

    def __init__(self, client: Client, platform: ChatPlatform, folder: Path, redis_url: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.url = f"sqlite:///{folder / 'chaos.db'}"
        migrate(self.url)
        self.database = Database(self.url)
        self.harness = WorkerHarness(client, [], store=SqlStore(self.database))
        self.platform = platform
        self.journal = folder / "journal.txt"
        self.journal.touch()
        self.channel = f"C{uuid.uuid4().hex[:8]}"
        self._redis_url = redis_url
        self._processes: list[subprocess.Popen[bytes]] = []

    def worker(self, crash_at: str | None = None, pause: float = 0.05) -> subprocess.Popen[bytes]:
        """Start a worker process; it is ready some seconds later."""
        journal = {"CHAOS_JOURNAL": str(self.journal), "CHAOS_PLATFORM": self.platform.url, "CHAOS_PAUSE": str(pause)}
        return self._spawn("tests.chaos.worker", crash_at, journal)

    def bot(self, port: int, crash_at: str | None = None) -> subprocess.Popen[bytes]:
        """Start a bot process that listens on a port of this machine; it is ready some seconds later."""
        return self._spawn("bot", crash_at, {"THREADWORK_HTTP": f"127.0.0.1:{port}"}, "bot")

    def _spawn(self, module: str, crash_at: str | None, more: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
        config = self.harness.client.config()
        environment = {
            "PATH": os.environ["PATH"],
            "PYTEST_CURRENT_TEST": "chaos",
            "TEMPORAL_SERVER_URL": config["service_client"].config.target_host,
            "TEMPORAL_TASK_QUEUE": self.harness.queue,
            "DATABASE_URL": self.url,
            "THREADWORK_HOME": str(self.folder),
            **more,
            **({"THREADWORK_CRASH_AT": crash_at} if crash_at else {}),
            **({"REDIS_URL": self._redis_url} if self._redis_url else {}),
        }
        with (self.folder / f"process-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    async def freeze(self, process: subprocess.Popen[bytes]) -> None:
        """Stop a process in its tracks, though not inside a transaction: SQLite would let nobody else write."""
        process.send_signal(signal.SIGSTOP)
        while await asyncio.to_thread(self._is_locked):
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.05)
            process.send_signal(signal.SIGSTOP)

    def _is_locked(self) -> bool:
        with closing(sqlite3.connect(self.folder / "chaos.db", timeout=1, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    async def start(self, **order: Any) -> Actor:
        return await self.harness.start("Mind the notes.", sink=Sink(platform="memory", channel=self.channel), **order)

    async def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            await asyncio.to_thread(_ended, process)
        await self.database.close()

    def writes(self) -> list[str]:
        return [line for line in self.journal.read_text().splitlines() if line.startswith("write")]

    async def _lost_reservations(self, task_id: str) -> int:
        """Tokens reserved by attempts that never told what they used."""
        lost = select(func.coalesce(func.sum(spend.c.tokens), 0))
        async with self.database.read() as connection:
            rows = await connection.execute(lost.where(spend.c.task_id == task_id, spend.c.settled.is_(False)))
            return int(rows.scalar_one())

    def log(self) -> str:
        return "".join(path.read_text()[-3_000:] for path in sorted(self.folder.glob("process-*.log")))

    async def seen(self, task: Actor) -> SimpleNamespace:
        """What a run left behind, for comparison."""
        events = await task.events()
        messages = await asyncio.to_thread(self.platform.messages, self.channel)
        answers = [e.data.get("answer") for e in events if e.type == "workflow.completed"]
        return SimpleNamespace(
            events=events,
            types=[event.type.value for event in events],
            answers=answers,
            marks=sorted((message.mark or "").split("/", 1)[1] for message in messages),
            writes=self.writes(),
            ledger=await self.harness.store.spend.total(task.task_id),
            lost=await self._lost_reservations(task.task_id),
        )


async def dies(process: subprocess.Popen[bytes], within: float = 60) -> None:
    """Wait until the process was killed by its crash point."""
    until = time.monotonic() + within
    while process.poll() is None:
        assert time.monotonic() < until, "the crash point was never reached"
        await asyncio.sleep(0.1)
    assert process.returncode == -signal.SIGKILL


async def answers(port: int) -> None:
    """Wait until a bot serves at this port."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
