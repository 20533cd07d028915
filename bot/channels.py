"""Who may read and post in which channels, asked of the platforms; who may read holds for seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

from threadwork.activities.null_chat import NullChannels
from threadwork.activities.ports.chat import Channels
from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import ChannelKind, Sink

OPEN_TTL = 10.0  # seconds for which a channel is still taken for public, and a person for a member
CLOSED_TTL = 60.0  # seconds for which it is still taken for private: nothing leaks meanwhile
CHANNEL_TIMEOUT = 5.0  # seconds for an answer: the task's own thread waits meanwhile
UNAVAILABLE_TTL = 3.0  # seconds for which a platform that did not answer is not asked again


class AskedChannels:
    """The channels of several platforms as one. However many want to know the same at once, it is asked once."""

    def __init__(
        self, by_platform: Mapping[str, Channels], open_for: float = OPEN_TTL, closed_for: float = CLOSED_TTL
    ) -> None:
        self._by_platform = by_platform
        self._open_for, self._closed_for = open_for, closed_for
        self._known: TtlCache[tuple[str, Sink], Any] = TtlCache()
        self._asking: WeakValueDictionary[tuple[str, Sink], asyncio.Lock] = WeakValueDictionary()

    async def kind(self, sink: Sink) -> ChannelKind:
        """Raises `ChatUnavailable`."""
        place = _place(sink)
        found: ChannelKind = await self._answer("kind", place, lambda: self._of(place).kind(place))
        return found

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Raises `ChatUnavailable`."""
        place = _place(sink)
        return bool(await self._answer(f"speaks {user_id}", place, lambda: self._of(place).speaks(user_id, place)))

    async def is_only_home(self, sink: Sink) -> bool:
        """Raises `ChatUnavailable`."""
        home = Sink(platform=sink.platform, workspace=sink.workspace, channel="")
        return bool(await self._answer("only", home, lambda: self._of(home).is_only_home(home)))

    async def takes_posts(self, sink: Sink) -> bool:
        """Raises `ChatUnavailable`. Asked anew each time: who is told no lets the bot in, and tries again."""
        found = await _asked(lambda: self._of(sink).takes_posts(sink))
        return bool(_told(found))

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        """Raises `ThreadworkError`."""
        found: Sink = _told(await _asked(lambda: self._of(sink).direct(user_id, sink, greeting)))
        return found

    async def _answer(self, question: str, place: Sink, ask: Callable[[], Awaitable[Any]]) -> Any:
        """That there is none is kept too: many ask at once, and each would wait."""
        lock = self._asking.setdefault((question, place), asyncio.Lock())
        async with lock:
            known = self._known.get((question, place))
            if known is None:
                known = await _asked(ask)
                self._known.keep((question, place), known, self._seconds(known))
        return _told(known)

    def _seconds(self, answer: Any) -> float:
        if isinstance(answer, ChatUnavailable):
            return max(UNAVAILABLE_TTL, answer.retry_after or 0)
        return self._open_for if answer in ("public", True) else self._closed_for

    def _of(self, sink: Sink) -> Channels:
        return self._by_platform.get(sink.platform) or NullChannels()


async def _asked(ask: Callable[[], Awaitable[Any]]) -> Any:
    try:
        async with asyncio.timeout(CHANNEL_TIMEOUT):
            return await ask()
    except TimeoutError:
        return ChatUnavailable(f"No answer within {CHANNEL_TIMEOUT:g} s.")
    except ChatUnavailable as error:
        return error


def _told(answer: Any) -> Any:
    if isinstance(answer, ChatUnavailable):
        raise ChatUnavailable(answer.detail, answer.hint, answer.retry_after)
    return answer


def _place(sink: Sink) -> Sink:
    """Where, whatever is told there."""
    return Sink(platform=sink.platform, workspace=sink.workspace, channel=sink.channel, thread=sink.thread)
