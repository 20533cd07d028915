"""A declared MCP server and its session: opened when it is needed, and replaced when it died."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from mcp_types import Tool

from threadwork.adapters.tools.mcp_session import McpSession, SessionForgotten
from threadwork.adapters.tools.mcp_transport import ServerProblem, Way
from threadwork.adapters.tools.mcp_words import tool_spec
from threadwork.workflows.agents import Discovery, ToolSpec
from threadwork.workflows.errors import NotHeld
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.texts import clean, cleaned
from threadwork.workflows.values import digest

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between attempts to start a server, doubling; the second comes at once
SETTLED = 10.0  # seconds after which a server counts as having come up for good
LATE = 600.0  # seconds for which a server that was not there when it was looked for is tried
SHORT_START_TIMEOUT = 0.5  # seconds a run waits for one that others waited for before
LIST_TIMEOUT = 2.0  # seconds for a list of tools that a server announced
CHECK_LIMIT = 5.0  # seconds a check may take


class Server:
    """A declared server and its session, if it has one."""

    def __init__(self, way: Callable[[], Way], name: str, spec: ServerSpec, check_after: float) -> None:
        self._way, self._name, self._spec, self._check_after = way, name, spec, check_after
        self._lock = asyncio.Lock()
        self._session: McpSession | None = None
        self._failures = 0
        self._not_before = 0.0
        self._problem: ServerProblem | None = None
        self._closed = False
        self._late: asyncio.Task[None] | None = None

    def patience(self, usual: float) -> float:
        """Seconds a run waits for it: as long as it may take to start where that is said; once, as it joins later."""
        if self._late is not None and not self._late.done():
            return SHORT_START_TIMEOUT
        return self._spec.timeout + CHECK_LIMIT if "timeout" in self._spec.model_fields_set else usual

    def come_later(self, after: float = 0.0) -> None:
        """Go on trying for a while, so that a run can take its tools in when it is there."""
        if not self._closed and (self._late is None or self._late.done()):
            self._late = asyncio.create_task(self._come_later(after))

    async def _come_later(self, after: float) -> None:
        await asyncio.sleep(after)
        with suppress(ServerProblem, SessionForgotten):
            session = await self.reached(asyncio.get_running_loop().time() + LATE)
            await session.tools(self._spec.timeout)

    async def known(self) -> str | None:
        """A digest of the tools it listed last. None: it is not open, or did not list them yet."""
        session = self._session
        if session is None or session.over:
            return None
        await session.settled(LIST_TIMEOUT)
        listed = sorted((tool.model_dump(mode="json") for tool in session.listed or ()), key=lambda tool: tool["name"])
        return None if session.listed is None else digest(cleaned(listed))

    async def listed(self) -> Discovery:
        """Its tools, why some were left out, and what it says of them. Raises `ServerProblem`."""
        for _ in range(2):  # a session that the server forgot is replaced
            session = await self._open()
            with suppress(SessionForgotten):
                tools = await session.tools(self._spec.timeout)
                return Discovery(
                    tools=tuple(self._specs(tools)),
                    problems=tuple(clean(f"{self._name}.{problem}") for problem in session.left_out),
                    instructions={self._name: said} if (said := session.instructions) else {},
                )
        raise ServerProblem(f"The tool server {self._name} ends every session at once.")

    def _specs(self, listed: Sequence[Tool]) -> list[ToolSpec]:
        return [tool_spec(self._name, tool, self._spec.trust_annotations) for tool in listed]

    async def described(self, session: McpSession, name: str) -> ToolSpec | None:
        """A tool as this session lists it: the server may have been restarted with another. Raises `ServerProblem`."""
        listed = session.listed if session.listed is not None else await session.tools(CHECK_LIMIT)
        return next((tool for tool in self._specs(listed) if tool.name == name), None)

    def holding(self, token: str) -> McpSession:
        """The session with a call that waits for people. Raises `NotHeld`."""
        if self._session is None or not self._session.holds(token):
            raise NotHeld
        return self._session

    async def reached(self, until: float) -> McpSession:
        """An open session; starting it is tried again until then, in loop time. Raises `ServerProblem`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(until):
                while True:
                    try:
                        return await self._open()
                    except ServerProblem as problem:
                        if self._closed or not self._failures or self._not_before >= until:
                            raise problem
                    await asyncio.sleep(max(0.0, self._not_before - loop.time()))
        except TimeoutError:
            raise self._problem or ServerProblem(f"The tool server {self._name} is still starting.") from None

    async def close(self) -> None:
        self._closed = True
        if self._late is not None:
            self._late.cancel()
            await asyncio.wait([self._late])
        if self._session is not None:
            await self._session.close()

    async def _open(self) -> McpSession:
        """One at a time: whoever comes meanwhile waits for the same session."""
        async with self._lock:
            if self._session is None or self._session.over or not await self._healthy(self._session):
                await self._replace()
            assert self._session is not None
            try:
                await self._session.ready()
            except ServerProblem as problem:
                self._failed(problem)
                raise
            return self._session

    async def _healthy(self, session: McpSession) -> bool:
        idle = asyncio.get_running_loop().time() - session.used_at
        if session.in_flight or not session.opened_at or idle < self._check_after:
            return True
        try:
            await session.tools(CHECK_LIMIT)
        except (ServerProblem, SessionForgotten):
            return False
        return True

    async def _replace(self) -> None:
        """Raises the last `ServerProblem` while it is too early for another attempt."""
        loop = asyncio.get_running_loop()
        if self._closed:
            raise ServerProblem(f"The tool server {self._name} was closed.")
        if self._session is not None:
            self._lost(self._session)
            await self._session.close()
            self._session = None
        if self._problem is not None and loop.time() < self._not_before:
            raise self._problem
        self._session = McpSession(self._name, self._way())
        self._session.start()

    def _lost(self, session: McpSession) -> None:
        lived = asyncio.get_running_loop().time() - session.opened_at
        if session.opened_at and lived >= SETTLED:
            self._failures, self._problem = 0, None
        elif session.opened_at and not session.forgotten:
            self._failed(ServerProblem(f"The tool server {self._name} ended {lived:.0f} seconds after it had started."))

    def _failed(self, problem: ServerProblem) -> None:
        wait = min(FIRST_WAIT * 2 ** (self._failures - 1), LONGEST_WAIT) if self._failures else 0.0
        self._failures += 1
        self._not_before = asyncio.get_running_loop().time() + wait
        self._problem = problem
