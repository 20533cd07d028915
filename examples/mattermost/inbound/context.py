"""What every handler works with, and how what people say is handed on and answered."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog

from examples.mattermost.me import direct_channel
from examples.mattermost.people import People
from examples.mattermost.responses import refused, words
from examples.mattermost.rest import Rest
from threadwork.adapters.chat.background import NOT_WRITTEN, ODD, Work
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews, Inbound, MessageSource, Receipt, Response

STORE_RETRY_DELAYS = (0.5, 1, 2, 4, 8, *(15 for _ in range(40)))  # seconds between tries: ten minutes
MAX_UNREADABLE_TRIES = 3  # tries of what cannot be read: it stays so, and its channel waits meanwhile

Make = Callable[[], Awaitable[Inbound | None]]
Turn = Callable[[str], Awaitable[bool]]  # whether it is this process that answers what was delivered under the key

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Context:
    """What a handler of Mattermost's deliveries is given."""

    receiver: ChatReceiver
    views: ChatViews
    rest: Rest
    people: People
    work: Work
    turn: Turn
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def handle(self, channel: str, make: Make) -> None:
        """Hands on what the websocket tells until it is stored: it tells it once only. What is said in one channel is
        handed on in its order. `make`: None is none of ours."""
        async with self._lock(channel):
            inbound, receipt = await self._persistently(make)
        answer = await receipt.answer() if receipt else None
        if inbound is not None and answer is not None and await self._is_mine(inbound.source.key):
            await self.tell(inbound.source, answer)

    async def told(self, inbound: Inbound) -> str:
        """What the person is told of what Mattermost waits for; empty: nothing. Never raises."""
        try:
            answer = await (await self.receiver.receive(inbound)).answer()
        except Exception as error:
            log.warning("mattermost_request_not_written", why=type(error).__name__)
            return refused(error)
        return words(answer) if answer else ""

    async def tell(self, source: MessageSource, said: Response) -> None:
        """Alone: only system admins may post what one person sees (`create_post_ephemeral`), so the bot writes to the
        person. Never raises."""
        try:
            place = await self._aside(source)
            once = hashlib.sha256(f"answer to {source.key}".encode()).hexdigest()
            await self.rest.call("POST", "/posts", json={**place, "message": words(said), "pending_post_id": once})
        except ThreadworkError as error:
            log.warning("mattermost_person_not_told", why=str(error))

    async def _aside(self, source: MessageSource) -> dict[str, str]:
        if source.direct:
            return {"channel_id": source.sink.channel, "root_id": source.sink.thread}
        return {"channel_id": await direct_channel(self.rest, source.by.user_id)}

    def _lock(self, channel: str) -> asyncio.Lock:
        lock = self.locks.get(channel) or asyncio.Lock()
        self.locks[channel] = lock
        return lock

    async def _is_mine(self, key: str) -> bool:
        """Told twice is better than never."""
        try:
            return await self.turn(key)
        except Exception as error:
            log.warning("mattermost_turn_unknown", why=type(error).__name__)
            return True

    async def _persistently(self, make: Make) -> tuple[Inbound | None, Receipt | None]:
        odd, inbound = 0, None
        for delay in STORE_RETRY_DELAYS:
            try:
                inbound = await make()
                return inbound, (await self.receiver.receive(inbound) if inbound is not None else None)
            except Exception as error:
                log.info("mattermost_message_not_written", why=type(error).__name__, again_in=delay)
                odd += isinstance(error, ODD)
            if odd == MAX_UNREADABLE_TRIES:
                break
            await asyncio.sleep(delay)
        return inbound, NotStored()


class NotStored:
    """The receipt of what could not be stored: the person is told."""

    async def answer(self) -> Response:
        return Response(text=NOT_WRITTEN, tone="warning")
