"""The tools of MCP servers: sessions are pooled, opened when they are needed and replaced when they died."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from mcp_types import Tool

from adapters.hidden_values import HiddenValues
from adapters.tools.mcp_noise import hush
from adapters.tools.mcp_secrets import secrets_of
from adapters.tools.mcp_session import McpSession, SessionForgotten
from adapters.tools.mcp_transport import ServerProblem, Way
from adapters.tools.mcp_words import tool_spec
from workflows.agents import Discovery, ToolSpec
from workflows.models import Given, ToolOutput
from workflows.servers import ServerSpec
from workflows.texts import clean, cleaned
from workflows.values import PREVIEW, digest, preview

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between attempts to start a server, doubling; the second comes at once
SETTLED = 10.0  # seconds after which a server counts as having come up for good
LARGE = 100_000  # characters from which on an output is searched beside the event loop, which must not stand still
PAUSE = 2.0  # seconds before one that failed to start is tried again
LATE = 600.0  # seconds for which a server that was not there when it was looked for is tried
AGAIN = 0.5  # seconds a run waits for one that others waited for before
MOMENT = 2.0  # seconds for a list of tools that a server announced
CHECK_LIMIT = 5.0  # seconds a check may take
CHANGED = (
    "{tool} was not run: its server now calls it more dangerous than before, and nobody approved that. If you still "
    "need it, call it again: a person is then asked, unless the policy allows it."
)


class McpToolBox:
    """Satisfies the port `ToolBox`. Whatever leaves it has marks where values stood that nobody is to read.

    `environment` alone is where `${VAR}` is looked up. `patience` is how many seconds a run waits for a server
    that is starting; `check_after`, after how many idle seconds a session is looked at before it is used;
        `logins`, the folder of what people's logins left."""

    def __init__(
        self,
        servers: Mapping[str, ServerSpec],
        environment: Mapping[str, str],
        *,
        patience: float = 20.0,
        check_after: float = 15.0,
        logins: Path | None = None,
        off: Collection[str] = (),
    ) -> None:
        self._hidden = hidden = HiddenValues(secrets_of(servers, environment))
        self._servers = {
            name: _Server(partial(Way, name, spec, environment, hidden, logins), name, spec, check_after)
            for name, spec in servers.items()
        }
        self._patience, self._off = patience, frozenset(off)
        hush()

    async def discover(self, servers: Sequence[str] | None) -> Discovery:
        """All servers at once, each within its time; the tools in the order of the servers."""
        names = tuple(self._servers) if servers is None else tuple(dict.fromkeys(servers))
        found = await asyncio.gather(*(self._discover(name) for name in names))
        tools = [tool for answer in found for tool in answer.tools]
        problems = [problem for answer in found for problem in answer.problems]
        listed = {name: known for name in names if (known := await self._known(name)) is not None}
        told = [tool for tool in tools if self._hidden(tool.name) != tool.name]
        problems += [f"{tool.name} was left out: its name holds a secret value." for tool in told]
        shown = tuple(self._shown(tool) for tool in tools if tool not in told)
        said = {server: self._hidden(text) for answer in found for server, text in answer.instructions.items()}
        return Discovery(tools=shown, problems=tuple(map(self._hidden, problems)), instructions=said, listed=listed)

    async def changed(self, servers: Sequence[str] | None, listed: Mapping[str, str]) -> bool:
        """A server that is not open here tells nothing; a list that was announced is waited for a moment."""
        names = tuple(self._servers) if servers is None else servers
        known = {name: await self._known(name) for name in names}
        return any(now is not None and now != listed.get(name) for name, now in known.items())

    async def _known(self, name: str) -> str | None:
        return await self._servers[name].known() if name in self._servers else None

    def _shown(self, tool: ToolSpec) -> ToolSpec:
        described, schema = self._hidden(tool.description), self._hidden.inside(tool.input_schema)
        return tool.model_copy(update={"description": described, "input_schema": schema})

    async def _discover(self, name: str) -> Discovery:
        patience = 0.0
        try:
            server = self._server(name)
            patience = server.patience(self._patience)
            async with asyncio.timeout(patience):
                return await server.listed()
        except ServerProblem as problem:
            if name in self._servers and problem.hint:
                self._servers[name].come_later(after=PAUSE)
            why = preview(clean(str(problem)), PREVIEW)
        except TimeoutError:
            self._servers[name].come_later()
            why = f"The tool server {name} did not answer within {patience:g} seconds; its tools come when it is ready."
        return Discovery(problems=(why,))

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> ToolOutput:
        """One call, all within `timeout` seconds, of which half may go into bringing the server back.

        Raises `TimeoutError`, and `ConnectionError` when the server went away in the middle: in both cases the
        tool may have run. Whatever else goes wrong is an output that says so."""
        try:
            output = await self._answer(tool, arguments, timeout, given, lambda far: progress(self._hidden(far)))
        except (TimeoutError, ConnectionError) as error:
            kind = TimeoutError if isinstance(error, TimeoutError) else ConnectionError
            raise kind(self._hidden(str(error))) from None
        except Exception as error:  # with the original one its words would go into histories and logs
            raise RuntimeError(self._hidden(f"{tool.name}: {type(error).__name__}: {error}")) from None
        if output.asked is not None:
            shown = output.asked.model_copy(update={"requests": self._hidden.inside(output.asked.requests)})
            return output.model_copy(update={"asked": shown})
        if len(output.text) < LARGE:
            return output.model_copy(update={"text": self._hidden(output.text)})
        return output.model_copy(update={"text": await asyncio.to_thread(self._hidden, output.text)})

    async def _answer(self, tool: ToolSpec, arguments: dict[str, Any], timeout: float, *more: Any) -> ToolOutput:
        server, _, name = tool.name.partition(".")
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            for _ in range(2):  # a server that forgot the session did not run the call: once more in a new one
                with suppress(SessionForgotten):
                    return await self._call(tool, arguments, deadline, *more)
            problem = ServerProblem(f"The tool server {server} ends every session at once.")
        except ServerProblem as raised:
            problem = raised
        return ToolOutput(text=f"{problem} {name} was not run.", is_error=True)

    async def _call(self, tool: ToolSpec, arguments: dict[str, Any], deadline: float, *more: Any) -> ToolOutput:
        loop = asyncio.get_running_loop()
        name, server = tool.name.partition(".")[2], self._server(tool.name.partition(".")[0])
        session = await server.reached(loop.time() + (deadline - loop.time()) / 2)
        if tool.trusted and (now := await server.described(session, tool.name)) and now.worse_than(tool):
            return ToolOutput(text=CHANGED.format(tool=tool.name), is_error=True)
        return await session.call(name, arguments, deadline - loop.time(), *more)

    async def close(self) -> None:
        """Ends every session; no process of a server is left."""
        await asyncio.gather(*(server.close() for server in self._servers.values()))

    def _server(self, name: str) -> "_Server":
        if name in self._off:
            raise ServerProblem(f"The tool server {name} is disabled in the file that declares it.")
        if name not in self._servers:
            known = ", ".join(self._servers) or "none"
            raise ServerProblem(f"There is no tool server {name}.", f"mcpServers declares: {known}.")
        return self._servers[name]


class _Server:
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
            return AGAIN
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
        await session.settled(MOMENT)
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
