"""Times, and the rows they make."""

from collections.abc import Sequence

HEAD = "| | n | p50 | p95 | p99 | max | promise |\n|---|---|---|---|---|---|---|"


def row(what: str, seconds: Sequence[float], promise: str) -> str:
    """A line of the table under `HEAD`."""
    at = [f"{1_000 * percentile(seconds, share):.0f} ms" for share in (0.5, 0.95, 0.99, 1)]
    return f"| {what} | {len(seconds)} | {' | '.join(at)} | {promise} |"


def percentile(seconds: Sequence[float], share: float) -> float:
    """The smallest time that so large a share of them does not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
