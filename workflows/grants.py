"""Standing permissions, as values: a tool that people allow for good instead of once."""

from datetime import UTC, datetime
from typing import Literal

from threadwork.workflows.event_types import Effect
from threadwork.workflows.values import Principal, Value

Scope = Literal["once", "task", "always"]  # how far a decision reaches, least first
GrantScope = Literal["person", "channel", "everybody"]  # whose tasks a grant is for
SCOPES: tuple[Scope, ...] = ("once", "task", "always")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)  # when an approval expires that never does
LONGEST = 100 * 366 * 86_400  # seconds for which something may be allowed


class GrantWish(Value):
    """What somebody who says "always" chose."""

    scope: GrantScope
    seconds: float | None = None  # for how long; None: until it is revoked


class GrantTerms(Value):
    """What a grant that is given on an approval would be for. Stands on the approval."""

    members: tuple[str, ...]  # who may allow the tool for good, written as in `ApprovalPolicy.approvers`
    agent: str
    channel: str = ""  # `Sink.channel_key` of where the task lives; empty: nowhere
    effect: Effect


class Grant(Value):
    """A tool that people allowed for good. Given by an approval of a task, by whose ids it is known."""

    task_id: str
    approval_id: str
    agent: str
    tool: str  # "server.tool"
    effect: Effect  # of the tool as it was then: one that may do more is asked for again
    scope: GrantScope
    about: str = ""  # of a person `Principal.account`, of a channel `Sink.channel_key`; of everybody empty
    shown: str = ""  # what people call that person
    by: tuple[Principal, ...]  # all who allowed it
    given_at: datetime
    until: datetime | None = None  # None: until it is revoked
    revoked_at: datetime | None = None
    revoked_by: Principal | None = None

    @property
    def grant_id(self) -> str:
        return f"{self.task_id}.{self.approval_id}"

    def stands(self, now: datetime) -> bool:
        """Neither revoked nor over."""
        return self.revoked_at is None and (self.until is None or now < self.until)


class FoundGrant(Value):
    """A grant, with what is known of each who gave it."""

    grant: Grant
    groups: tuple[tuple[str, ...], ...] = ()  # names, groups and standings of each of `grant.by`
    humans: tuple[tuple[str, ...], ...] = ()  # `Principal.human` of all accounts that are one with each


def in_common(wishes: list[GrantWish]) -> GrantWish | None:
    """What all of a quorum allow. None: no grant says it, as of one person's tasks in one channel."""
    narrower = {wish.scope for wish in wishes} - {"everybody"}
    if not wishes or len(narrower) > 1:
        return None
    lasting = [wish.seconds for wish in wishes if wish.seconds is not None]
    return GrantWish(scope=narrower.pop() if narrower else "everybody", seconds=min(lasting, default=None))
