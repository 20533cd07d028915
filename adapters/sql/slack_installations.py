"""Workspaces that installed the Slack app, and OAuth flows under way, in tables.

No transaction spans a call of Slack: a token is renewed under a claim on its row, which runs out by itself."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from pydantic import Field
from sqlalchemy import and_, delete, insert, or_, select, update

from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.sql.database import AnyRow, Database, inserting
from threadwork.adapters.sql.tables import slack_installations as rows
from threadwork.adapters.sql.tables import slack_oauth_states as states
from threadwork.workflows.domain.clock import Clock, utc_now
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
    token: str = Field(repr=False)
    refresh_token: str | None = Field(None, repr=False)  # None: the token does not expire
    expires_at: datetime | None = None


class Installed(Value):
    """A workspace's installation, its tokens in the clear."""

    team_id: str
    facts: Facts
    tokens: Tokens
    version: int = 0  # of the row that was read


class SqlInstallations:
    """Raises `SealBroken` where a token was sealed with a key that is not at hand."""

    def __init__(self, database: Database, seal: Seal, clock: Clock = utc_now) -> None:
        self._database, self._seal, self._clock = database, seal, clock

    async def get(self, team_id: str) -> Installed | None:
        async with self._database.read() as connection:
            found = (await connection.execute(select(rows).where(rows.c.team_id == team_id))).one_or_none()
        return self._installed(found) if found else None

    async def teams(self) -> list[str]:
        async with self._database.read() as connection:
            return [row.team_id for row in await connection.execute(select(rows.c.team_id).order_by(rows.c.team_id))]

    async def bots(self) -> dict[str, list[str]]:
        """Bot users, each with the workspaces in which it is ours. No token is read."""
        found: dict[str, list[str]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(select(rows.c.team_id, rows.c.facts).order_by(rows.c.team_id)):
                found.setdefault(Facts.model_validate(row.facts).bot_user_id, []).append(row.team_id)
        return found

    async def put(self, installed: Installed) -> None:
        """A workspace that installs again replaces what was there, a renewal under way included."""
        values = {"facts": installed.facts.model_dump(mode="json"), **self._sealed(installed.tokens)}
        values |= {"installed_at": self._clock(), "renewing_until": None}
        async with self._database.write() as connection:
            new = inserting(connection.dialect.name, rows).values(team_id=installed.team_id, version=1, **values)
            changed = {**values, "version": rows.c.version + 1}
            await connection.execute(new.on_conflict_do_update(index_elements=["team_id"], set_=changed))

    async def claim(self, seen: Installed, seconds: float) -> bool:
        """Whether the caller, alone, may renew the tokens that it saw."""
        now = self._clock()
        free = or_(rows.c.renewing_until.is_(None), rows.c.renewing_until <= now)
        return await self._change(seen, free, renewing_until=now + timedelta(seconds=seconds))

    async def give_up(self, seen: Installed) -> None:
        """The claimed renewal came to nothing; somebody may try again."""
        await self._change(seen, renewing_until=None)

    async def renew(self, seen: Installed, tokens: Tokens) -> bool:
        """Store what a renewal gave. False: the row has changed since it was seen; it was left alone."""
        renewed = {"version": seen.version + 1, "renewing_until": None}
        return await self._change(seen, **self._sealed(tokens), **renewed)

    async def remove(self, seen: Installed) -> bool:
        """False: the workspace has installed again since, or its tokens are new; it was left alone."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(rows).where(_is(seen)))).rowcount == 1

    async def _change(self, seen: Installed, condition: Any = None, **values: Any) -> bool:
        where = _is(seen) if condition is None else and_(_is(seen), condition)
        async with self._database.write() as connection:
            return (await connection.execute(update(rows).where(where).values(**values))).rowcount == 1

    def _sealed(self, tokens: Tokens) -> dict[str, Any]:
        refresh = tokens.refresh_token and self._seal.close(tokens.refresh_token)
        return {"token": self._seal.close(tokens.token), "refresh_token": refresh, "expires_at": tokens.expires_at}

    def _installed(self, row: AnyRow) -> Installed:
        refresh = row.refresh_token and self._seal.open(row.refresh_token)
        tokens = Tokens(token=self._seal.open(row.token), refresh_token=refresh, expires_at=row.expires_at)
        facts = Facts.model_validate(row.facts)
        return Installed(team_id=row.team_id, facts=facts, tokens=tokens, version=row.version)


class SqlStates:
    """OAuth flows under way: each state is good for one return, within `STATE_LASTS`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def issue(self) -> str:
        state, now = token_urlsafe(32), self._clock()
        async with self._database.write() as connection:
            await connection.execute(delete(states).where(states.c.expires_at <= now))
            await connection.execute(insert(states), [{"state": state, "expires_at": now + STATE_LASTS}])
        return state

    async def consume(self, state: str) -> bool:
        """Whether it was issued, in time, and this is its first return."""
        good = and_(states.c.state == state, states.c.expires_at > self._clock())
        async with self._database.write() as connection:
            return (await connection.execute(delete(states).where(good))).rowcount == 1


def _is(seen: Installed) -> Any:
    return and_(rows.c.team_id == seen.team_id, rows.c.version == seen.version)
