"""What the platform remembers of the calls it got."""

import time
from typing import Any

from tests.chat_platform.answers import Answer, Outcome, Value


class Call(Value):
    number: int  # from 1, in the order of arrival
    at: float  # seconds since 1970
    method: str
    channel: str = ""
    id: str = ""  # of the message
    thread: str = ""
    mark: str = ""  # of the message
    outcome: Outcome = "pending"
    status: int | None = None  # HTTP; None: no answer was given
    error: str = ""
    retry_after: int | None = None  # seconds
    delivered: bool = False  # the call took effect, whatever the client was told
    took: float | None = None  # seconds


class Violation(Value):
    """The client did what it must not."""

    call: int
    at: float  # seconds since 1970
    method: str
    channel: str
    problem: str


class Journal:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[Violation] = []

    def arrive(self, method: str, fields: dict[str, Any]) -> Call:
        known = {name: str(fields.get(name) or "") for name in ("channel", "id", "thread", "mark")}
        call = Call(number=len(self.calls) + 1, at=time.time(), method=method, **known)
        self.calls.append(call)
        return call

    def leave(self, call: Call, answer: Answer, message_id: str, mark: str) -> None:
        """`message_id`, `mark`: of the message the call was about, as far as it has become known."""
        changes = {
            **answer.model_dump(include={"outcome", "retry_after", "delivered"}),
            "status": None if answer.cut else answer.status,
            "error": answer.body.get("error", ""),
            "took": time.time() - call.at,
            "id": message_id or call.id,
            "mark": mark or call.mark,
        }
        self.calls[call.number - 1] = call.model_copy(update=changes)
        if answer.violation:
            self.violations.append(
                Violation(
                    call=call.number, at=time.time(), method=call.method, channel=call.channel, problem=answer.violation
                )
            )
