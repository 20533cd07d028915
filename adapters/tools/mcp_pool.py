"""The tools of MCP servers: sessions are pooled, opened when they are needed and replaced when they died."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from threadwork.adapters.hidden_values import HiddenValues
from threadwork.adapters.tools.mcp_held_calls import sendable
from threadwork.adapters.tools.mcp_noise import hush
from threadwork.adapters.tools.mcp_secrets import secrets_of
from threadwork.adapters.tools.mcp_server import Server
from threadwork.adapters.tools.mcp_session import SessionForgotten
from threadwork.adapters.tools.mcp_transport import ServerProblem, Way
from threadwork.workflows.agents import Discovery, ToolSpec
from threadwork.workflows.errors import NotHeld, Unsendable
from threadwork.workflows.files import GivenFile, LeftOut
from threadwork.workflows.models import Given, ToolOutput
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.texts import clean
from threadwork.workflows.values import PREVIEW, preview

LARGE = 100_000  # characters from which on an output is searched beside the event loop, which must not stand still
RESTART_DELAY = 2.0  # seconds before one that failed to start is tried again
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
            name: Server(partial(Way, name, spec, environment, hidden, logins), name, spec, check_after)
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
                self._servers[name].come_later(after=RESTART_DELAY)
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
        task_id: str = "",
    ) -> ToolOutput:
        """One call, all within `timeout` seconds, of which half may go into bringing the server back.

        Raises `NotHeld` and `Unsendable`; `TimeoutError`, and `ConnectionError` when the server went away in the
        middle: in both cases the tool may have run. Whatever else goes wrong is an output that says so."""
        try:
            output = await self._answer(
                tool, arguments, timeout, given, lambda far: progress(self._hidden(far)), task_id
            )
        except (TimeoutError, ConnectionError) as error:
            kind = TimeoutError if isinstance(error, TimeoutError) else ConnectionError
            raise kind(self._hidden(str(error))) from None
        except (NotHeld, Unsendable):
            raise
        except Exception as error:  # with the original one its words would go into histories and logs
            raise RuntimeError(self._hidden(f"{tool.name}: {type(error).__name__}: {error}")) from None
        if output.asked is not None:
            shown = output.asked.model_copy(update={"requests": self._hidden.inside(output.asked.requests)})
            return output.model_copy(update={"asked": shown})
        if len(output.text) < LARGE and not output.files:
            return self._hidden_in(output)
        return await asyncio.to_thread(self._hidden_in, output)

    def _hidden_in(self, output: ToolOutput) -> ToolOutput:
        left_out = [LeftOut.model_validate(self._hidden.inside(dict(one))) for one in output.left_out]
        shown = {"text": self._hidden(output.text), "files": tuple(map(self._hidden_file, output.files))}
        return output.model_copy(update=shown | {"left_out": tuple(left_out)})

    def _hidden_file(self, file: GivenFile) -> GivenFile:
        """Of what is no text the name alone: nobody can say what stands in it."""
        shown = file.model_copy(update={"name": self._hidden(file.name)})
        try:
            text = file.content.decode()
        except UnicodeDecodeError:
            return shown
        return shown.model_copy(update={"content": self._hidden(text).encode()})

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

    async def _call(
        self, tool: ToolSpec, arguments: dict[str, Any], deadline: float, given: Given | None, *more: Any
    ) -> ToolOutput:
        loop = asyncio.get_running_loop()
        if given:
            sendable(given.answers)  # wherever the call is open: a wrong answer moves nothing
        name, server = tool.name.partition(".")[2], self._server(tool.name.partition(".")[0])
        if given and given.held:
            held = server.holding(given.state or "")
            return await held.call(name, arguments, deadline - loop.time(), given, *more)
        session = await server.reached(loop.time() + (deadline - loop.time()) / 2)
        if tool.trusted and (now := await server.described(session, tool.name)) and now.worse_than(tool):
            return ToolOutput(text=CHANGED.format(tool=tool.name), is_error=True)
        return await session.call(name, arguments, deadline - loop.time(), given, *more)

    async def release(self, tool: ToolSpec, state: str) -> None:
        with suppress(NotHeld, ServerProblem):
            self._server(tool.name.partition(".")[0]).holding(state).release(state)

    async def close(self) -> None:
        """Ends every session; no process of a server is left, not even where whoever waits here is cancelled."""
        closing = asyncio.gather(*(server.close() for server in self._servers.values()))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait([closing])  # seconds: the SDK kills what does not end by itself
            raise

    def _server(self, name: str) -> "Server":
        if name in self._off:
            raise ServerProblem(f"The tool server {name} is disabled in the file that declares it.")
        if name not in self._servers:
            known = ", ".join(self._servers) or "none"
            raise ServerProblem(f"There is no tool server {name}.", f"mcpServers declares: {known}.")
        return self._servers[name]
