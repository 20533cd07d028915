"""Token buckets: how many tokens there are, and how long to wait for one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from threadwork.workflows.sinks import Bucket

SLOWEST = 0.01  # tokens a minute: a bucket that never fills would be waited for without end
SKEW = 60.0  # seconds by which the clocks of two processes may differ; more is a clock that was set back
TOLERANCE = 1e-4  # tokens: whoever waits to the microsecond is not sent away for a rounding


class Tokens(NamedTuple):
    """A bucket's tokens, `left` of them at the time `at`; nobody gets one before `held_until`."""

    left: float
    at: datetime
    held_until: datetime | None = None


def by_key(buckets: Sequence[Bucket]) -> dict[str, Bucket]:
    """Every bucket once, in the order in which all processes lock them."""
    return {bucket.key: bucket for bucket in sorted(buckets, key=lambda bucket: bucket.key)}


def capacity(bucket: Bucket) -> float:
    """Tokens of a full bucket: its burst."""
    return float(max(bucket.burst, 1))


def refill(bucket: Bucket) -> float:
    """Tokens that come in a second: `per_minute` / 60."""
    return max(bucket.per_minute, SLOWEST) / 60


def needed(bucket: Bucket, urgent: bool) -> float:
    """Tokens there must be before one is taken: 1, and a quarter of the burst more for what can wait.

    A burst below 4 keeps less than that quarter, so that a full bucket always gives."""
    return 1.0 if urgent else 1.0 + min(capacity(bucket) / 4, capacity(bucket) - 1)


def full(bucket: Bucket, now: datetime) -> Tokens:
    """A bucket nobody has taken from."""
    return Tokens(capacity(bucket), now)


def take(
    wanted: Mapping[str, Bucket], bucket_states: Mapping[str, Tokens], urgent: bool, now: datetime
) -> tuple[float, dict[str, Tokens]]:
    """Seconds to wait, the longest of all buckets; and if that is 0, what is left in each."""
    filled = {key: _refilled(bucket_states[key], bucket, now) for key, bucket in wanted.items()}
    wait = max((_wait(filled[key], bucket, urgent, now) for key, bucket in wanted.items()), default=0.0)
    if wait > 0:
        return wait, {}
    return 0.0, {key: tokens._replace(left=tokens.left - 1) for key, tokens in filled.items()}


def _refilled(tokens: Tokens, bucket: Bucket, now: datetime) -> Tokens:
    """Time never goes back: else two processes whose clocks differ would both fill the same seconds."""
    elapsed = (now - tokens.at).total_seconds()
    at = tokens.at if -SKEW <= elapsed <= 0 else now
    return tokens._replace(left=min(capacity(bucket), tokens.left + max(elapsed, 0.0) * refill(bucket)), at=at)


def _wait(tokens: Tokens, bucket: Bucket, urgent: bool, now: datetime) -> float:
    held = (tokens.held_until - now).total_seconds() if tokens.held_until else 0.0
    missing = needed(bucket, urgent) - tokens.left
    if missing <= TOLERANCE:
        return max(held, 0.0)
    return max(held, missing / refill(bucket) + (tokens.at - now).total_seconds())
