"""One conversation with an MCP server, in a task of its own."""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import anyio
from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp_types import (
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    Tool,
    ToolListChangedNotification,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

from threadwork.adapters.tools.mcp_exchange import Exchange, exchange, refusal
from threadwork.adapters.tools.mcp_failures import LOST, leaf, start_problem, why
from threadwork.adapters.tools.mcp_files import linked
from threadwork.adapters.tools.mcp_held_calls import HELD_CALL_TTL, OpenCall, OpenCalls, Question
from threadwork.adapters.tools.mcp_listing import ReadableList
from threadwork.adapters.tools.mcp_transport import ServerProblem, Way
from threadwork.adapters.tools.mcp_words import (
    how_far,
    pages_needed,
    question_in_call,
    question_output,
    tool_output,
    with_late,
    with_unclear,
)
from threadwork.workflows.errors import NotHeld
from threadwork.workflows.models import Given, ToolOutput
from threadwork.workflows.texts import clean

INSTRUCTIONS = 20_000  # characters
Answer = CallToolResult | InputRequiredResult
RESULT: TypeAdapter[Answer] = TypeAdapter(Answer)
BUSY = (
    "{tool} was not run: {server} asks people something and does not say in which call, so its calls run one at a "
    "time, and another one is still open: perhaps people are thinking about what it asked. Try again later."
)
MAX_LIST_PAGES = 100  # of a list of tools; one that never ends must not hold up a run
FORGOTTEN = "Session terminated"  # the server was restarted and refused the call before looking at it


class SessionForgotten(Exception):
    """The server does not know this session any more; the call did not run."""


class McpSession:
    """Opened by `start`, used from any task, ended by `close` or by the server.

    Cancel scopes must be left in the task that entered them, hence the task."""

    def __init__(self, name: str, way: Way) -> None:
        self._name, self._way = name, way
        self._opened, self._over = asyncio.Event(), asyncio.Event()
        self._client: Client | None = None
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._scope = anyio.CancelScope()
        self._readable = ReadableList()
        self._calls: OpenCalls[Answer] = OpenCalls()
        self.forgotten = False  # by the server, which is there
        self.opened_at = 0.0  # loop time; 0: not yet
        self.used_at = 0.0  # loop time of the last sign of life
        self.listed: list[Tool] | None = None  # its tools as they were listed last; None: not yet
        self._stale = asyncio.Event()  # the server said that it has other tools now
        self._listing: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        return self._over.is_set() or (self._task is not None and self._task.done())

    @property
    def in_flight(self) -> int:
        """Calls that it has not answered; with those that wait for people."""
        return len(self._calls)

    def holds(self, token: str) -> bool:
        """Whether it has a call under this token that waits for people."""
        return token in self._calls

    def release(self, token: str) -> None:
        """Nobody will answer what was asked in this call."""
        self._calls.release(token)

    def start(self) -> None:
        self._task = asyncio.create_task(self._live(), name=f"mcp {self._name}")

    async def ready(self) -> None:
        """Waits until it is open. Raises `ServerProblem`."""
        await self._opened.wait()
        if self._client is None:
            raise start_problem(self._name, self._way, self._failure)

    async def close(self) -> None:
        """Ends the conversation and waits until the server's process is gone."""
        await self._calls.close()
        self._over.set()
        if not self._opened.is_set():
            self._scope.cancel()
        if self._task is not None:
            await asyncio.wait([self._task])

    @property
    def instructions(self) -> str:
        """What the server says of how it is used, when it begins."""
        return clean(self._client.instructions or "")[:INSTRUCTIONS] if self._client else ""

    @property
    def left_out(self) -> list[str]:
        """Of the tools as they were listed last: those that cannot be read, and why."""
        return self._readable.left_out

    async def tools(self, limit: float) -> list[Tool]:
        """Every page of the list. Raises `ServerProblem`, and `SessionForgotten`."""
        found: list[Tool] = []
        self._readable.left_out = []
        cursor: str | None = None
        with exchange() as seen:
            try:
                async with asyncio.timeout(limit):
                    for _ in range(MAX_LIST_PAGES):
                        page = await self._open_client().list_tools(cursor=cursor)
                        found, cursor = found + page.tools, page.next_cursor
                        if cursor is None:
                            break
            except (MCPError, ValidationError, TimeoutError) as error:
                if seen.forgot():
                    raise self._forgotten() from None
                because = refusal(error, seen) if isinstance(error, MCPError) else why(error)
                said = f"The tool server {self._name} did not list its tools: {because.rstrip('.')}."
                raise ServerProblem(said) from None
        self.used_at, self.listed = asyncio.get_running_loop().time(), found
        return found

    async def call(
        self,
        tool: str,
        arguments: dict[str, Any],
        limit: float,
        given: Given | None = None,
        told: Callable[[str], None] = lambda _: None,
        task_id: str = "",
    ) -> ToolOutput:
        """Raises `NotHeld` where an earlier one is gone; `SessionForgotten` where it certainly did not run;
        `TimeoutError`, and `ConnectionError` when no answer came that can be read: then it may have run."""
        until = asyncio.get_running_loop().time() + limit
        if given and given.held:
            call = self._calls.answer(given.state or "", given.answers)
        elif await self._calls.has_room(limit / 2, task_id):
            answers = {"input_responses": given.answers, "request_state": given.state} if given else {}
            params = CallToolRequestParams.model_validate({"name": tool, "arguments": arguments, **answers})
            with exchange() as seen:
                call = self._calls.begin(partial(self._send, CallToolRequest(params=params), limit), seen, task_id)
        else:
            return ToolOutput(text=BUSY.format(tool=tool, server=self._name), is_error=True)
        call.told = told
        return await self._outcome(tool, call, until, limit)

    async def _send(self, request: CallToolRequest, limit: float, call: OpenCall[Answer]) -> Answer:
        async def tell(progress: float, total: float | None, message: str | None) -> None:
            call.told(how_far(progress, total, message))

        # The client's own limit is out of reach: what it says then, servers say for other reasons.
        session = self._open_client().session
        return await session.send_request(request, RESULT, limit + HELD_CALL_TTL, progress_callback=tell)

    async def _outcome(self, tool: str, call: OpenCall[Answer], until: float, limit: float) -> ToolOutput:
        """What its server says or asks next. `until`: in loop time."""
        try:
            came = await self._calls.next(call, until - asyncio.get_running_loop().time())
        except MCPError as error:
            if pages := pages_needed(error.code, error.data):
                return pages
            try:
                return with_late(self._name, self._refused(tool, error, call.seen), call.late)
            except (SessionForgotten, ConnectionError):
                if call.late:  # it had ended before anybody answered
                    raise NotHeld from None
                raise
        except (ValidationError, RuntimeError):
            raise ConnectionError(self._unreadable(tool)) from None
        except TimeoutError:
            self.used_at = 0.0  # looked at before it is used again
            raise TimeoutError(self._silent(tool, limit)) from None
        self.used_at = asyncio.get_running_loop().time()
        if isinstance(came, Question):
            return question_in_call(call.token, came.key, came.params)
        if isinstance(came, InputRequiredResult):
            return question_output(self._name, tool, came)
        output = tool_output(came, await linked(self._open_client, came, until - self.used_at))
        return with_late(self._name, with_unclear(self._name, output, call.unclear), call.late)

    def _refused(self, tool: str, error: MCPError, seen: Exchange) -> ToolOutput:
        """An error that the server reported is told to the model; one of the connection is raised."""
        self.used_at = 0.0
        if seen.forgot() or error.message.startswith(FORGOTTEN):
            raise self._forgotten() from None
        if seen.unreadable(error):
            raise ConnectionError(self._unreadable(tool)) from None
        if seen.broke or error.message.startswith(LOST):
            raise ConnectionError(f"The tool server {self._name} failed while {tool} was running.") from None
        return ToolOutput(text=f"{self._name} refused the call: {refusal(error, seen)}", is_error=True)

    def _forgotten(self) -> SessionForgotten:
        self.forgotten = True
        self._over.set()
        return SessionForgotten()

    def _unreadable(self, tool: str) -> str:
        return f"{self._name} answered {tool} with something that cannot be read."

    def _silent(self, tool: str, limit: float) -> str:
        return f"{self._name}.{tool} gave no answer within {limit:g} seconds."

    def _open_client(self) -> Client:
        if self._client is None or self.over:
            raise MCPError(code=0, message="Connection closed")
        return self._client

    async def _live(self) -> None:
        limit = self._way.spec.timeout
        try:
            with self._scope:
                self._scope.deadline = asyncio.get_running_loop().time() + limit
                try:
                    await self._talk(limit)
                except Exception:
                    if self._client is not None or not self._way.falls_back():
                        raise
                    await self._talk(limit)
            if self._scope.cancelled_caught and not self._over.is_set():
                self._failure = TimeoutError()
        except Exception as error:
            self._failure = leaf(error)
        finally:
            self._over.set()
            self._opened.set()

    async def _talk(self, limit: float) -> None:
        # A server of the older protocol may ignore the first question; half the time is left for the second.
        async with Client(
            self._readable.between(self._way.streams(self._ended)),
            cache=None,
            read_timeout_seconds=limit / 2,
            message_handler=self._heard,
            elicitation_callback=self._calls.asked,
        ) as client:
            self._scope.deadline = math.inf
            self._client, self.opened_at = client, asyncio.get_running_loop().time()
            self.used_at = self.opened_at
            self._opened.set()
            listening = asyncio.create_task(self._listen(client))
            await self._over.wait()
            listening.cancel()

    def _ended(self) -> None:
        if self._client is not None:  # what ends before is a failure to start, and may be tried in another way
            self._over.set()

    async def _heard(self, message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._list_anew()

    async def _listen(self, client: Client) -> None:
        """From 2026-07-28 on a server tells of other tools only whom it was asked by."""
        changes = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or not (changes and changes.list_changed):
            return
        with suppress(MCPError, SubscriptionLost, TimeoutError, RuntimeError):
            async with client.listen(tools_list_changed=True) as told:
                async for _ in told:
                    self._list_anew()

    def _list_anew(self) -> None:
        self._stale.set()
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._list_while_stale())

    async def _list_while_stale(self) -> None:
        with suppress(ServerProblem, SessionForgotten):
            while self._stale.is_set() and not self.over:
                self._stale.clear()
                await self.tools(self._way.spec.timeout)

    async def settled(self, limit: float) -> None:
        """Waits until a list that was announced is there."""
        if self._listing is not None:
            await asyncio.wait([self._listing], timeout=limit)
