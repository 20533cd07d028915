"""Tools that people allowed for good, in a table."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import AnyRow, AnySelect, Database, inserting
from threadwork.adapters.sql.tables import grants
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import no_grant
from threadwork.workflows.domain.grant_records import grants_given, renewed, revocation
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.values import Principal


class SqlGrants:
    """Satisfies `Grants`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of_tools(self, agent: str, tools: Collection[str]) -> list[Grant]:
        """Those that stand, of an agent's tools, the oldest first."""
        wanted = _standing(self._clock()).where(grants.c.agent == agent, grants.c.tool.in_(tools))
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.order_by(grants.c.given_at, grants.c.grant_id))
            return [_grant(row) for row in rows]

    async def all(self, standing: bool = True, limit: int = 500) -> list[Grant]:
        """The newest first. `standing`: without those that were revoked or are over."""
        wanted = _standing(self._clock()) if standing else select(grants)
        newest = wanted.order_by(grants.c.given_at.desc(), grants.c.grant_id).limit(limit)
        async with self._database.read() as connection:
            return [_grant(row) for row in await connection.execute(newest)]

    async def get(self, grant_id: str) -> Grant:
        """Raises `NotFound`."""
        async with self._database.read() as connection:
            row = (await connection.execute(_of(grant_id))).one_or_none()
        if row is None:
            raise no_grant(grant_id)
        return _grant(row)

    async def revoke(self, grant_id: str, by: Principal) -> bool:
        """From now on no call is claimed by it. False: it stood no more. Raises `NotFound`."""
        async with self._database.write() as connection:
            row = (await connection.execute(_of(grant_id).with_for_update())).one_or_none()
            if row is None:
                raise no_grant(grant_id)
            if not _grant(row).stands(self._clock()):
                return False
            await _revoke(connection, grant_id, by, self._clock())
        return True


async def keep_grants(connection: AsyncConnection, task_id: str, events: list[Event]) -> None:
    """Store what the events give; the same by the same people is renewed."""
    for grant in grants_given(task_id, events):
        alike = _standing(grant.given_at).where(grants.c.agent == grant.agent, grants.c.tool == grant.tool)
        known = [_grant(row) for row in await connection.execute(alike)]
        for one in renewed(grant, known):
            await _revoke(connection, one.grant_id, grant.by[-1], grant.given_at)
        row = grant.model_dump() | {"grant_id": grant.grant_id, "givers": [one.model_dump() for one in grant.by]}
        statement = inserting(connection.dialect.name, grants).on_conflict_do_nothing()
        await connection.execute(statement, [{column.name: row[column.name] for column in grants.c}])


async def grant_stands(connection: AsyncConnection, grant_id: str, now: datetime) -> bool:
    """Whether it does, and goes on to until this transaction ends: whoever revokes it waits for that."""
    row = (await connection.execute(_of(grant_id).with_for_update(read=True))).one_or_none()
    return row is not None and _grant(row).stands(now)


async def _revoke(connection: AsyncConnection, grant_id: str, by: Principal, at: datetime) -> None:
    changed = update(grants).where(grants.c.grant_id == grant_id).values(**revocation(by, at))
    await connection.execute(changed)


def _standing(now: datetime) -> AnySelect:
    return select(grants).where(grants.c.revoked_at.is_(None), or_(grants.c.until.is_(None), grants.c.until > now))


def _of(grant_id: str) -> AnySelect:
    return select(grants).where(grants.c.grant_id == grant_id)


def _grant(row: AnyRow) -> Grant:
    return Grant.model_validate({**row._mapping, "by": row.givers})
