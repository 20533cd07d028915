"""What only one may do at a time, in a table."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import leases
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.lease_scopes import LeaseScope

_FENCE = select(leases.c.fence).where(
    leases.c.scope == LeaseScope.SINK.value,
    leases.c.owner == bindparam("wanted_task"),
    leases.c.key == bindparam("wanted_sink"),
)
_FENCE = _FENCE.with_for_update(key_share=True)


class SqlLeases:
    """Leases of one scope. Satisfies `Leases`."""

    def __init__(self, database: Database, clock: Clock, scope: LeaseScope = LeaseScope.SINK) -> None:
        self._database = database
        self._clock = clock
        self._scope = scope.value

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        """A fencing number: kept by its holder while the lease lasts, else one more; None: held by another."""
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        is_held = and_(leases.c.until.is_not(None), leases.c.until > now)
        fence = case((is_held, leases.c.fence), else_=leases.c.fence + 1)
        async with self._database.write() as connection:
            statement = inserting(connection.dialect.name, leases).values(
                scope=self._scope, owner=owner, key=key, holder=holder, until=until, fence=1
            )
            statement = statement.on_conflict_do_update(
                index_elements=["scope", "owner", "key"],
                set_={"holder": holder, "until": until, "fence": fence},
                where=or_(~is_held, leases.c.holder == holder),
            )
            granted: int | None = (await connection.execute(statement.returning(leases.c.fence))).scalar_one_or_none()
        return granted

    async def holder(self, owner: str, key: str) -> tuple[str, int] | None:
        """Who holds it, and the fence. None: nobody does."""
        held = and_(self._is(owner, key), leases.c.until > self._clock())
        async with self._database.read() as connection:
            found = (await connection.execute(select(leases.c.holder, leases.c.fence).where(held))).one_or_none()
        return (found.holder, found.fence) if found else None

    async def release(self, owner: str, key: str, fence: int) -> None:
        """Give the lease back, unless somebody else has it by now."""
        mine = and_(self._is(owner, key), leases.c.fence == fence)
        async with self._database.write() as connection:
            await connection.execute(update(leases).where(mine).values(until=None))

    def _is(self, owner: str, key: str) -> ColumnElement[bool]:
        return and_(leases.c.scope == self._scope, leases.c.owner == owner, leases.c.key == key)


async def newest_fence(connection: AsyncConnection, task_id: str, sink: str) -> int | None:
    """The newest fence of a sink, locked until the transaction ends; None: nobody ever held it."""
    found = await connection.execute(_FENCE, {"wanted_task": task_id, "wanted_sink": sink})
    fence: int | None = found.scalar_one_or_none()
    return fence
