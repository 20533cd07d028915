"""Waiting for a call that another attempt has claimed, which the stores do not hand out again: done, or unknown."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from threadwork.activities.ports.storage import Calls
from threadwork.workflows.calls import Claimed

CLAIM_POLL_INTERVAL = 0.5  # seconds between looks at a call that another attempt has claimed
UNKNOWN_OUTCOME = "The outcome of this call is unknown: it was interrupted. Check what it did before you do it again."


async def outlive(calls: Calls, task_id: str, call_id: str, claimed: Claimed) -> dict[str, Any] | None:
    """What another attempt made of the call that it has claimed; None once it has surely ended and told nothing."""
    while claimed.until is not None and datetime.now(UTC) < claimed.until:
        await asyncio.sleep(CLAIM_POLL_INTERVAL)
        if (recorded := await calls.recorded(task_id, call_id)) is not None:
            return recorded
    return None
