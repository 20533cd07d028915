"""Chromium, told over its DevTools protocol to draw pages: one process for all of them."""

import asyncio
import base64
import contextlib
import itertools
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # it sees our own pages only, and containers run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--log-level=3",  # nobody reads on once it listens
    "--remote-debugging-port=0",
)
TIMEOUT = 90  # seconds for all pages
SCALE = 2  # as on screens of today
ADDRESS = re.compile(rb"listening on (ws://\S+)")


def program() -> str | None:
    """Where the browser is; None: there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def screenshots(pages: Sequence[tuple[str, int]]) -> list[bytes]:
    """A PNG for each page (HTML, width in CSS pixels), as high as its content.

    Raises FileNotFoundError: there is no browser; TimeoutError: it is stuck."""
    return asyncio.run(_all(pages))


async def _all(pages: Sequence[tuple[str, int]]) -> list[bytes]:
    async with (
        asyncio.timeout(TIMEOUT),
        _browser() as address,
        aiohttp.ClientSession() as http,
        http.ws_connect(address, max_msg_size=0) as socket,
    ):
        tab = Tab(socket)
        await tab.open()
        return [await tab.draw(html, width) for html, width in pages]


@contextlib.asynccontextmanager
async def _browser() -> AsyncIterator[str]:
    """The address of a browser's DevTools, for as long as it is needed."""
    path = program()
    if path is None:
        raise FileNotFoundError("Chromium is not installed: `.ci/run` says which packages it wants.")
    with TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as profile:
        arguments = (*OPTIONS, f"--user-data-dir={profile}", "about:blank")
        process = await asyncio.create_subprocess_exec(path, *arguments, stdout=DEVNULL, stderr=PIPE)
        try:
            yield await _address(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if match := ADDRESS.search(line):
            return match[1].decode()
    raise RuntimeError("The browser ended before it listened.")


class Tab:
    """One page of the browser, used for all pictures."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.session = ""
        self.numbers = itertools.count(1)

    async def open(self) -> None:
        target = await self.send("Target.createTarget", url="about:blank")
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        self.frame = (await self.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]

    async def draw(self, html: str, width: int) -> bytes:
        await self.resize(width, 200)
        await self.send("Page.setDocumentContent", frameId=self.frame, html=html)
        await self.value("document.fonts.ready.then(() => 1)")
        await self.resize(width, int(await self.value("document.documentElement.scrollHeight")))
        taken = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(taken["data"])

    async def resize(self, width: int, height: int) -> None:
        measures = {"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": False}
        await self.send("Emulation.setDeviceMetricsOverride", **measures)

    async def value(self, expression: str) -> Any:
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return (await self.send("Runtime.evaluate", **asked))["result"]["value"]

    async def send(self, method: str, **params: object) -> dict[str, Any]:
        """What the browser answers; RuntimeError: it refused."""
        number = next(self.numbers)
        to = {"sessionId": self.session} if self.session else {}
        await self.socket.send_json({"id": number, "method": method, "params": params, **to})
        while (told := await self.socket.receive_json()).get("id") != number:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        return dict(told["result"])
