"""Calls that an earlier run left open."""

from typing import Any

from threadwork.workflows.run_requests import LostCall

UNKNOWN_RESULT: dict[str, Any] = {"outcome": "unknown"}  # the recorded result of a call that was given up


def lost_call(call_id: str, kind: str, name: str) -> LostCall:
    """`kind` is "model" or "tool", `name` that of the model or tool."""
    if kind == "tool":
        return LostCall(call_id=call_id, tool=name)
    return LostCall(call_id=call_id, tool=None, model=name)
