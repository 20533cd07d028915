"""What the fake remembers: calls it got, what was wrong with them, and what it delivered."""

import time
from typing import Any

from pydantic import BaseModel, Field

from tests.chat_platform.answers import Answer, Outcome, Value


class Call(Value):
    number: int  # from 1, in the order of arrival
    at: float  # seconds since 1970
    method: str
    team: str = ""
    channel: str = ""
    arguments: dict[str, Any] = Field({})  # decoded, without the token
    outcome: Outcome = "pending"
    status: int | None = None  # HTTP; None: no answer was given
    error: str = ""
    retry_after: int | None = None  # seconds
    delivered: bool = False  # it took effect, whatever the client was told
    took: float | None = None  # seconds
    ts: str = ""  # of the message it made or changed


class Violation(Value):
    """A client did what it must not."""

    method: str  # or "response_url", "socket"
    problem: str
    call: int = 0  # its number; 0: no call of the Web API
    at: float = Field(default_factory=time.time)


class Attempt(Value):
    """One try to hand over a payload."""

    via: str  # number of the socket, or the URL
    at: float  # seconds since 1970
    copy_number: int = 1  # 2: the double, where everything is delivered twice
    retry: int = 0
    acked: bool = False
    ms: float = 0  # until it was acknowledged or given up
    status: int | None = None  # HTTP
    body: dict[str, Any] = Field({})  # of the acknowledgement
    problem: str = ""


class Delivery(BaseModel):
    """A payload on its way to the app. It grows."""

    number: int
    kind: str  # slash_commands, interactive or events_api
    type: str  # the command, the payload's type or the event's
    team: str
    payload: dict[str, Any]
    attempts: list[Attempt] = []

    @property
    def acked(self) -> bool:
        return any(attempt.acked for attempt in self.attempts)

    @property
    def ms(self) -> float:
        """Until the first acknowledgement, from the attempt that got it."""
        return next((attempt.ms for attempt in self.attempts if attempt.acked), float("inf"))

    @property
    def body(self) -> dict[str, Any]:
        """What the first acknowledgement said."""
        return next((attempt.body for attempt in self.attempts if attempt.acked), {})


class Journal:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[Violation] = []
        self.deliveries: list[Delivery] = []
        self.defects: list[str] = []  # of the fake itself

    def arrive(self, method: str) -> int:
        self.calls.append(Call(number=len(self.calls) + 1, at=time.time(), method=method))
        return len(self.calls)

    def amend(self, number: int, **changes: Any) -> None:
        self.calls[number - 1] = self.calls[number - 1].model_copy(update=changes)

    def leave(self, number: int, answer: Answer) -> None:
        call = self.calls[number - 1]
        self.amend(
            number,
            **answer.model_dump(include={"outcome", "retry_after", "delivered"}),
            status=None if answer.cut else answer.status,
            error=answer.body.get("error", ""),
            took=time.time() - call.at,
        )
        if answer.violation:
            self.breach(call.method, answer.violation, number)

    def breach(self, method: str, problem: str, call: int = 0) -> None:
        self.violations.append(Violation(method=method, problem=problem, call=call))

    def deliver(self, kind: str, type_: str, team: str, payload: dict[str, Any]) -> Delivery:
        delivery = Delivery(number=len(self.deliveries) + 1, kind=kind, type=type_, team=team, payload=payload)
        self.deliveries.append(delivery)
        return delivery
