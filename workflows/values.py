"""The smallest words everything else is made of."""

import hashlib
import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EVENT_PREVIEW = 400  # characters of a text that an event may carry
PREVIEW = 2_000  # characters of a text that any other message may carry
NANOS = 1_000_000_000  # nano-dollars in a dollar: money is counted in whole ones, so sums are exact


ONE_PERSON = frozenset({"discord"})  # platforms on which a user id is the same person in every workspace


class Value(BaseModel):
    """A frozen value. Unknown fields are ignored, so that an older worker reads what a newer one wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Principal(Value):
    """A person, as the platform on which they acted knows them."""

    platform: str  # "slack", "discord", "local", "api"
    workspace: str = ""  # Slack team, Discord guild; empty where there is none
    user_id: str
    name: str = ""  # display name, for people only: never compared

    @property
    def key(self) -> str:
        """Identity for comparisons: `platform:workspace:user_id`."""
        return f"{self.platform}:{self.workspace}:{self.user_id}"

    @property
    def account(self) -> str:
        """Identity of the account in every workspace in which it is the same person's: a key."""
        return f"{self.platform}::{self.user_id}" if self.platform in ONE_PERSON else self.key

    @property
    def shown(self) -> str:
        """What people read: the display name, else the user id."""
        return self.name or self.user_id


LOCAL = Principal(platform="local", user_id="local", name="you")


class Status(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    WAITING_APPROVAL = "waiting_approval"
    WAITING_ANSWER = "waiting_answer"
    WAITING_BUDGET = "waiting_budget"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class Termination(StrEnum):
    """Why a run ended. Only `goal_achieved` is success."""

    GOAL_ACHIEVED = "goal_achieved"
    BUDGET_EXCEEDED = "budget_exceeded"
    MAX_ITERATIONS_REACHED = "max_iterations_reached"
    TIMEOUT_EXCEEDED = "timeout_exceeded"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Usage(Value):
    """Tokens of one or more model calls."""

    prompt: int = Field(0, ge=0)
    completion: int = Field(0, ge=0)
    cached: int = Field(0, ge=0)  # part of `prompt` that the provider had cached

    @property
    def total(self) -> int:
        return self.prompt + self.completion


class Ledger(Value):
    """What a task has spent so far, reservations of unfinished calls included."""

    nanos: int = 0  # nano-dollars
    tokens: int = 0


def preview(text: str, limit: int = EVENT_PREVIEW) -> str:
    """The head of a text in at most `limit` characters, an ellipsis marking the cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def digest(arguments: Any) -> str:
    """SHA-256 (first 16 hex digits) of a JSON value in canonical form: what was approved is what runs."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
