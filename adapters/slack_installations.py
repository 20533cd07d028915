"""Workspaces that installed the Slack app: what is kept of them, and by whom. In tables, and in memory."""

from datetime import datetime, timedelta
from typing import Protocol

from pydantic import Field

from threadwork.workflows.values import Value

STATE_LASTS = timedelta(minutes=10)  # from the link to the consent; the cookie lasts as long


class Facts(Value):
    """Who installed what, where. Nothing of it is secret."""

    bot_user_id: str
    bot_id: str = ""
    app_id: str = ""
    team_name: str = ""
    enterprise_id: str | None = None
    scopes: tuple[str, ...] = ()
    installed_by: str = ""  # user id


class Tokens(Value):
    """A workspace's tokens, decrypted."""

    token: str = Field(repr=False)
    refresh_token: str | None = Field(None, repr=False)  # None: the token does not expire
    expires_at: datetime | None = None


class Installed(Value):
    """A workspace's installation, its tokens in the clear."""

    team_id: str
    facts: Facts
    tokens: Tokens
    version: int = 0  # of the row that was read


class StoredInstallations(Protocol):
    """Every change but `put` names what was seen, and changes nothing where that has changed since."""

    async def get(self, team_id: str) -> Installed | None: ...

    async def teams(self) -> list[str]:
        """Ids, in order."""

    async def bots(self) -> dict[str, list[str]]:
        """Bot users, each with the workspaces in which it is ours. No token is read."""

    async def put(self, installed: Installed) -> None:
        """A workspace that installs again replaces what was there, a renewal under way included."""

    async def claim(self, seen: Installed, seconds: float) -> bool:
        """Whether the caller, alone, may renew the tokens that it saw."""

    async def give_up(self, seen: Installed) -> None:
        """The claimed renewal came to nothing; somebody may try again."""

    async def renew(self, seen: Installed, tokens: Tokens) -> bool:
        """Store what a renewal gave. False: it was left alone."""

    async def remove(self, seen: Installed) -> bool:
        """False: it was left alone."""


class OAuthStates(Protocol):
    """Flows under way: each state is good for one return, within `STATE_LASTS`."""

    async def issue(self) -> str: ...

    async def consume(self, state: str) -> bool:
        """Whether it was issued, in time, and this is its first return."""
