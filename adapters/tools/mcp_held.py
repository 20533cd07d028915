"""Calls that a server has not answered yet, and what it asks people meanwhile (before protocol 2026-07-28).

Such a server asks by a request of its own, in the middle of the call. So the call goes on in a task of its own, which
stays while people are asked and nobody waits for it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from mcp import MCPError
from mcp_types import ElicitRequestParams, ElicitResult

from adapters.tools.mcp_exchange import Exchange
from workflows.errors import NotHeld

Result = TypeVar("Result")
HELD_CALL_TTL = 24 * 3_600.0  # seconds for which people may think
END_TIMEOUT = 1.0  # seconds for a server to end a call by itself whose question nobody answers
CANCEL = ElicitResult(action="cancel")
WHOSE = "several of its calls were running, and it does not say which of them asks; from now on they run one at a time"
NONE_RUNS = "none of its calls was running"

Request = Callable[["OpenCall[Result]"], Awaitable[Result]]
_asker: ContextVar["OpenCall[Any] | None"] = ContextVar("asker", default=None)


class Question:
    """A request of the server that waits for an answer."""

    def __init__(self, key: str, params: ElicitRequestParams) -> None:
        self.key, self.params = key, params
        self.answer: asyncio.Future[ElicitResult] = asyncio.get_running_loop().create_future()


class OpenCall(Generic[Result]):
    """One call. Over HTTP the server's questions come on the call's own stream, and so in the context of its task."""

    def __init__(self, request: "Request[Result]", seen: Exchange) -> None:
        self.token, self.seen = secrets.token_hex(16), seen
        self.told: Callable[[str], None] = lambda _: None  # how far it is
        self.late = False  # an answer came when the server had given its question up
        self._questions: dict[str, Question] = {}
        self._numbers, self._over = 0, False
        self._moved = asyncio.Event()
        self.task = asyncio.create_task(self._made(request))
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be there to see it

    async def _made(self, request: "Request[Result]") -> Result:
        _asker.set(self)
        try:
            return await request(self)
        finally:
            self._moved.set()

    @property
    def asks(self) -> Question | None:
        """What it waits for people to answer."""
        return next(iter(self._questions.values()), None)

    async def ask(self, params: ElicitRequestParams) -> ElicitResult:
        """Waits for people. Cancelled where the server does not wait any longer."""
        if self._over:
            return CANCEL
        self._numbers += 1
        asked = Question(str(self._numbers), params)
        self._questions[asked.key] = asked
        self._moved.set()
        try:
            return await asked.answer
        finally:
            self._questions.pop(asked.key, None)

    def answer(self, answers: Mapping[str, dict[str, Any]]) -> None:
        """Each goes to the question it is for, and to no other."""
        for key, said in answers.items():
            asked = self._questions.pop(key, None)
            if asked is None:
                self.late = True
            elif not asked.answer.done():
                asked.answer.set_result(ElicitResult.model_validate(said))

    async def next(self, limit: float) -> Result | Question:
        """What comes first: the result, or a question. Raises what the request raises, and `TimeoutError`; whoever
        stops waiting ends the call."""
        try:
            async with asyncio.timeout(limit):
                while not self.task.done() and self.asks is None:
                    self._moved.clear()
                    await self._moved.wait()
        except BaseException:
            self.task.cancel()
            await asyncio.wait([self.task])
            raise
        if self.task.cancelled():  # it was released meanwhile
            raise MCPError(code=0, message="Connection closed")
        return self.task.result() if self.task.done() else self.asks  # type: ignore[return-value]

    async def end(self) -> None:
        """The server is told that nobody answers; what does not end then is cancelled."""
        self._over = True
        for asked in self._questions.values():
            if not asked.answer.done():
                asked.answer.set_result(CANCEL)
        await asyncio.wait([self.task], timeout=END_TIMEOUT)
        self.task.cancel()
        await asyncio.wait([self.task])


class OpenCalls(Generic[Result]):
    """The calls of one session."""

    def __init__(self) -> None:
        self._open: dict[str, OpenCall[Result]] = {}
        self._limits: dict[str, asyncio.TimerHandle] = {}
        self._ending: dict[asyncio.Task[None], OpenCall[Result]] = {}
        self._running = 0  # waited for, that is: not the ones that wait for people
        self._left = asyncio.Event()
        self._one_by_one = False
        self.declined: list[tuple[str, str]] = []  # what nobody was asked since an answer came, and why

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, token: str) -> bool:
        return token in self._open

    async def has_room(self, limit: float) -> bool:
        """Waits where only one may run. False: not in so many seconds."""
        try:
            async with asyncio.timeout(limit):
                while self._one_by_one and self._running:
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            return False
        return True

    def begin(self, request: "Request[Result]", seen: Exchange) -> OpenCall[Result]:
        call = OpenCall(request, seen)
        self._open[call.token] = call
        return call

    def take(self, token: str) -> OpenCall[Result]:
        """One that waited for people. Raises `NotHeld`."""
        if (call := self._open.get(token)) is None:
            raise NotHeld
        if timer := self._limits.pop(token, None):
            timer.cancel()
        return call

    async def next(self, call: OpenCall[Result], limit: float) -> Result | Question:
        """As of the call; it stays open only if it asks."""
        self._running += 1
        try:
            came = await call.next(limit)
        except BaseException:
            self._open.pop(call.token, None)
            raise
        finally:
            self._running -= 1
            self._left.set()
        if isinstance(came, Question):
            self._limits[call.token] = asyncio.get_running_loop().call_later(HELD_CALL_TTL, self.release, call.token)
        else:
            self._open.pop(call.token, None)
        return came

    async def asked(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """The server asks: the call is found that it asks for, or nobody is asked."""
        call = self._whose()
        if call is not None:
            return await call.ask(params)
        self.declined.append((params.message, WHOSE if self._open else NONE_RUNS))
        self._one_by_one = self._one_by_one or bool(self._open)
        return ElicitResult(action="decline")

    def _whose(self) -> OpenCall[Result] | None:
        told = _asker.get()
        if told is not None:
            return None if told.task.done() else told
        calls = [call for call in (*self._open.values(), *self._ending.values()) if not call.task.done()]
        running = [call for call in calls if call.asks is None]
        [one] = running if len(running) == 1 else calls if len(calls) == 1 else [None]
        return one

    def release(self, token: str) -> None:
        """Nobody will answer what the server asked."""
        if token in self._open:
            call = self.take(token)
            del self._open[token]
            ending = asyncio.create_task(call.end())
            self._ending[ending] = call
            ending.add_done_callback(self._ending.pop)

    async def close(self) -> None:
        """Nobody will answer anything."""
        for token in [token for token, call in self._open.items() if call.asks is not None]:
            self.release(token)
        if self._ending:
            await asyncio.wait(self._ending)
