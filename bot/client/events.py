"""Server-sent events of one task, over as many connections as it takes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import httpx

from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.events import Chunk, Event, EventType

SILENCE = 40.0  # seconds without a word (the server says something every 15) after which the line counts as dead
FIRST, MOST = 0.2, 5.0  # seconds before connecting again: at first, at most


class EventStream:
    """Follows a task over broken lines; no event comes twice. `line` is told True when a line is there, else False."""

    def __init__(
        self, http: httpx.AsyncClient, path: str, after: int = 0, line: Callable[[bool], None] = lambda up: None
    ) -> None:
        self._http = http
        self._path = path
        self._seq = after  # the last one that was handed on
        self._line = line
        self._delay = FIRST

    async def follow(self) -> AsyncGenerator[Event | Chunk, None]:
        """Raises `NotFound` or `Rejected` when the server will not have us; waits for one that is away."""
        while True:
            try:
                async with aclosing(self._once()) as once:
                    async for said in once:
                        yield said
            except httpx.HTTPError:
                self._line(False)
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, MOST)

    async def _once(self) -> AsyncGenerator[Event | Chunk, None]:
        headers = {"Last-Event-ID": str(self._seq), "Accept": "text/event-stream"}
        timeout = httpx.Timeout(10.0, read=SILENCE)
        async with self._http.stream("GET", self._path, headers=headers, timeout=timeout) as response:
            await _accepted(response)
            self._line(True)
            async for name, data in _frames(response):
                self._delay = FIRST
                if name == EventType.LLM_CALL_CHUNK:
                    yield _chunk(data)
                elif (event := Event.model_validate_json(data)).seq > self._seq:
                    self._seq = event.seq
                    yield event


async def _accepted(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        said = json.loads(await response.aread())
    except ValueError:
        said = {}
    detail, hint = str(said.get("detail") or f"The events were refused ({response.status_code})."), said.get("hint")
    if response.status_code >= 500:
        raise httpx.HTTPError(detail)  # may be better next time
    raise (NotFound if response.status_code == 404 else Rejected)(detail, str(hint or ""))


async def _frames(response: httpx.Response) -> AsyncGenerator[tuple[str, str], None]:
    """Name and data of each event. Comments, which keep the line alive, are no events."""
    name, data = "", list[str]()
    async for line in _lines(response):
        field, _, value = line.partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
        elif not line:
            if data:
                yield name, "\n".join(data)
            name, data = "", []


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Lines as this format counts them; httpx also breaks at characters that may stand in a text."""
    rest = ""
    async for text in response.aiter_text():
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield line.removesuffix("\r")


def _chunk(data: str) -> Chunk:
    said = json.loads(data)
    return Chunk(task_id=said["task_id"], **said["data"])
