"""Who people are: their accounts, their groups, and by what names lists may mean them."""

from datetime import datetime
from typing import Protocol

from threadwork.workflows.values import Principal, Standing


class People(Protocol):
    """Which accounts are one person's."""

    async def accounts(self, principal: Principal) -> tuple[Principal, ...]:
        """All of the person's, this one first."""

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of this account and of all that are one person's with it, or were at any time `since`."""

    async def offer(self, principal: Principal) -> str:
        """A code by which another account joins this one: once, within ten minutes. It replaces an earlier one."""

    async def join(self, principal: Principal, code: str) -> tuple[Principal, ...]:
        """Make the account, and those it is linked with, one person with the account that offered the code.

        Returns `accounts`, also where the same account joined by the same code before. Raises `Rejected`."""

    async def leave(self, principal: Principal) -> None:
        """The account is a person of its own again; the others stay together."""


class Groups(Protocol):
    """Who belongs to what on a platform."""

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`group:…` and `role:…` names; empty for people without any.

        Raises `ChatUnavailable`, and `SinkGone` where the app may not ask."""

    async def standing(self, principal: Principal) -> Standing:
        """What the person is there now, whatever `principal.standing` says. Raises as `groups` does.

        `unknown` where the platform cannot tell: they are none of `*`, `guests` and `external` then."""


class Directory(Protocol):
    """By what names lists of members may mean a person, beside the account's own id and key."""

    async def names(self, principal: Principal) -> tuple[str, ...]:
        """User ids and keys of the person's other accounts. No platform is asked."""

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`names`, and the `group:…` and `role:…` names of all accounts. Raises what the platforms raise."""

    async def standings(self, principal: Principal) -> tuple[str, ...]:
        """What lists call the standing of any of the accounts: `*`, `guests`, `external`. Raises likewise."""

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of all accounts of the person, of those linked at any time `since` then too."""
