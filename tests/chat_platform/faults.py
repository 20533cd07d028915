"""What goes wrong on demand. It is counted, never drawn by lot, so that a test fails the same way again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from pydantic import Field

from tests.chat_platform.answers import Answer, Value, down, rate_limited, refused, server_error

Kind = Literal[
    "lose_answer",  # handled, then the connection is cut without an answer
    "server_error",  # 500, not handled
    "server_error_after",  # handled, then 500
    "rate_limited",  # 429 with `retry_after`
    "stall",  # `seconds` pass before it is handled, whether the client still waits or not
    "stall_after",  # handled, then `seconds` pass before the answer
    "cut",  # the connection is cut, not handled
    "refuse",  # 200 with `error`, as Slack refuses for good
    "down",  # 503 for `seconds` from now on
]
Refusal = Literal["channel_not_found", "token_revoked", "not_in_channel", "account_inactive", "is_archived"]


class Fault(Value):
    kind: Kind
    every: int = Field(1, ge=1)  # strikes the nth, 2nth, … of the calls it watches
    next_calls: int | None = Field(None, ge=1)  # watches only so many; None: all
    methods: tuple[str, ...] = ()  # watches only these; empty: all
    channels: tuple[str, ...] = ()  # watches only these; empty: all
    seconds: float = Field(0, ge=0, le=600)
    retry_after: int = Field(1, ge=0)  # whole seconds
    error: Refusal = "channel_not_found"


class Armed:
    """A fault with its counter."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._since = time.monotonic()
        self._watched = 0

    def strikes(self, method: str, channel: str) -> bool:
        """Count the call, if it is watched, and say whether the fault strikes it."""
        fault = self.fault
        if (fault.methods and method not in fault.methods) or (fault.channels and channel not in fault.channels):
            return False
        if fault.kind == "down" and time.monotonic() - self._since > fault.seconds:
            return False
        self._watched += 1
        return self._watched % fault.every == 0 and self._watched <= (fault.next_calls or self._watched)


class Faults:
    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._armed = [Armed(fault) for fault in faults]

    def due(self, method: str, channel: str) -> list[Fault]:
        """The faults that strike this call. All of them count it, also behind one that ends it."""
        return [armed.fault for armed in self._armed if armed.strikes(method, channel)]


async def before(due: list[Fault]) -> Answer | None:
    """What happens instead of handling the call; None: nothing, it is handled."""
    return await _first(due, BEFORE)


async def after(due: list[Fault]) -> Answer | None:
    """What the client gets instead of the answer; None: the answer."""
    return await _first(due, AFTER)


Strike = Callable[[Fault], Awaitable[Answer | None]]


async def _first(due: list[Fault], strikes: dict[Kind, Strike]) -> Answer | None:
    for fault in due:
        if fault.kind in strikes and (answer := await strikes[fault.kind](fault)):
            return answer
    return None


async def _stall(fault: Fault) -> None:
    await asyncio.sleep(fault.seconds)


def _always(answer: Callable[[Fault], Answer]) -> Strike:
    async def strike(fault: Fault) -> Answer:
        return answer(fault)

    return strike


BEFORE: dict[Kind, Strike] = {
    "down": _always(lambda _: down()),
    "stall": _stall,
    "cut": _always(lambda _: Answer(outcome="cut")),
    "server_error": _always(lambda _: server_error(delivered=False)),
    "rate_limited": _always(lambda fault: rate_limited(fault.retry_after)),
    "refuse": _always(lambda fault: refused(fault.error)),
}
AFTER: dict[Kind, Strike] = {
    "stall_after": _stall,
    "lose_answer": _always(lambda _: Answer(outcome="answer_lost", delivered=True)),
    "server_error_after": _always(lambda _: server_error(delivered=True)),
}
