"""Trigger ids: what lets an app open a window, once and at once."""

import time
from collections.abc import Callable

from tests.fake_slack.call import Call
from tests.fake_slack.state import State


class Triggers:
    def __init__(self, state: State, seconds: Callable[[], float]) -> None:
        """`seconds`: how long a trigger lives, those that were given before too."""
        self._state = state
        self._seconds = seconds
        self._given: dict[str, tuple[str, float]] = {}  # whose, and since when
        self._used: set[str] = set()

    def give(self, user: str) -> str:
        trigger = self._state.number("trigger.")
        self._given[trigger] = (user, time.monotonic())
        return trigger

    def exchange(self, call: Call) -> str:
        """Whose trigger the call carries. Raises `Interrupted` for one that is unknown, used or too old."""
        trigger = call.get("trigger_id") or call.get("interactivity_pointer") or ""
        if trigger not in self._given:
            raise call.breach(f"{trigger!r} is no trigger id.", "invalid_trigger_id")
        user, since = self._given[trigger]
        if time.monotonic() - since > self._seconds():
            raise call.refusal("expired_trigger_id")
        if trigger in self._used:
            raise call.refusal("exchanged_trigger_id")
        self._used.add(trigger)
        return user
