"""Tokens for platform calls, in memory: for one process."""

from collections.abc import Sequence
from datetime import timedelta

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.domain.tokens import by_key, full, take
from threadwork.workflows.sinks import Bucket


class MemoryRates:
    """Satisfies `Rates`; the twin of `SqlRates`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        """One token of each bucket, or of none. 0, or the seconds until it is worth asking again."""
        wanted, now = by_key(buckets), self._state.clock()
        bucket_states = {key: self._state.rates.get(key) or full(bucket, now) for key, bucket in wanted.items()}
        wait, left = take(wanted, bucket_states, urgent, now)
        self._state.rates |= left
        return wait

    async def hold(self, bucket: Bucket, seconds: float) -> None:
        """Nobody gets a token for so long; a longer hold that is there stays."""
        now = self._state.clock()
        bucket_states = self._state.rates.get(bucket.key) or full(bucket, now)
        until = now + timedelta(seconds=seconds)
        held_until = max(bucket_states.held_until or until, until)
        self._state.rates[bucket.key] = bucket_states._replace(held_until=held_until)
