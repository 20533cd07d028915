"""Through which functions of ours something goes on its way from a platform's payload to the stored row."""

import asyncio
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel
from sqlalchemy import Insert

from threadwork.workflows.tasks import Command

HERE = Path(__file__).parent.parent / "threadwork"
ROOMS = tuple(str(HERE / room) + "/" for room in ("bot", "workflows", "activities", "adapters"))
DRIVER = str(HERE / "adapters" / "sql" / "sqlite_connection.py")  # stands for a library
READS = tuple(f"bot/chat/{name}.py" for name in ("words", "exact_words", "choice"))  # words, and whose task it is
CONNECTION = "sqlalchemy/ext/asyncio/engine.py"

Chain = tuple[str, ...]


class MainLine:
    """`stored`: the functions that wait for the INSERT, from the outermost. `made`: those that are under way where the
    command is made. `passed`: every function of ours that was called before the INSERT."""

    def __init__(self) -> None:
        self.stored: Chain = ()
        self.made: Chain = ()
        self.passed: dict[str, None] = {}
        self._callers: dict[str, str] = {}
        self._waiting: WeakKeyDictionary[asyncio.Task[Any], Chain] = WeakKeyDictionary()

    @property
    def functions(self) -> list[str]:
        """Of the main line: those under way where the command is made or stored, with those that they ask to read what
        was typed and to find its task."""
        line = dict.fromkeys((*self.made, *self.stored))
        for name in self.passed:
            if name.startswith(READS) and self._callers[name] in line:
                line.setdefault(name)
        return list(line)

    @contextmanager
    def watched(self) -> Iterator["MainLine"]:
        """What happens on this loop meanwhile."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._task)
        sys.setprofile(self._happened)
        try:
            yield self
        finally:
            sys.setprofile(None)
            loop.set_task_factory(None)

    def _task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
        """Who waits for a task is known where it begins; what is no coroutine has returned by then."""
        waiting = self._chain(sys._getframe(1), waits=True)
        task = asyncio.Task(coroutine, loop=loop, **more)
        self._waiting[task] = waiting
        return task

    def _happened(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or self.stored:
            return
        code = frame.f_code
        if name := _ours(code):
            self.passed.setdefault(name)
            self._callers.setdefault(name, next(iter(self._chain(frame.f_back)[-1:]), ""))
        elif code.co_name == "__init__" and type(frame.f_locals.get("self")) is Command:
            self.made = self.made or self._chain(frame.f_back)
        elif code.co_name == "execute" and code.co_filename.endswith(CONNECTION) and _inserts(frame):
            self.stored = self._chain(frame.f_back)

    def _chain(self, frame: FrameType | None, waits: bool = False) -> Chain:
        chain: list[str] = []
        while frame:
            name = _ours(frame.f_code)
            if name and not (waits and not frame.f_code.co_flags & inspect.CO_COROUTINE):
                chain.insert(0, name)
            frame = frame.f_back
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        return (*self._waiting.get(task, ()), *chain) if task else tuple(chain)


def _ours(code: CodeType) -> str:
    """`{file}:{function}`; empty for others' functions, and for what is none: a module, a comprehension."""
    if not code.co_filename.startswith(ROOMS) or code.co_filename == DRIVER:
        return ""
    name = code.co_qualname.split(".<locals>.")[-1]
    return "" if name.startswith("<") else f"{code.co_filename.removeprefix(f'{HERE}/')}:{name}"


def _inserts(frame: FrameType) -> bool:
    statement = frame.f_locals.get("statement")
    return isinstance(statement, Insert) and getattr(statement.table, "name", "") == "intake"


assert issubclass(Command, BaseModel)  # its `__init__` is a frame that a profile sees
