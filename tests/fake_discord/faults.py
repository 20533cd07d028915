"""What goes wrong on demand, counted and never drawn by lot."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

from pydantic import Field

from tests.chat_platform import faults
from tests.chat_platform.faults import Kind
from tests.fake_discord.answers import REFUSALS, Answer, down, rate_limited, refused, server_error

Strike = Callable[["Fault"], Awaitable[Answer | None]]


class Fault(faults.Fault):
    """As on the other platforms. `methods` are the contract's names, such as `create_message`."""

    code: int = 10_003  # of a `refuse`, one of `answers.REFUSALS`; 401: the token
    retry_after: float = Field(0.5, ge=0)  # type: ignore[assignment]  # seconds, of a `rate_limited`
    everywhere: bool = False  # `rate_limited`: the global limit
    once: bool = False  # takes effect on only one of calls that are alike: so each post's answer is lost once


class Faults:
    def __init__(self, wanted: Sequence[Fault] = ()) -> None:
        self._armed = [(faults.Armed(fault), fault, set[str]()) for fault in wanted]

    def due(self, method: str, channel: str, arguments: object) -> list[Fault]:
        """The faults that strike this call. All of them count it, also behind one that ends it."""
        alike = _alike(method, channel, arguments)
        return [
            fault
            for armed, fault, seen in self._armed
            if not (fault.once and alike in seen) and armed.strikes(method, channel)
        ]

    def took_effect(self, due: Sequence[Fault], method: str, channel: str, arguments: object) -> None:
        """A fault behind one that ended the call, or behind a refusal, had no effect yet."""
        alike = _alike(method, channel, arguments)
        for _, fault, seen in self._armed:
            if fault.once and any(one is fault for one in due):
                seen.add(alike)


def _alike(method: str, channel: str, arguments: object) -> str:
    return json.dumps([method, channel, arguments], sort_keys=True, default=str)


async def before(due: list[Fault]) -> Answer | None:
    """What happens instead of handling the call; None: nothing, it is handled."""
    return await _first(due, BEFORE)


async def after(due: list[Fault]) -> Answer | None:
    """What the client gets instead of the answer; None: the answer."""
    return await _first(due, AFTER)


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


def _refusal(fault: Fault) -> Answer:
    if fault.code not in REFUSALS:
        return Answer(outcome="refused", status=fault.code, body={"message": f"{fault.code}: Refused", "code": 0})
    return refused(fault.code).answer


BEFORE: dict[Kind, Strike] = {
    "down": _always(lambda _: down()),
    "stall": _stall,
    "cut": _always(lambda _: Answer(outcome="cut")),
    "server_error": _always(lambda _: server_error(delivered=False)),
    "rate_limited": _always(lambda fault: rate_limited(fault.retry_after, fault.everywhere)),
    "refuse": _always(_refusal),
}
AFTER: dict[Kind, Strike] = {
    "stall_after": _stall,
    "lose_answer": _always(lambda _: Answer(outcome="answer_lost", delivered=True)),
    "server_error_after": _always(lambda _: server_error(delivered=True)),
}
