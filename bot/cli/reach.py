"""How a command reaches Threadwork: what runs already, or a stack of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

from threadwork.bot import logs
from threadwork.bot.catalog import load_catalog, without_effect
from threadwork.bot.client.api import About, ApiClient, Unreachable
from threadwork.bot.embedded.home import is_held, private
from threadwork.bot.embedded.stack import Embedded
from threadwork.bot.settings import Settings
from threadwork.bot.socket_file import answers_for, socket_file

Say = Callable[[str], None]
START_TIMEOUT = 45.0  # seconds in which a stack that holds the home is expected to answer
POLL_INTERVAL = 0.5  # seconds between two looks for it


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@asynccontextmanager
async def connected(settings: Settings, say: Say = to_stderr) -> AsyncIterator[ApiClient]:
    """What runs already, or is about to. Raises `Unreachable`."""
    client = await _found_in_time(settings, say)
    if client is None:
        raise Unreachable(
            f"Nothing answers at {settings.http_url}.", "Start Threadwork with: threadwork up (or set THREADWORK_HTTP)."
        )
    async with client:
        yield client


@asynccontextmanager
async def connected_or_started(settings: Settings, say: Say) -> AsyncIterator[tuple[ApiClient, bool]]:
    """What runs already, or (True) a stack that lasts as long as the `async with`."""
    client = await _found_in_time(settings, say)
    if client is not None:
        async with client:
            say(f"Connected to Threadwork at {client.url}.")
            yield client, False
        return
    say(f"Nothing answers at {settings.http_url}: starting Threadwork here for the time being.")
    if sentence := without_effect(load_catalog(settings)):
        say(sentence)
    async with started(settings, say) as (_, client, _about):
        yield client, True


@asynccontextmanager
async def started(settings: Settings, say: Say) -> AsyncIterator[tuple[Embedded, ApiClient, About]]:
    """The embedded stack and a client of it. `say` is told what comes up, as it does."""
    _keep_logs_off_the_screen(settings)
    stack = Embedded(settings)
    telling = asyncio.create_task(_tell(stack, say))
    try:
        async with stack:
            await _stopped(telling)
            with _address_in(settings.home, stack.settings.http_url):
                async with _nearest(stack.settings) as client:
                    yield stack, client, await client.about()
    finally:
        await _stopped(telling)


async def _found_in_time(settings: Settings, say: Say) -> ApiClient | None:
    """A stack that holds the home, but does not answer, starts or starts again: it is waited for."""
    client, until = await _found(settings), monotonic() + START_TIMEOUT
    if client is None and is_held(settings.home):
        say(f"Threadwork runs on {settings.home}, but does not answer: trying for up to {START_TIMEOUT:g} s.")
    while client is None and monotonic() < until and is_held(settings.home):
        await asyncio.sleep(POLL_INTERVAL)
        client = await _found(settings)
    return client


async def _found(settings: Settings) -> ApiClient | None:
    """The first that answers. Raises `Rejected` where it will not have us."""
    for client in _ways(settings):
        async with AsyncExitStack() as closing:
            await closing.enter_async_context(client)
            with suppress(Unreachable):
                await client.about()
                closing.pop_all()
                return client
    return None


def _ways(settings: Settings) -> Iterator[ApiClient]:
    """With the token where there is one; else by the socket of the home, and without both as anybody here."""
    if _has_socket(settings):
        yield _by_socket(settings)
    for url in _addresses(settings):
        yield ApiClient(url, _token(settings))


def _nearest(settings: Settings) -> ApiClient:
    """To a stack of ours, that has just come up."""
    return _by_socket(settings) if _has_socket(settings) else ApiClient(settings.http_url, _token(settings))


def _has_socket(settings: Settings) -> bool:
    """A bot that was named by its address is not mistaken for another one of the same home."""
    named = settings.http_url if settings.given("threadwork_http") else None
    return _token(settings) is None and answers_for(settings.home, named)


def _by_socket(settings: Settings) -> ApiClient:
    return ApiClient(settings.http_url, socket=socket_file(settings.home))


def _addresses(settings: Settings) -> list[str]:
    """Where a stack on this home said it is, which is elsewhere where the usual port was taken; else the usual."""
    if settings.given("threadwork_http"):
        return [settings.http_url]
    with suppress(OSError):
        return [_address_file(settings.home).read_text(encoding="utf-8").strip(), settings.http_url]
    return [settings.http_url]


def _address_file(home: Path) -> Path:
    return home / "run" / "address"


class _address_in:
    """Leaves word of the address in `home` for other commands, as long as the `with` lasts."""

    def __init__(self, home: Path, url: str) -> None:
        self._file, self._url = _address_file(home), url

    def __enter__(self) -> None:
        with suppress(OSError):
            private(self._file.parent)
            self._file.write_text(self._url, encoding="utf-8")

    def __exit__(self, *_: object) -> None:
        self._file.unlink(missing_ok=True)


async def _tell(stack: Embedded, say: Say) -> None:
    """The report grows while the stack comes up."""
    told = 0
    while True:
        for line in stack.report[told:]:
            say(f"  {line.name}: {line.address}" + (f" ({line.note})" if line.note else ""))
        told = len(stack.report)
        await asyncio.sleep(0.1)


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _token(settings: Settings) -> str | None:
    return settings.threadwork_api_token.get_secret_value() if settings.threadwork_api_token else None


def _keep_logs_off_the_screen(settings: Settings) -> None:
    """A child that is started again is worth a log line, not a line across the screen."""
    if sys.stdout.isatty():
        folder = settings.home / "logs"
        private(folder)
        logs.write_to((folder / "up.log").open("a", encoding="utf-8"))
