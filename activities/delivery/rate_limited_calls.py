"""Calls to a chat platform, within their time and their rate."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Literal, TypeVar

from threadwork.activities.ports import ChatAdapter, Rates
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import Found, Part, Sink

CALL_TIMEOUT = 10.0  # seconds that a platform call may take; under half of a lease

Method = Literal["post", "edit", "delete", "find"]
T = TypeVar("T")


class NotYet(Exception):
    """There is no token for the call; `seconds` until it is worth asking again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class PlatformCalls:
    """Methods that take a token raise `NotYet`; all raise what the platform does."""

    def __init__(self, chat: ChatAdapter, rates: Rates) -> None:
        self._chat = chat
        self._rates = rates

    async def take_token(self, place: Sink, method: Method, urgent: bool) -> None:
        seconds = await self._rates.take(self._chat.buckets(place, method), urgent)
        if seconds > 0:
            raise NotYet(seconds)

    async def post(self, place: Sink, part: Part, mark: str) -> str:
        """Its token has been taken, and it has been written down."""
        return await self._call(place, "post", self._chat.post(place, part, mark))

    async def edit(self, place: Sink, message_id: str, part: Part, mark: str) -> None:
        """Its token has been taken, and it has been written down."""
        await self._call(place, "edit", self._chat.edit(place, message_id, part, mark))

    async def delete(self, place: Sink, message_id: str, urgent: bool) -> None:
        """Takes a token."""
        await self.take_token(place, "delete", urgent)
        await self._call(place, "delete", self._chat.delete(place, message_id))

    async def find(self, place: Sink, since: datetime) -> list[Found]:
        """Takes a token."""
        await self.take_token(place, "find", urgent=True)
        return await self._call(place, "find", self._chat.find(place, since))

    async def _call(self, place: Sink, method: Method, call: Awaitable[T]) -> T:
        """A 429 holds the buckets of everybody."""
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return await call
        except TimeoutError:
            raise ChatUnavailable(f"No answer within {CALL_TIMEOUT:g} s.") from None
        except ChatUnavailable as error:
            if error.retry_after is not None:
                buckets = self._chat.buckets(place, method)
                for bucket in buckets if error.everywhere else buckets[:1]:
                    await self._rates.hold(bucket, error.retry_after)
            raise
