"""A stream of messages between a server and the SDK, each looked at on its way."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
from mcp.client._transport import ReadStream
from mcp.shared.message import SessionMessage

Heard = SessionMessage | Exception


class LookedAt:
    """The same stream to whoever reads it. `look`: returns what takes a message's place."""

    def __init__(
        self, stream: ReadStream[Heard], look: Callable[[Heard], Heard], on_end: Callable[[], None] = lambda: None
    ) -> None:
        """`on_end` is called when nothing more can come, so that a server's death is noticed."""
        self._stream, self._look, self._on_end = stream, look, on_end

    @property
    def last_context(self) -> object:
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> Heard:
        try:
            return self._look(await self._stream.receive())
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            self._on_end()
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Heard:
        try:
            return self._look(await self._stream.__anext__())
        except StopAsyncIteration:
            self._on_end()
            raise

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, trace)
