"""What the platform answers to one call."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal[
    "pending",  # not answered yet
    "ok",
    "refused",  # 200 with `ok: false`, as Slack does
    "breach",  # 400: the client broke the contract
    "rate_limited",  # 429
    "server_error",  # 500
    "down",  # 503
    "cut",  # the connection was cut before the call was handled
    "answer_lost",  # the connection was cut after the call was handled
]


class Value(BaseModel):
    """A frozen value that takes no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Value):
    outcome: Outcome = "ok"
    status: int = 200
    body: dict[str, Any] = {}
    retry_after: int | None = None  # whole seconds
    delivered: bool = False  # the call took effect, whatever the client was told
    violation: str = ""  # what the client did wrong

    @property
    def cut(self) -> bool:
        return self.outcome in ("cut", "answer_lost")


class Interrupted(Exception):
    """The call ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


def done(body: dict[str, Any]) -> Answer:
    return Answer(body={"ok": True, **body}, delivered=True)


def refused(error: str) -> Answer:
    return Answer(outcome="refused", body={"ok": False, "error": error})


def breach(error: str, problem: str) -> Answer:
    """`error`: a word for programs; `problem`: a sentence for people."""
    body = {"ok": False, "error": error, "problem": problem}
    return Answer(outcome="breach", status=400, body=body, violation=problem)


def rate_limited(retry_after: int, violation: str = "") -> Answer:
    body = {"ok": False, "error": "ratelimited"}
    return Answer(outcome="rate_limited", status=429, body=body, retry_after=retry_after, violation=violation)


def server_error(delivered: bool) -> Answer:
    body = {"ok": False, "error": "internal_error"}
    return Answer(outcome="server_error", status=500, body=body, delivered=delivered)


def down() -> Answer:
    return Answer(outcome="down", status=503, body={"ok": False, "error": "service_unavailable"})
