"""Subscribed channels in memory."""

from collections.abc import Sequence

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.subscriptions import DUE, Subscription


class MemorySubscriptions:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def all(self) -> list[Subscription]:
        """The oldest first."""
        return sorted(self._state.subscriptions.values(), key=lambda one: (str(one.created_at), one.subscription_id))

    async def put(self, subscription: Subscription) -> None:
        """One with the same id is replaced, and keeps its age."""
        known = self._state.subscriptions.get(subscription.subscription_id)
        since = known.created_at if known else subscription.created_at or self._state.clock()
        notice = known.notice if known else subscription.notice
        kept = subscription.model_copy(update={"created_at": since, "notice": notice})
        self._state.subscriptions[subscription.subscription_id] = kept

    async def remove(self, subscription_id: str) -> None:
        self._state.subscriptions.pop(subscription_id, None)

    async def claim_notice(self, subscription_ids: Sequence[str], task_id: str) -> bool:
        """The notice that is due to these is given by the task. False: another task had it before."""
        known = (self._state.subscriptions.get(id_) for id_ in subscription_ids)
        due = [one for one in known if one and one.notice == DUE]
        for one in due:
            claimed = one.model_copy(update={"notice": task_id})
            self._state.subscriptions[one.subscription_id] = claimed
        return bool(due)
