"""Server-sent events of one task, over as many connections as it takes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event

SILENCE = 40.0  # seconds without a word (the server says something every 15) after which the line counts as dead
NO_EVENTS = "The server answered with a page instead of the task's events."
BEHIND = "Is THREADWORK_HTTP the address of Threadwork itself? A proxy's login page looks like this."
UNREAD = "The server sent an event that this version of Threadwork cannot read."
NEWER = "Use the version of `threadwork` that runs on the server (`threadwork --version`)."
FIRST_RECONNECT_DELAY, MAX_RECONNECT_DELAY = 0.2, 5.0  # seconds before connecting again: at first, at most


class EventStream:
    """Follows a task over broken lines; no event comes twice. `line` is told True when a line is there, else False."""

    def __init__(
        self, http: httpx.AsyncClient, path: str, after: int = 0, line: Callable[[bool], None] = lambda up: None
    ) -> None:
        self._http = http
        self._path = path
        self._seq = after  # the last one that was handed on
        self._line = line
        self._delay = FIRST_RECONNECT_DELAY

    async def follow(self) -> AsyncGenerator[Event | Chunk, None]:
        """Raises `NotFound` or `Rejected` when the server will not have us; waits for one that is away."""
        while True:
            try:
                async with aclosing(self._once()) as once:
                    async for said in once:
                        yield said
            except SSEError:
                raise Rejected(NO_EVENTS, BEHIND) from None
            except httpx.HTTPError:
                self._line(False)
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, MAX_RECONNECT_DELAY)

    async def _once(self) -> AsyncGenerator[Event | Chunk, None]:
        headers = {"Last-Event-ID": str(self._seq), "Accept": "text/event-stream"}
        timeout = httpx.Timeout(10.0, read=SILENCE)
        async with self._http.stream("GET", self._path, headers=headers, timeout=timeout) as response:
            await _accepted(response)
            self._line(True)
            async with aclosing(EventSource(response).aiter_sse()) as frames:
                async for frame in frames:
                    if frame.data:  # else it comes of a comment, which keeps the line alive
                        self._delay = FIRST_RECONNECT_DELAY
                        for said in self._said(frame):
                            yield said

    def _said(self, frame: ServerSentEvent) -> Iterator[Event | Chunk]:
        try:
            yield from self._read(frame)
        except (ValueError, KeyError):
            raise Rejected(UNREAD, NEWER) from None

    def _read(self, frame: ServerSentEvent) -> Iterator[Event | Chunk]:
        if frame.event == EventType.LLM_CALL_CHUNK:
            yield _chunk(frame.data)
        elif (event := Event.model_validate_json(frame.data)).seq > self._seq:
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


def _chunk(data: str) -> Chunk:
    said = json.loads(data)
    return Chunk(task_id=said["task_id"], **said["data"])
