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
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from threadwork.adapters.tools.mcp_exchange import Exchange
from threadwork.workflows.errors import NotHeld, Unsendable

Result = TypeVar("Result")
HELD_CALL_TTL = 24 * 3_600.0  # seconds for which people may think
END_TIMEOUT = 1.0  # seconds for a server to end a call by itself whose question nobody answers
QUESTION_GRACE = 3.0  # seconds after a call in which a question may still be meant for it
FORSAKEN = 60.0  # seconds, likewise, where the server never answered that call and may still be at it
CANCEL = ElicitResult(action="cancel")

Request = Callable[["OpenCall[Result]"], Awaitable[Result]]
_asker: ContextVar["OpenCall[Any] | None"] = ContextVar("asker", default=None)


def sendable(answers: Mapping[str, dict[str, Any]]) -> dict[str, ElicitResult]:
    """As the protocol carries them. Raises `Unsendable`."""
    try:
        made = {key: ElicitResult.model_validate(said) for key, said in answers.items()}
        for one in made.values():
            one.model_dump_json()  # what cannot be written would end the conversation
    except (ValidationError, PydanticSerializationError):
        raise Unsendable from None
    return made


class Question:
    """A request of the server that waits for an answer."""

    def __init__(self, key: str, params: ElicitRequestParams) -> None:
        self.key, self.params = key, params
        self.answer: asyncio.Future[ElicitResult] = asyncio.get_running_loop().create_future()


class OpenCall(Generic[Result]):
    """One call. Over HTTP the server's questions come on the call's own stream, and so in the context of its task."""

    def __init__(
        self, request: "Request[Result]", seen: Exchange, task_id: str, ended: Callable[[str, float], None]
    ) -> None:
        self.token, self.seen, self.task_id = secrets.token_hex(16), seen, task_id
        self._ended = ended  # told of which task, and for how many seconds a question may still be meant for it
        self.told: Callable[[str], None] = lambda _: None  # how far it is
        self.late = False  # an answer came when the server had given its question up
        self.unclear = 0  # questions that may have been asked in this call or in another one
        self._questions: dict[str, Question] = {}
        self._answered: set[str] = set()  # keys; another attempt may answer once more
        self._numbers, self._over = 0, False
        self._moved = asyncio.Event()
        self.task = asyncio.create_task(self._made(request))
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be there to see it

    async def _made(self, request: "Request[Result]") -> Result:
        _asker.set(self)
        quiet = FORSAKEN
        try:
            result = await request(self)
            quiet = QUESTION_GRACE
            return result
        except MCPError:
            quiet = QUESTION_GRACE
            raise
        finally:
            self._ended(self.task_id, quiet)
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

    def answer(self, answers: Mapping[str, ElicitResult]) -> None:
        """Each goes to the question it is for, and to no other."""
        for key, said in answers.items():
            asked = self._questions.pop(key, None)
            if self.task.done() or (asked is None and key not in self._answered):
                self.late = True
            elif asked is not None and not asked.answer.done():
                self._answered.add(key)
                asked.answer.set_result(said)

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
    """The calls of one session, which tasks share.

    Where the stream does not tell whose question it is, people are asked only if it cannot be another task's."""

    def __init__(self) -> None:
        self._open: dict[str, OpenCall[Result]] = {}
        self._limits: dict[str, asyncio.TimerHandle] = {}
        self._ending: dict[asyncio.Task[None], OpenCall[Result]] = {}
        self._quiet: dict[str, float] = {}  # loop time until which a question may be meant for a task's ended call
        self._left = asyncio.Event()
        self._one_by_one = False

    def __len__(self) -> int:
        return len(self._under_way())

    def __contains__(self, token: str) -> bool:
        return token in self._open

    def _under_way(self) -> list[OpenCall[Result]]:
        """Those that the server has not answered, whether or not people are asked."""
        return [call for call in (*self._open.values(), *self._ending.values()) if not call.task.done()]

    def _ended(self, task_id: str, quiet: float) -> None:
        loop = asyncio.get_running_loop()
        self._quiet[task_id] = max(loop.time() + quiet, self._quiet.get(task_id, 0.0))
        self._left.set()
        loop.call_later(quiet + 0.01, self._left.set)

    def _lately(self) -> set[str]:
        """Tasks for whose ended calls a question may be meant."""
        now = asyncio.get_running_loop().time()
        self._quiet = {task_id: until for task_id, until in self._quiet.items() if until > now}
        return {*self._quiet}

    def _has_room(self, task_id: str) -> bool:
        """One task at a time, and one call of it; what waits for its own people is in nobody's way."""
        calls = self._under_way()
        others = {call.task_id for call in calls} | self._lately()
        return others <= {task_id} and all(call.asks is not None for call in calls)

    async def has_room(self, limit: float, task_id: str) -> bool:
        """Waits where only one may run. False: not in so many seconds."""
        try:
            async with asyncio.timeout(limit):
                while self._one_by_one and not self._has_room(task_id):
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            return False
        return True

    def begin(self, request: "Request[Result]", seen: Exchange, task_id: str) -> OpenCall[Result]:
        call = OpenCall(request, seen, task_id, self._ended)
        self._open[call.token] = call
        return call

    def take(self, token: str) -> OpenCall[Result]:
        """One that waited for people. Raises `NotHeld`."""
        if (call := self._open.get(token)) is None:
            raise NotHeld
        if timer := self._limits.pop(token, None):
            timer.cancel()
        return call

    def answer(self, token: str, answers: Mapping[str, dict[str, Any]]) -> OpenCall[Result]:
        """The call goes on. Raises `Unsendable`, and `NotHeld`."""
        made = sendable(answers)  # before anything is taken
        call = self.take(token)
        call.answer(made)
        return call

    async def next(self, call: OpenCall[Result], limit: float) -> Result | Question:
        """As of the call; it stays open only if it asks."""
        try:
            came = await call.next(limit)
        except BaseException:
            self._open.pop(call.token, None)
            raise
        finally:
            self._left.set()
        if isinstance(came, Question):
            self._limits[call.token] = asyncio.get_running_loop().call_later(HELD_CALL_TTL, self.release, call.token)
        else:
            self._open.pop(call.token, None)
        return came

    async def asked(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """The server asks: the call is found that it asks for, or nobody is asked."""
        told = _asker.get()
        call = told or self._whose()
        if call is not None:
            return ElicitResult(action="decline") if call.task.done() else await call.ask(params)
        for call in (calls := self._under_way()):
            call.unclear += 1  # not in its words: they may be another task's
        self._one_by_one = self._one_by_one or bool(calls)
        return ElicitResult(action="decline")

    def _whose(self) -> OpenCall[Result] | None:
        """The one call that can be meant. None: it may be another task's, or that of another call which runs."""
        calls = self._under_way()
        if len({call.task_id for call in calls} | self._lately()) != 1:
            return None
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
