"""Heartbeats, so that a worker lost in a call is noticed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

HEARTBEAT_INTERVAL = 2.0  # seconds; the time-out of the references is five of them


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Beat while the block runs."""
    task = asyncio.create_task(_beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat() -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_INTERVAL)
        activity.heartbeat()


def stopped() -> bool:
    """True if this attempt was cancelled for good, and not just by a worker that shuts down."""
    details = activity.cancellation_details()
    return details is not None and details.cancel_requested
