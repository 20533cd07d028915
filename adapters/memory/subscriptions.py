"""Subscribed channels in memory."""

from adapters.memory.state import MemoryState
from workflows.subscriptions import Subscription


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
        kept = subscription.model_copy(update={"created_at": since})
        self._state.subscriptions[subscription.subscription_id] = kept

    async def remove(self, subscription_id: str) -> None:
        self._state.subscriptions.pop(subscription_id, None)
