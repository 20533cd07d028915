"""What the fake answers to one call, in Discord's words and numbers."""

from typing import Any

from pydantic import Field

from tests.chat_platform.answers import Outcome, Value

Json = dict[str, Any]


class Answer(Value):
    outcome: Outcome = "ok"
    status: int = 200
    body: Any = None  # None: no content
    headers: dict[str, str] = Field({})
    retry_after: float | None = None  # seconds
    delivered: bool = False  # the call took effect, whatever the client was told
    violation: str = ""  # what the client did wrong

    @property
    def cut(self) -> bool:
        return self.outcome in ("cut", "answer_lost")

    @property
    def code(self) -> int:
        """Discord's own number; 0: none."""
        failed = self.status >= 400 and isinstance(self.body, dict)
        return int(self.body.get("code") or 0) if failed else 0


class Interrupted(Exception):
    """The call ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.code}")
        self.answer = answer


# discord.com/developers/docs/topics/opcodes-and-status-codes
REFUSALS: dict[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10_002: (404, "Unknown Application"),
    10_003: (404, "Unknown Channel"),
    10_004: (404, "Unknown Guild"),
    10_007: (404, "Unknown Member"),
    10_008: (404, "Unknown Message"),
    10_013: (404, "Unknown User"),
    10_014: (404, "Unknown Emoji"),
    10_015: (404, "Unknown Webhook"),
    10_062: (404, "Unknown interaction"),
    10_063: (404, "Unknown application command"),
    40_060: (400, "Interaction has already been acknowledged."),
    40_333: (403, "internal network error"),
    50_001: (403, "Missing Access"),
    50_003: (403, "Cannot execute action on a DM channel"),
    50_005: (403, "Cannot edit a message authored by another user"),
    50_006: (400, "Cannot send an empty message"),
    50_007: (403, "Cannot send messages to this user"),
    50_008: (400, "Cannot send messages in a non-text channel"),
    50_013: (403, "Missing Permissions"),
    50_021: (403, "Cannot execute action on a system message"),
    50_024: (400, "Cannot execute action on this channel type"),
    50_027: (401, "Invalid Webhook Token"),
    50_083: (400, "Thread is archived"),
    160_002: (400, "Cannot reply without permission to read message history"),
    160_004: (400, "A thread has already been created for this message"),
    160_005: (403, "Thread is locked"),
}


def refused(code: int, violation: str = "") -> Interrupted:
    status, message = REFUSALS[code]
    outcome: Outcome = "breach" if violation else "refused"
    body = {"message": message, "code": code}
    return Interrupted(Answer(outcome=outcome, status=status, body=body, violation=violation))


def malformed(problem: str, errors: Json | None = None) -> Interrupted:
    """50035, always a violation. `problem`: a sentence for people; `errors`: as Discord nests them."""
    told = errors or {"_errors": [{"code": "INVALID", "message": problem}]}
    body = {"message": "Invalid Form Body", "code": 50_035, "errors": told}
    return Interrupted(Answer(outcome="breach", status=400, body=body, violation=problem))


def unauthorised() -> Interrupted:
    return Interrupted(Answer(outcome="refused", status=401, body={"message": "401: Unauthorized", "code": 0}))


def rate_limited(seconds: float, everywhere: bool = False, violation: str = "") -> Answer:
    """`everywhere`: the global limit. `Via` tells discord.py that Discord itself speaks, not its edge."""
    seconds = round(seconds + 0.0005, 3)
    headers = {"Via": "1.1 google", "Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": "user"}
    if everywhere:
        headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
    return Answer(
        outcome="rate_limited", status=429, body=body, headers=headers, retry_after=seconds, violation=violation
    )


def server_error(delivered: bool) -> Answer:
    body = {"message": "500: Internal Server Error", "code": 0}
    return Answer(outcome="server_error", status=500, body=body, delivered=delivered)


def down() -> Answer:
    return Answer(outcome="down", status=503, body={"message": "upstream connect error", "code": 0})
