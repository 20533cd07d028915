"""The smallest words everything else is made of."""

import hashlib
import json
from enum import StrEnum
from math import floor
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from threadwork.workflows.platform_registry import ROWS

EVENT_PREVIEW = 400  # characters of a text that an event may carry
PREVIEW = 2_000  # characters of a text that any other message may carry
NANOS = 1_000_000_000  # nano-dollars in a dollar: money is counted in whole ones, so sums are exact


MACHINE = frozenset({"local", "api"})  # platforms of whoever sits at the machine: loopback, socket, token


class Value(BaseModel):
    """A frozen value. Unknown fields are ignored, so that an older worker reads what a newer one wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _empty(value: str) -> bool:
    return not value


def _none(value: int) -> bool:
    return not value


Standing = Literal["", "member", "guest", "external", "unknown"]


class Principal(Value):
    """A person, as the platform on which they acted knows them.

    Two questions are asked of people, and have two answers. What *separates* them (four eyes, a quorum) is `human`;
    what *gives rights* (own tasks, links, spending, lists of members) is `account`, with the other `keys`."""

    platform: str  # "slack", "discord", "local", "api"
    workspace: str = ""  # the Slack team that installed the app, the Discord server; empty where there is none
    user_id: str
    name: str = ""  # display name, for people only: never compared
    # Left out where they are empty: what a run of an older version emitted must not look like another event.
    enterprise: str = Field("", exclude_if=_empty)  # the Slack organisation of that installation
    home: str = Field("", exclude_if=_empty)  # Slack: the person's own team as `users.info` tells it, never a payload
    standing: Standing = Field("", exclude_if=_empty)  # there; empty: recorded before platforms were asked

    @property
    def key(self) -> str:
        """`platform:workspace:user_id`; on Slack the organisation stands for its workspaces."""
        return f"{self.platform}:{self.enterprise or self.workspace}:{self.user_id}"

    @property
    def account(self) -> str:
        """What rights hang on, in every workspace in which it is the same account's: a key."""
        row = ROWS.get(self.platform)
        return f"{self.platform}::{self.user_id}" if row and row.one_account else self.key

    @property
    def keys(self) -> tuple[str, ...]:
        """The account's, and the workspace's: what was stored before there was an organisation stands under that."""
        return tuple(dict.fromkeys((self.account, self.key, f"{self.platform}:{self.workspace}:{self.user_id}")))

    @property
    def home_key(self) -> str:
        """By which a file may name somebody of another team as well; empty where that is not known."""
        return f"{self.platform}:{self.home}:{self.user_id}" if self.home else ""

    @property
    def human(self) -> str:
        """Who it is, wherever they are met: ids of people are unique on a platform, and a machine has one owner."""
        return "machine" if self.platform in MACHINE else f"{self.platform}::{self.user_id}"

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


Verbosity = Literal["quiet", "normal", "verbose"]  # how much of a task its thread shows


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
    reasoning: int = Field(0, ge=0, exclude_if=_none)  # part of `completion` that was thought

    @property
    def total(self) -> int:
        """Tokens."""
        return self.prompt + self.completion

    def counted(self, cached_share: float) -> int:
        """Tokens that count for a budget, rounded up, where a cached one costs this share of another."""
        saved = min(self.cached, self.prompt) * (1 - cached_share)
        return self.total - floor(round(saved, 6))  # rounded first: 1 - 0.9 is not exact


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
