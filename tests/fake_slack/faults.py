"""What goes wrong on demand, counted and never drawn by lot."""

import json
from collections.abc import Sequence
from typing import Any

from tests.chat_platform import faults

ENDING = frozenset(faults.BEFORE) - {"stall"}  # the call is not even handled


class Fault(faults.Fault):
    """As on the other platform, for Slack's methods; `refuse` may name any error of the method's contract."""

    error: str = "channel_not_found"  # type: ignore[assignment]
    once: bool = False  # strikes only the first of calls that are alike: so each post's answer is lost once


class Faults:
    def __init__(self, wanted: Sequence[Fault] = ()) -> None:
        self._armed = [(faults.Armed(fault), fault, set[str]()) for fault in wanted]

    def due(self, method: str, channel: str, arguments: dict[str, Any]) -> list[faults.Fault]:
        """The faults that strike this call. All of them count it, also behind one that ends it."""
        alike = json.dumps([method, arguments], sort_keys=True, default=str)
        struck = [
            (armed.fault, fault.once, seen)
            for armed, fault, seen in self._armed
            if not (fault.once and alike in seen) and armed.strikes(method, channel)
        ]
        end = next((fault for fault, _, _ in struck if fault.kind in ENDING), None)
        for fault, once, seen in struck:
            if once and end in (None, fault):  # behind one that ends the call it is saved for the next
                seen.add(alike)
        return [fault for fault, _, _ in struck]
