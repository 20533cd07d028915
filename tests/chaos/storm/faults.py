"""What goes wrong, drawn by the seed: kills, frozen processes, cut connections, lost answers, a locked database."""

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from typing import Any

from tests.chaos.storm.model import StormModel
from tests.chaos.storm.processes import OURS, Processes
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.openai_server import Fault as ModelFault

EVERY = 4.0  # seconds between two faults, on average
SLACK: tuple[dict[str, Any], ...] = (
    {"kind": "lose_answer", "every": 2},
    {"kind": "server_error", "every": 2},
    {"kind": "server_error_after", "every": 3},
    {"kind": "stall", "seconds": 13, "every": 3},  # lands after the caller has given it up
    {"kind": "stall_after", "seconds": 5, "every": 2},
    {"kind": "rate_limited", "every": 2, "retry_after": 2},
    {"kind": "cut", "every": 2},
)
MODEL: tuple[ModelFault, ...] = ("server_error", "unavailable", "rate_limit", "cut", "hang", "stall")


class Weather:
    """Faults for as long as it storms; one at a time for each that they strike."""

    def __init__(self, seed: int, processes: Processes, slack: FakeSlack, model: StormModel) -> None:
        self._draw = random.Random(seed)
        self._processes, self._slack, self._model = processes, slack, model
        self._struck: set[str] = set()
        self.faults: Counter[str] = Counter()
        self._log = processes.folder / "faults.log"
        self._table: tuple[tuple[int, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            (5, self._kill),
            (5, self._freeze),
            (1, self._kill_everything),
            (3, self._lock),
            (6, self._slack_misbehaves),
            (2, self._cut),
            (4, self._model_misbehaves),
        )

    async def storm(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        weights = [weight for weight, _ in self._table]
        async with asyncio.TaskGroup() as faults:
            while time.monotonic() < until:
                ((_, fault),) = self._draw.choices(self._table, weights)
                faults.create_task(fault())
                await asyncio.sleep(self._draw.expovariate(1 / EVERY))
        await self.calm()

    async def calm(self) -> None:
        self._model.fault = None
        await asyncio.to_thread(self._slack.faults)
        for name in await self._processes.heal():
            self._note(f"{name} had ended by itself", "ended by itself")

    def _note(self, what: str, kind: str) -> None:
        self.faults[kind] += 1
        with self._log.open("a") as log:
            log.write(f"{time.time():.3f} {what}\n")

    def _strikes(self, *names: str) -> bool:
        """False: it is struck already."""
        if self._struck & set(names):
            return False
        self._struck |= set(names)
        return True

    async def _kill(self) -> None:
        name, pause = self._draw.choice((*OURS, *OURS, "valkey", "temporal")), self._draw.uniform(0.2, 3)
        if name in self._processes.names and self._strikes(name):
            await self._killed(pause, name)

    async def _kill_everything(self) -> None:
        names, pause = self._processes.names, self._draw.uniform(0.2, 3)
        if self._strikes(*names):
            await self._killed(pause, *names)

    async def _killed(self, pause: float, *names: str) -> None:
        self._note(f"kill {', '.join(names)}, {pause:.1f} s", f"kill {names[0]}" if len(names) == 1 else "kill all")
        try:
            await asyncio.gather(*(self._processes.kill(name) for name in names))
            await asyncio.sleep(pause)
            for name in names:
                await self._processes.start(name)
        finally:
            self._struck -= set(names)

    async def _freeze(self) -> None:
        name, seconds = self._draw.choice((*OURS, *OURS, "valkey", "temporal")), self._draw.uniform(1, 20)
        if name not in self._processes.names or not self._strikes(name):
            return
        self._note(f"freeze {name}, {seconds:.1f} s", f"freeze {name}")
        try:
            self._processes.send(name, signal.SIGSTOP)
            await asyncio.sleep(seconds)
            self._processes.send(name, signal.SIGCONT)
        finally:
            self._struck.discard(name)

    async def _lock(self) -> None:
        kind, seconds = self._draw.choice(("EXCLUSIVE", "IMMEDIATE")), self._draw.uniform(1, 12)
        if self._strikes("database"):
            self._note(f"lock {kind}, {seconds:.1f} s", f"lock {kind.lower()}")
            await asyncio.to_thread(self._locked, kind, seconds)
            self._struck.discard("database")

    def _locked(self, kind: str, seconds: float) -> None:
        path = self._processes.database
        connecting = closing(sqlite3.connect(path, timeout=10, isolation_level=None))
        with connecting as connection, suppress(sqlite3.OperationalError):  # whoever is frozen holds it: locked enough
            connection.execute(f"BEGIN {kind}")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    async def _slack_misbehaves(self) -> None:
        fault, seconds = self._draw.choice(SLACK), self._draw.uniform(3, 10)
        if self._strikes("slack"):
            self._note(f"slack {fault}, {seconds:.1f} s", f"slack {fault['kind']}")
            await asyncio.to_thread(self._slack.faults, Fault(**fault))
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self._slack.faults)
            self._struck.discard("slack")

    async def _cut(self) -> None:
        self._note("cut sockets", "slack sockets cut")
        await asyncio.to_thread(self._slack.cut_sockets)

    async def _model_misbehaves(self) -> None:
        fault, seconds = self._draw.choice(MODEL), self._draw.uniform(3, 10)
        if self._strikes("model"):
            self._note(f"model {fault}, {seconds:.1f} s", f"model {fault}")
            self._model.fault = fault
            await asyncio.sleep(seconds)
            self._model.fault = None
            self._struck.discard("model")
