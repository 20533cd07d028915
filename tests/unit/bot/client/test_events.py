"""A task's events as servers and proxies send them, down to single bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import httpx
import pytest

from threadwork.bot.client.events import EventStream
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event

# Line ends to `str.splitlines`, and to httpx; none to this format.
TEXT = "one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven"
EVENT = Event(
    task_id="t", seq=7, type=EventType.LLM_CALL_COMPLETED, at=datetime(2026, 3, 1, tzinfo=UTC), iteration=1,
    data={"text": TEXT},
)  # fmt: skip
CHUNK = json.dumps({"task_id": "t", "data": {"call_id": "c", "attempt": 1, "text": TEXT}}, ensure_ascii=False)
TOLD = f"id: 7\nevent: {EVENT.type}\ndata: {EVENT.model_dump_json()}\n\nevent: llm_call.chunk\ndata: {CHUNK}\n\n"


class Bytes(httpx.AsyncByteStream):
    def __init__(self, body: bytes, size: int) -> None:
        self._body, self._size = body, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._body), self._size):
            yield self._body[at : at + self._size]


async def first_two(text: str, size: int) -> list[Event | Chunk]:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Bytes(text.encode(), size))

    async with (
        asyncio.timeout(10),
        httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://t") as http,
        aclosing(EventStream(http, "/events").follow()) as events,
    ):
        return [await anext(events), await anext(events)]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_lines_end_where_the_format_says_and_nowhere_else(line_end: str, size: int) -> None:
    event, chunk = await first_two(TOLD.replace("\n", line_end), size)
    assert event == EVENT
    assert isinstance(chunk, Chunk)
    assert chunk.text == TEXT


@pytest.mark.parametrize(
    "before",
    [
        ": hello\n\n: still here\n\n",
        "id: 6\n\n: a comment after an id is no event\n\n",
        "event: iteration.started\n\n",
        "event: iteration.started\ndata\n\n",
        "data:\n\n",
        "retry: 100\n\n",
        "\ufeff",
        "unknown: field\n",
    ],
)
async def test_what_carries_no_data_is_no_event(before: str) -> None:
    assert (await first_two(before + TOLD, 10_000))[0] == EVENT


async def test_an_event_over_several_lines_is_one_and_a_torn_one_is_none() -> None:
    torn = TOLD.partition("\n\n")[0] + "\n"
    assert [type(said) for said in await first_two(TOLD + torn.replace('"seq":7', '"seq":8'), 5)] == [Event, Chunk]
    lines = EVENT.model_dump_json(indent=1).replace("\n", "\ndata: ")
    assert (await first_two(f"id: 7\nevent: x\ndata: {lines}\n\n{TOLD}", 3))[0] == EVENT


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("text/html", "<p>Sign in</p>", "answered with a page"),
        ("text/event-stream", "id: 7\nevent: x\ndata: {}\n\n", "cannot read"),
        ("text/event-stream", "event: llm_call.chunk\ndata: {\n\n", "cannot read"),
        ("text/event-stream", "event: llm_call.chunk\ndata: {}\n\n", "cannot read"),
    ],
)
async def test_what_is_no_stream_of_ours_ends_it_with_words_for_people(kind: str, body: str, told: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": kind}, text=body)

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://t")
    async with asyncio.timeout(10), http, aclosing(EventStream(http, "/events").follow()) as events:
        with pytest.raises(Rejected, match=told):
            await anext(events)
