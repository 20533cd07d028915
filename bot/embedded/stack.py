"""Everything on one machine: the servers nobody gave an address for, and our own processes."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.adapters.setting_kinds import split_address
from threadwork.bot.embedded.child import Child
from threadwork.bot.embedded.home import HomeLock, end_left_over
from threadwork.bot.embedded.ports_in_use import LOOPBACK, Ports, refusal
from threadwork.bot.embedded.servers import temporal, valkey
from threadwork.bot.embedded.supervisor import Supervisor
from threadwork.bot.settings import Settings, SettingsError
from threadwork.workflows.platform_registry import PLATFORMS

TEMPORAL_PORT, TEMPORAL_UI_PORT, REDIS_PORT, HTTP_PORT = 7233, 8080, 6379, 8000

# -P: a folder called `bot` in the working directory is not us
OURS: Mapping[str, Sequence[str]] = {
    "worker": (sys.executable, "-P", "-m", "threadwork.bot", "worker"),
    "bot": (sys.executable, "-P", "-m", "threadwork.bot", "bot"),
}


class Line(NamedTuple):
    """What runs where."""

    name: str
    address: str
    note: str = ""


class Embedded:
    """The whole stack, for as long as the `async with` lasts; `settings` then has every address filled in.

    Only what was not set on purpose is started. Each process of `ours` gets those settings as its environment and
    tells that it is ready by creating the file named in THREADWORK_READY_FILE. What a killed stack left running
    in THREADWORK_HOME goes on. Raises `HomeTaken`, `SettingsError`, `ServerMissing`, `ChildFailed`, and `Stopped`
    once a signal has ended it. Enter it in the main thread."""

    def __init__(
        self, settings: Settings, ours: Mapping[str, Sequence[str]] = OURS, grace: float = 10.0, patience: float = 60.0
    ) -> None:
        self.settings = settings
        self.report: list[Line] = []
        self._ours = ours
        self._supervisor = Supervisor(settings.home, grace, patience)
        self._exits = AsyncExitStack()
        self._ports = Ports()

    async def __aenter__(self) -> Self:
        try:
            self._exits.enter_context(HomeLock(self.settings.home))
            self._exits.callback(self._ports.close)
            end_left_over(self.settings.home)
            await self._exits.enter_async_context(self._supervisor)
            await self._start()
        except BaseException as error:
            await self._exits.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.__aexit__(kind, error, trace)

    async def forever(self) -> None:
        """Wait until a signal ends the stack: the `async with` then raises `Stopped`."""
        await asyncio.Event().wait()

    async def _start(self) -> None:
        http = self._http()
        if self.settings.threadwork_public:
            _refuse_taken("THREADWORK_PUBLIC", self.settings.threadwork_public)
        moved = "" if self.settings.given("threadwork_http") else _moved(split_address(http)[1], HTTP_PORT)
        await self._supervisor.start([*self._temporal(), *self._redis()])
        self._tell("database", _public(self.settings.database), "" if self.settings.given("database_url") else "SQLite")
        self.settings = self.settings.model_copy(
            update={"threadwork_http": http, "threadwork_home": self.settings.home}
        )
        self._tell("API", f"{self.settings.http_url}/openapi.json", moved)
        environment = self.settings.as_environment()
        await self._supervisor.start([Child(name, argv, environment) for name, argv in self._ours.items()])
        if address := self.settings.threadwork_public:
            self._tell("public", f"http://{address}", "signed requests only: point your proxy here")
        self._platforms(f"http://{address}" if address else self.settings.http_url)
        self._tell("logs", str(self.settings.home / "logs"))

    def _platforms(self, served: str) -> None:
        for row in PLATFORMS:
            rules = rules_of(row.name)
            if rules.connected(self.settings) and (entrance := rules.entrance(self.settings, served)):
                self._tell(row.name, entrance)

    def _temporal(self) -> Iterator[Child]:
        settings = self.settings
        if settings.given("temporal_server_url"):
            self._tell("temporal", settings.temporal_server_url, "as set")
            return
        port, page = self._ports.usual(TEMPORAL_PORT), self._ports.usual(TEMPORAL_UI_PORT)
        address = f"{LOOPBACK}:{port}"
        self.settings = settings.model_copy(
            update={"temporal_server_url": address, "temporal_ui_url": f"http://{LOOPBACK}:{page}"}
        )
        self._tell("temporal", address, _moved(port, TEMPORAL_PORT))
        self._tell("temporal page", f"http://{LOOPBACK}:{page}", _moved(page, TEMPORAL_UI_PORT))
        yield temporal(settings.home, port, page, settings.temporal_namespace)

    def _redis(self) -> Iterator[Child]:
        if self.settings.given("redis_url"):
            self._tell("redis", _public(self.settings.redis or ""), "as set")
            return
        port = self._ports.usual(REDIS_PORT)
        child = valkey(self.settings.home, port)
        if child is None:
            self._tell(
                "redis", "none", "no server fits this machine; only live text is missing (set REDIS_URL to have it)"
            )
            return
        self.settings = self.settings.model_copy(update={"redis_url": SecretStr(f"redis://{LOOPBACK}:{port}/0")})
        self._tell("redis", f"{LOOPBACK}:{port}", _moved(port, REDIS_PORT))
        yield child

    def _http(self) -> str:
        """Where the page will be. What was set on purpose is kept to, or refused."""
        if not self.settings.given("threadwork_http"):
            return f"{LOOPBACK}:{self._ports.usual(HTTP_PORT)}"
        _refuse_taken("THREADWORK_HTTP", self.settings.threadwork_http)
        return self.settings.threadwork_http

    def _tell(self, name: str, address: str, note: str = "") -> None:
        self.report.append(Line(name, address, note))


def _refuse_taken(variable: str, address: str) -> None:
    host, port = split_address(address)
    if why := refusal(port, host):
        raise SettingsError([f"{variable}={address} cannot be used: {why}."])


def _moved(port: int, usual: int) -> str:
    return "" if port == usual else f"the usual port {usual} is taken"


def _public(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    return (
        url.replace(f"{parts.username or ''}:{parts.password}@", f"{parts.username or ''}:…@")
        if parts.password
        else url
    )
