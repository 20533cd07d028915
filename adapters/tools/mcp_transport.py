"""The way to an MCP server: what `${VAR}` stands for, the streams, and what the server says on stderr."""

import asyncio
import os
import re
import shutil
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx2
from mcp import StdioServerParameters
from mcp.client._transport import TransportStreams
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from threadwork.adapters.hidden_values import HiddenValues
from threadwork.adapters.tools.mcp_auth import auth_of
from threadwork.adapters.tools.mcp_damage import mended
from threadwork.adapters.tools.mcp_exchange import ObservedClient
from threadwork.adapters.tools.mcp_secrets import VARIABLE, secrets_of
from threadwork.adapters.tools.mcp_streams import LookedAt
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.servers import ServerAuth, ServerSpec

STDERR_LINES, STDERR_LENGTH = 5, 300  # shown of a server that failed, and characters of each
STDERR_KEPT = 20_000  # characters of a line that are looked at
EVENTS_SILENCE = 24 * 3_600.0  # seconds without a sign after which a stream of events counts as lost
CONNECT = 30.0  # seconds to reach a URL; answers may take as long as the call's own time-out


class ServerProblem(ThreadworkError):
    """A tool server cannot be used. The text names it and says what to do."""


class Way:
    """A declared server with its variables filled in, and the last things heard from it."""

    def __init__(
        self,
        name: str,
        spec: ServerSpec,
        environment: Mapping[str, str],
        hidden: HiddenValues | None = None,
        logins: Path | None = None,
    ) -> None:
        """`hidden`: what is kept out of whatever is heard; without it, what this server is given. `logins`: the folder
        of what people's logins left.

        Raises `ServerProblem` naming every variable that is not set."""
        self.spec = _resolved(name, spec, environment)
        self._hidden = hidden or HiddenValues(secrets_of({name: spec}, environment))
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._by_events = self.spec.sse
        self._name, self._logins = name, logins
        self.status: int | None = None  # of the newest HTTP answer that was an error

    @asynccontextmanager
    async def streams(self, on_end: Callable[[], None]) -> AsyncIterator[TransportStreams]:
        """Connects; `on_end` is called when the server ends the conversation."""
        self.status = None
        over_http = self._events() if self._by_events else self._http()
        connect = over_http if self.spec.url else self._stdio()
        async with connect as (read, write):
            yield LookedAt(read, mended, on_end), write

    @asynccontextmanager
    async def _stdio(self) -> AsyncIterator[TransportStreams]:
        spec = self.spec
        command = _found(spec.command or "", spec.env.get("PATH"))
        target = StdioServerParameters(
            command=command, args=list(spec.args), env=spec.env, cwd=spec.cwd, encoding_error_handler="replace"
        )
        with _listening(self._hear) as errlog:
            async with stdio_client(target, errlog) as streams:
                yield streams

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[TransportStreams]:
        timeout = httpx2.Timeout(CONNECT, read=None)
        hooks = {"response": [self._note_status]}
        async with (
            ObservedClient(headers=self.spec.headers, timeout=timeout, event_hooks=hooks, auth=self._auth()) as client,
            streamable_http_client(self.spec.url or "", http_client=client) as streams,
        ):
            yield streams

    @asynccontextmanager
    async def _events(self) -> AsyncIterator[TransportStreams]:
        """The HTTP transport of 2024-11-05: a stream of events, and an address for messages."""

        def client(headers: Any = None, timeout: Any = None, auth: Any = None) -> httpx2.AsyncClient:
            return httpx2.AsyncClient(
                headers=headers, timeout=timeout, auth=auth, event_hooks={"response": [self._note_status]}
            )

        opened = sse_client(self.spec.url or "", dict(self.spec.headers), CONNECT, EVENTS_SILENCE, client, self._auth())
        async with opened as streams:
            yield streams

    def _auth(self) -> httpx2.Auth | None:
        """As it is now: somebody may have logged in since."""
        return auth_of(self._name, self.spec, self._logins)

    def falls_back(self) -> bool:
        """Whether what was answered is what a server says that knows the older transport only: it is used from now."""
        older = bool(self.spec.url) and not self._by_events and self.status in (400, 404, 405)
        self._by_events = self._by_events or older
        return older

    async def _note_status(self, response: httpx2.Response) -> None:
        if response.status_code >= 400:
            self.status = response.status_code

    def said(self) -> str:
        """The last lines on stderr; empty where there were none."""
        return " / ".join(line for line in self._stderr if line)

    def _hear(self, line: str) -> None:
        """Hidden before it is cut: half a secret is still one."""
        self._stderr.append(self._hidden(line)[:STDERR_LENGTH])


def _resolved(name: str, spec: ServerSpec, environment: Mapping[str, str]) -> ServerSpec:
    missing: dict[str, None] = {}

    def value(match: re.Match[str]) -> str:
        found = environment.get(match[1]) or match[2]
        if found is None:
            missing[match[1]] = None
            return ""
        return found

    def filled(text: str | None) -> str | None:
        return None if text is None else VARIABLE.sub(value, text)

    arguments = tuple(filled(argument) for argument in spec.args)
    texts = {field: filled(getattr(spec, field)) for field in ("command", "cwd", "url")}
    maps = {field: {key: filled(v) for key, v in getattr(spec, field).items()} for field in ("env", "headers")}
    given = spec.auth.model_dump() if spec.auth else {}
    auth = ServerAuth(**{field: filled(text) for field, text in given.items()}) if spec.auth else None
    resolved = spec.model_copy(update={**texts, **maps, "args": arguments, "auth": auth})
    if missing:
        are, them = ("are", "them") if len(missing) > 1 else ("is", "it")
        raise ServerProblem(
            f"The tool server {name} was not started: {' and '.join(missing)} {are} not set.",
            f"Set {them} where the worker runs, or remove the server from mcpServers.",
        )
    return resolved


def _found(command: str, path: str | None) -> str:
    """Commands installed beside this Python are found although its folder may not be on PATH."""
    if shutil.which(command, path=path) is None and (own := Path(sys.executable).parent / command).is_file():
        return str(own)
    return command


@contextmanager
def _listening(heard: Callable[[str], None]) -> Iterator[TextIO]:
    """A file for a child's stderr; each line is heard as it comes, so the child never waits for a reader."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    loop, rest = asyncio.get_running_loop(), bytearray()

    def listen() -> None:
        try:
            rest.extend(os.read(reader, 65_536))
        except BlockingIOError:
            return
        *lines, last = bytes(rest).split(b"\n")
        rest[:] = last[:STDERR_KEPT]
        for line in lines:
            heard(line.decode(errors="replace").strip())

    loop.add_reader(reader, listen)
    try:
        with os.fdopen(writer, "w") as file:
            yield file
    finally:
        loop.remove_reader(reader)
        listen()
        heard(bytes(rest).decode(errors="replace").strip())
        os.close(reader)
