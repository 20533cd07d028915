"""Connections on which nothing comes, or comes slowly, are closed; answers may take their time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar

import h11
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from threadwork.bot.api.connection_limits import BACKLOG, BOUNDS, MAX_CONNECTIONS, PatientProtocol
from threadwork.bot.serving import listening

SOON = 0.8  # seconds, where a bot has thirty
WELL_AFTER = 2.0
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Hasty(PatientProtocol):
    bounds: ClassVar[Any] = {h11.IDLE: SOON, h11.SEND_BODY: SOON}


class Crowded(PatientProtocol):
    most: ClassVar[int] = 5


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(WELL_AFTER)
    return PlainTextResponse("at last")


async def stream(request: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        for number in range(5):
            yield f"data: {number}\n\n"
            await asyncio.sleep(WELL_AFTER / 4)

    return StreamingResponse(pieces(), media_type="text/event-stream")


class Held:
    """Answers when it is told to, and knows how many wait for that."""

    def __init__(self) -> None:
        self.asked, self.answers = 0, asyncio.Event()

    async def answer(self, request: Request) -> PlainTextResponse:
        self.asked += 1
        await self.answers.wait()
        return PlainTextResponse("at last")


@asynccontextmanager
async def served(protocol: type[PatientProtocol] = Hasty, held: Held | None = None) -> AsyncIterator[tuple[str, int]]:
    """`held`: what answers at `/held`."""
    routes = [Route("/", echo, methods=["GET", "POST"]), Route("/slow", slow), Route("/stream", stream)]
    app = Starlette(routes=[*routes, Route("/held", (held or Held()).answer)])
    listener = socket.create_server(("127.0.0.1", 0))
    async with listening(app, listener, protocol):
        yield listener.getsockname()


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.close()


async def closed(reader: asyncio.StreamReader, within: float = 30.0) -> bytes:
    """What came before the other side closed."""
    said = b""
    async with asyncio.timeout(within):
        try:
            while piece := await reader.read(10_000):
                said += piece
        except ConnectionResetError:
            pass
    return said


async def trickle(writer: asyncio.StreamWriter, piece: bytes) -> None:
    try:
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(SOON / 10)
    except ConnectionError:
        pass


def test_a_bot_waits_half_a_minute_for_headers_and_a_minute_for_a_body() -> None:
    assert BOUNDS == {h11.IDLE: 30, h11.SEND_BODY: 60} == PatientProtocol.bounds


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with served() as address, connected(address) as (reader, _):
        assert await closed(reader) == b""


async def test_half_a_request_is_closed() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(GET[:-2])
        assert await closed(reader) == b""


async def test_headers_that_trickle_are_closed() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(GET[:-2])
        trickling = asyncio.create_task(trickle(writer, b"X-A: 1\r\n"))
        assert b" 200 " not in await closed(reader)
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_half_a_request_after_a_whole_one_is_closed_too() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(GET + GET[:-2])
        assert (await closed(reader)).count(b"HTTP/1.1 200") == 1


async def test_a_body_that_trickles_is_closed() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        trickling = asyncio.create_task(trickle(writer, b"x"))
        assert b" 200 " not in await closed(reader)
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_an_answer_that_takes_longer_is_waited_for() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(GET.replace(b"/ ", b"/slow ", 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert (await closed(reader)).endswith(b"at last")


async def test_an_event_stream_goes_on() -> None:
    async with served() as address, connected(address) as (reader, writer):
        writer.write(GET.replace(b"/ ", b"/stream ", 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert b"data: 4" in await closed(reader)


async def test_requests_one_after_the_other_are_answered_on_one_connection() -> None:
    async with served() as address, connected(address) as (reader, writer):
        for _ in range(10):
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n")
            await asyncio.sleep(SOON / 8)
            writer.write(b"ab")
            assert b" 200 " in await reader.readuntil(b"2 bytes")


async def test_many_who_say_nothing_keep_nobody_out() -> None:
    """Each of them has half a minute; of too many those go first that have been waited for longest."""
    async with served(Crowded) as address, AsyncExitStack() as stack, connected(address) as (streamed, asking):
        asking.write(b"GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b" 200 " in await streamed.readuntil(b"data: 0")
        silent = [await stack.enter_async_context(connected(address)) for _ in range(40)]
        async with connected(address) as (reader, writer):
            writer.write(GET)
            assert b" 200 " in await reader.readuntil(b"0 bytes")
            for gone, _ in silent[:-4]:
                assert await closed(gone) == b""
            assert not any(left.at_eof() for left, _ in silent[-3:])
        assert b"data: 4" in await closed(streamed)


async def test_where_all_are_being_answered_the_newest_is_not() -> None:
    held = Held()
    async with served(Crowded, held) as address, AsyncExitStack() as stack:
        answered = [await stack.enter_async_context(connected(address)) for _ in range(5)]
        for _, writer in answered:
            writer.write(b"GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(20):
            while held.asked < 5:
                await asyncio.sleep(0.01)
        async with connected(address) as (reader, _):
            assert await closed(reader) == b""
        held.answers.set()
        for slowly, _ in answered:
            assert b" 200 " in await slowly.readuntil(b"at last")


def test_two_crowded_listeners_leave_files_to_open() -> None:
    assert 2 * (MAX_CONNECTIONS + BACKLOG) < 1_024 - 200


async def test_strangers_requests_that_are_none_fill_no_log(capfd: Any) -> None:
    async with served() as address:
        for sent in (
            b"\x16\x03\x01\x02\x00\r\n\r\n",
            GET.replace(b"Host", b"Connection: upgrade\r\nUpgrade: websocket\r\nHost"),
        ):
            async with connected(address) as (reader, writer):
                writer.write(sent)
                await closed(reader, 10)
    assert capfd.readouterr().err == ""
