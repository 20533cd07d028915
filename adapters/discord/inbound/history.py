"""What was said in a channel, read at the pace that all processes share."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from threadwork.adapters.chat.one_try import DEFAULT_RETRY_AFTER
from threadwork.adapters.discord.api.buckets import buckets
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.adapters.discord.outbound.posted_messages import MESSAGES_PER_CALL
from threadwork.workflows.sinks import Bucket


class Rates(Protocol):
    """Tokens that all processes share: workers read the same histories."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """Take one token of each bucket, or of none. Returns 0, or the seconds until it is worth asking again.

        What is not `urgent` leaves a quarter of the burst for what is."""

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """The platform said 429: nobody gets a token of this bucket for so long, urgent or not."""


class Unshared:
    """There is no other process."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """Seconds to wait: none."""
        return 0.0

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


class History:
    """Reads messages of a channel, newest first, a token of the shared bucket for each page."""

    def __init__(self, rest: Rest, rates: Rates) -> None:
        self._rest, self._rates = rest, rates

    async def page(self, channel: str, before: str = "") -> list[Json]:
        """The newest first. `before`: only what is older than this message.

        Waits as long as it takes; raises `Refused` but for 429, and aiohttp's errors."""
        ours = buckets(channel, "find")
        older: dict[str, Any] = {"before": before} if before else {}
        while True:
            if wait := await self._rates.take(ours, urgent=False):
                await asyncio.sleep(wait)
                continue
            try:
                page: list[Json] = await self._rest.call(
                    "GET", f"/channels/{channel}/messages", limit=MESSAGES_PER_CALL, **older
                )
            except Refused as error:
                if error.status != 429:
                    raise
                for bucket in ours if error.everywhere else ours[:1]:
                    await self._rates.hold(bucket, error.retry_after or DEFAULT_RETRY_AFTER)
            else:
                return sorted(page, key=lambda message: int(message["id"]), reverse=True)
