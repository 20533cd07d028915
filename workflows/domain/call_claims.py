"""What an attempt at a call is told that must not make it: stopped, done, or taken by another attempt."""

from datetime import datetime
from typing import Any, NamedTuple

from threadwork.workflows.calls import Claim, Claimed
from threadwork.workflows.domain.identity import call_seq


class KnownCall(NamedTuple):
    """A call that an attempt has claimed before."""

    attempt: str
    until: datetime | None  # when that attempt has ended for sure
    result: dict[str, Any] | None  # None: not done


def answer_instead(claim: Claim, call: KnownCall | None, stopped_seq: int) -> Claimed | None:
    """None: this attempt makes the call. What may not be repeated is never made a second time, it is waited for.

    `stopped_seq`: the event after which the task was stopped."""
    if call_seq(claim.call_id) < stopped_seq:
        return Claimed(state="refused")
    if call and call.result is not None:
        return Claimed(state="done", result=call.result)
    if call and call.attempt != claim.attempt and not claim.repeatable:
        return Claimed(state="taken", until=call.until)
    return None
