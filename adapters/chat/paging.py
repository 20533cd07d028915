"""Reading a channel page by page, over several attempts where it takes them."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

HALVES = 100  # readings that are kept to go on with

Message = dict[str, Any]
Messages = list[Message]
Place = TypeVar("Place", bound=Hashable)
Cursor = TypeVar("Cursor")
Page = tuple[Messages, Cursor | None]  # and where the next one begins; None: it was the last


class Paging(Generic[Place, Cursor]):
    """Where a reading is stopped in the middle, by a 429 say, the next one of the same goes on from there: in a busy
    channel there may be more pages than may be read at once.

    What was posted in between may be missing: whoever is in doubt about a post looks again later anyway."""

    def __init__(self, page: Callable[[Place, Cursor], Awaitable[Page[Cursor]]]) -> None:
        self._page = page
        self._halves: dict[Place, tuple[Messages, Cursor]] = {}

    async def read(self, place: Place, start: Cursor) -> Messages:
        """All of it. Raises what a page raises."""
        messages, cursor = self._halves.pop(place, ([], start))
        try:
            while True:
                page, after = await self._page(place, cursor)
                messages = [*messages, *page]
                if after is None:
                    return messages
                cursor = after
        except BaseException:  # a time-out, too
            self._keep(place, messages, cursor)
            raise

    def _keep(self, place: Place, messages: Messages, cursor: Cursor) -> None:
        if messages:
            self._halves[place] = (messages, cursor)
        for oldest in list(self._halves)[:-HALVES]:
            del self._halves[oldest]
