"""What every handler works with, and how what people say is handed on and answered."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
import structlog

from threadwork.adapters.chat.background import NOT_WRITTEN, ODD, Work
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.channels import Channels
from threadwork.adapters.discord.inbound.history import History
from threadwork.adapters.discord.inbound.servers import Servers
from threadwork.adapters.discord.modals.responses import response
from threadwork.workflows.inbound import ChatReceiver, ChatViews, Inbound, Receipt, Response

STORE_RETRY_DELAYS = (
    0.5,
    1,
    2,
    4,
    8,
    *(15 for _ in range(40)),
)  # seconds between tries to write a message down: ten minutes
MAX_UNREADABLE_TRIES = 3  # tries of what cannot be read: it stays so, and its channel waits meanwhile
LOST = (Refused, aiohttp.ClientError, TimeoutError, OSError)  # what a call may end in

Make = Callable[[], Awaitable[Inbound | None]]
Known = Callable[[str], Awaitable[bool]]  # whether a message was written down, by its key

log = structlog.get_logger(__name__)


async def nothing_known(key: str) -> bool:
    return False


@dataclass(frozen=True)
class Reach:
    """Where a person is told what came of a message: by an answer to it."""

    channel: str  # or thread
    message: str = ""  # empty: it is gone
    key: str = ""  # of what is answered: two processes that both answer it are one to Discord


@dataclass(frozen=True)
class Context:
    """What a handler of Discord's deliveries is given."""

    receiver: ChatReceiver
    views: ChatViews
    rest: Rest
    work: Work
    channels: Channels
    history: History
    known: Known = nothing_known
    turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @cached_property
    def servers(self) -> Servers:
        return Servers(self.rest)

    async def handle(self, make: Make, reach: Reach, quiet: bool = False) -> None:
        """Hands a message on until it is stored: the gateway delivers it once only. What is said in one channel is
        handed on in its order; nobody there waits for what comes of it.

        `make`: None is none of ours. `quiet`: the card shows that it worked."""
        async with self.turn(reach.channel):
            receipt = await self._persistently(make)
        answer = await receipt.answer() if receipt else None
        if answer is not None and not (quiet and answer.tone == "info"):
            await self.tell(reach, answer)

    def turn(self, channel: str) -> asyncio.Lock:
        lock = self.turns.get(channel) or asyncio.Lock()
        self.turns[channel] = lock
        return lock

    async def tell(self, reach: Reach, said: Response) -> None:
        """Nobody else's eyes can be kept off an answer to a message. Never raises."""
        reply = {"message_id": reach.message, "fail_if_not_exists": False}
        once = {"nonce": hashlib.sha256(f"answer to {reach.key}".encode()).hexdigest()[:24], "enforce_nonce": True}
        body: dict[str, Any] = response(said) | (once if reach.key else {})
        body |= {"message_reference": reply} if reach.message else {}
        try:
            await self.rest.call("POST", f"/channels/{reach.channel}/messages", body)
        except LOST as error:
            log.warning("discord_person_not_told", channel=reach.channel, why=type(error).__name__)

    async def _persistently(self, make: Make) -> Receipt | None:
        odd = 0
        for delay in STORE_RETRY_DELAYS:
            try:
                inbound = await make()
                return await self.receiver.receive(inbound) if inbound is not None else None
            except Exception as error:
                log.info("discord_message_not_written", why=type(error).__name__, again_in=delay)
                odd += isinstance(error, ODD)
            if odd == MAX_UNREADABLE_TRIES:
                break
            await asyncio.sleep(delay)
        return NotStored()


class NotStored:
    """The receipt of what could not be stored: the person is told."""

    async def answer(self) -> Response:
        return Response(text=NOT_WRITTEN, tone="warning")
