"""What the fake remembers: calls it got, what was wrong with them, and what it delivered."""

import time
from typing import Any

from pydantic import BaseModel, Field

from tests.chat_platform.answers import Outcome, Value
from tests.fake_discord.answers import Answer
from tests.fake_slack.journal import Violation


class Call(Value):
    number: int  # from 1, in the order of arrival
    at: float  # seconds since 1970
    method: str  # the contract's name, such as "create_message"
    path: str  # below the API, interaction tokens left out
    channel: str = ""
    arguments: Any = None  # the body, decoded
    query: dict[str, str] = Field({})
    files: tuple[str, ...] = ()  # names of the files sent along
    outcome: Outcome = "pending"
    status: int | None = None  # HTTP; None: no answer was given
    code: int = 0  # Discord's own number of a refusal
    retry_after: float | None = None  # seconds
    delivered: bool = False  # it took effect, whatever the client was told
    took: float | None = None  # seconds
    message_id: str = ""  # of the message it made or changed


class Delivery(BaseModel):
    """An interaction on its way to the app. It grows."""

    number: int
    type: str  # command, autocomplete, component, modal
    interaction_id: str
    user: str
    channel: str
    payload: dict[str, Any]
    sockets: list[int] = []  # numbers of the gateway connections it went to, twice where it was delivered twice
    at: float  # seconds since 1970
    acked: bool = False
    took: float | None = None  # milliseconds until the first response
    body: dict[str, Any] = Field(default={})  # of the first response: type and data
    acks: int = 0  # responses that were tried, refused ones too
    late: bool = False  # the first response came when it was too late

    @property
    def ms(self) -> float:
        """Until the first response; infinite: there was none in time."""
        return float("inf") if self.took is None else self.took


class Journal:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[Violation] = []
        self.deliveries: list[Delivery] = []
        self.defects: list[str] = []  # of the fake itself

    def arrive(self, method: str, path: str, channel: str) -> int:
        number = len(self.calls) + 1
        self.calls.append(Call(number=number, at=time.time(), method=method, path=path, channel=channel))
        return number

    def amend(self, number: int, **changes: Any) -> None:
        self.calls[number - 1] = self.calls[number - 1].model_copy(update=changes)

    def leave(self, number: int, answer: Answer) -> None:
        call = self.calls[number - 1]
        self.amend(
            number,
            **answer.model_dump(include={"outcome", "retry_after", "delivered"}),
            status=None if answer.cut else answer.status,
            code=answer.code,
            took=time.time() - call.at,
        )
        if answer.violation:
            self.breach(call.method, answer.violation, number)

    def breach(self, method: str, problem: str, call: int = 0) -> None:
        self.violations.append(Violation(method=method, problem=problem, call=call))

    def deliver(self, type_: str, user: str, channel: str, payload: dict[str, Any]) -> Delivery:
        delivery = Delivery(
            number=len(self.deliveries) + 1,
            type=type_,
            interaction_id=payload["id"],
            user=user,
            channel=channel,
            payload=payload,
            at=time.time(),
        )
        self.deliveries.append(delivery)
        return delivery
