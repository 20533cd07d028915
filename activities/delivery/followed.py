"""The tasks that are followed here, and which of them have to be reported to other places by now."""

from collections.abc import Sequence
from dataclasses import dataclass

from threadwork.activities.delivery.subscribers import Reported, Subscribers
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription


@dataclass(eq=False)
class Followed:
    """One task that is followed."""

    task_id: str
    reported: Reported
    is_outdated: bool = False  # its sinks are others by now

    @property
    def sinks(self) -> list[Sink]:
        return self.reported.sinks


class FollowedTasks:
    """There may be hundreds: a subscription is news for the tasks it is about, and for no others."""

    def __init__(self, subscribers: Subscribers) -> None:
        self._subscribers = subscribers
        self._followed: set[Followed] = set()

    async def begin(self, task_id: str) -> Followed:
        """To be given back to `end`."""
        followed = Followed(task_id, await self._subscribers.reported(task_id))
        self._followed.add(followed)
        return followed

    def end(self, followed: Followed) -> None:
        self._followed.discard(followed)

    async def look(self) -> None:
        """Notice whose channels were subscribed or unsubscribed, and of whom platforms are to be asked again."""
        in_force = await self._subscribers.in_force()
        unsure = self._subscribers.to_ask_again()
        for followed in self._followed:
            followed.is_outdated |= followed.task_id in unsure
        for followed in list(self._followed):
            followed.is_outdated |= await self._is_concerned(followed, in_force)
            followed.reported = followed.reported._replace(in_force=in_force)

    async def _is_concerned(self, followed: Followed, in_force: list[Subscription]) -> bool:
        order, before = followed.reported.order, followed.reported.in_force
        if order is None or before is in_force:
            return False
        return bool(await self._subscribers.about(order, changed(before, in_force)))


def changed(before: Sequence[Subscription], now: Sequence[Subscription]) -> list[Subscription]:
    """Those that came or went. That a channel has had its notice changes nothing for other tasks."""
    old, new = ([one.model_copy(update={"notice": ""}) for one in those] for those in (before, now))
    return [*(one for one in new if one not in old), *(one for one in old if one not in new)]
