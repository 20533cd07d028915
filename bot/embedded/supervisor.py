"""Starts children, starts them again when they crash, and leaves none behind."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from threadwork.bot.embedded.child import Child, ChildFailed, Running
from threadwork.workflows.errors import ThreadworkError

BACKOFF = (0.5, 10.0)  # seconds before a crashed child is started again: at first, at most
STEADY = 10.0  # seconds after which a crash is a new one, not the last one again
POLITE = tuple(number for number in signal.Signals if number.name in ("SIGINT", "SIGTERM", "SIGHUP"))

log = structlog.get_logger()


class Stopped(ThreadworkError):
    """A person or the system told us to end; all children have ended."""


class Supervisor:
    """Children of this process, for as long as the `async with` lasts.

    A first Ctrl-C, SIGTERM or SIGHUP cancels the task inside, wherever it stands; once the children are
    stopped, last started first, `Stopped` is raised in its place. A second one ends them at once."""

    def __init__(self, home: Path, grace: float = 10.0, patience: float = 60.0) -> None:
        self._home = home
        self._grace = grace  # seconds a child has to end by itself
        self._patience = patience  # seconds a child has to come up
        self._running: list[Running] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._signal: signal.Signals | None = None
        self._stopping = False
        self._caught: list[signal.Signals] = []

    async def __aenter__(self) -> Self:
        owner = asyncio.current_task()
        for number in POLITE:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup, a job in the background: whoever started us wants us to stay
            try:
                asyncio.get_running_loop().add_signal_handler(number, self._told, number, owner)
            except (ValueError, RuntimeError):
                break  # not the main thread: signals are somebody else's
            self._caught.append(number)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        finally:
            for running in self._running:
                running.kill()
            for number in self._caught:
                asyncio.get_running_loop().remove_signal_handler(number)
        if self._signal and isinstance(error, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            raise Stopped(f"Stopped by {self._signal.name}.") from None

    async def start(self, children: Sequence[Child]) -> None:
        """Start children side by side and wait until each is ready; later they are kept running.

        Raises `ChildFailed` when one ends before it is ready, or is not ready in time."""
        fresh = [Running(child, self._home) for child in children]
        self._running += fresh
        try:
            async with asyncio.TaskGroup() as group:
                for running in fresh:
                    group.create_task(self._up(running))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        self._keepers += [asyncio.create_task(self._keep(running)) for running in fresh]

    async def stop(self) -> None:
        """Stop all children, last started first."""
        self._stopping = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for running in reversed(self._running):
            await running.stop(self._grace)

    async def _up(self, running: Running) -> None:
        """Start a child and wait until it is ready."""
        process, deadline = await running.spawn(), monotonic() + self._patience
        while monotonic() < deadline:
            if process.returncode is not None:
                raise _complaint(running, f"ended at once ({_ending(process.returncode)})")
            if await running.is_ready():
                return
            await asyncio.sleep(0.05)
        raise _complaint(running, f"was not ready after {self._patience:g} s")

    async def _keep(self, running: Running) -> None:
        """Start a child again whenever it ends."""
        first, most = BACKOFF
        delay, since = first, monotonic()
        while True:
            code = await running.process.wait() if running.process else 0
            delay = first if monotonic() - since > STEADY else delay
            log.warning("child ended", name=running.child.name, how=_ending(code), again_in=delay)
            running.kill()
            await asyncio.sleep(delay)
            delay, since = min(delay * 2, most), monotonic()
            try:
                await running.spawn()
            except OSError as error:  # no memory, no disk: may be better next time
                log.warning("child cannot be started", name=running.child.name, why=str(error))

    def _told(self, number: signal.Signals, owner: "asyncio.Task[object] | None") -> None:
        if self._signal is None and not self._stopping:
            self._signal = number
            if owner is not None:
                owner.cancel()
            return
        for running in self._running:
            running.kill()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"


def _complaint(running: Running, what: str) -> ChildFailed:
    lines = running.last_lines()
    end = f"Its last words ({running.log}):\n{lines}" if lines else f"It left no word in {running.log}."
    return ChildFailed(f"The {running.child.name} process {what}.", end)
