"""The newest state of every task, shown beside its cards, which it neither delays nor fails."""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from threadwork.workflows.values import Status

PACE = 10.0  # seconds between two changes in one place, unless the task has ended
MAX_PLACES = 5_000  # places whose state is remembered

Place = TypeVar("Place", bound=Hashable)


class Mirror(Protocol):
    """One place."""

    async def show(self, state: Status) -> None:
        """Fails in silence: what could not be shown is not made up for."""


class StatusMirror(Generic[Place]):
    """What came in between is left out."""

    def __init__(self, mirror: Callable[[Place, bool], Mirror], pace: float = PACE) -> None:
        """`mirror`: for a place, and whether the task is new there. `pace`: seconds."""
        self._mirror = mirror
        self._pace = pace
        self._followed: dict[Place, Followed] = {}
        self._busy: dict[Place, asyncio.Task[None]] = {}

    def show(self, place: Place, state: Status, fresh: bool = False) -> None:
        """Returns at once. `fresh`: the task is new there, and nothing of ours in the place."""
        followed = self._followed.pop(place, None) or Followed(self._mirror(place, fresh))
        self._followed[place] = followed
        followed.want(state)
        if place not in self._busy and not followed.up_to_date:
            self._busy[place] = asyncio.create_task(self._follow(place, followed))
        self._forget()

    def know(self, place: Place, mirror: Callable[[], Mirror]) -> None:
        """What is there was seen by chance; news only of a place that was not followed yet."""
        if place not in self._followed:
            self._followed[place] = Followed(mirror())

    async def close(self) -> None:
        """What was not shown by now is not shown."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, place: Place, followed: "Followed") -> None:
        try:
            await followed.follow(self._pace)
        finally:
            del self._busy[place]

    def _forget(self) -> None:
        """Those that were quiet longest: they are asked anew if they change after all."""
        for place in list(self._followed)[:-MAX_PLACES]:
            if place not in self._busy:
                del self._followed[place]


class Followed:
    """What a place shows, and what it is to show."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._wanted = self._shown = Status.QUEUED
        self._news = asyncio.Event()

    def want(self, state: Status) -> None:
        self._wanted = state
        self._news.set()

    @property
    def up_to_date(self) -> bool:
        """From the start for a task that has not begun: of that there is nothing to see."""
        return self._shown is self._wanted

    async def follow(self, pace: float) -> None:
        """Until the newest state is shown, or could not be."""
        while not self.up_to_date:
            self._shown = self._wanted
            await self._mirror.show(self._shown)
            with suppress(TimeoutError):
                async with asyncio.timeout(pace):
                    await self._ended()

    async def _ended(self) -> None:
        while not self._wanted.ended or self.up_to_date:
            self._news.clear()
            await self._news.wait()
