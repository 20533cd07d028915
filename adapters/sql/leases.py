"""Who delivers to a sink, in a table."""

from datetime import timedelta

from sqlalchemy import and_, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import leases
from threadwork.workflows.domain.clock import Clock

_FENCE = select(leases.c.fence).where(
    leases.c.task_id == bindparam("wanted_task"), leases.c.sink == bindparam("wanted_sink")
)
_FENCE = _FENCE.with_for_update(key_share=True)


class SqlLeases:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def lease(self, task_id: str, sink: str, holder: str, seconds: float) -> int | None:
        """A fencing number: kept by its holder while the lease lasts, else one more; None: held by another."""
        now = self._clock()
        until = now + timedelta(seconds=seconds)
        is_held = and_(leases.c.until.is_not(None), leases.c.until > now)
        fence = case((is_held, leases.c.fence), else_=leases.c.fence + 1)
        async with self._database.write() as connection:
            statement = inserting(connection.dialect.name, leases).values(
                task_id=task_id, sink=sink, holder=holder, until=until, fence=1
            )
            statement = statement.on_conflict_do_update(
                index_elements=["task_id", "sink"],
                set_={"holder": holder, "until": until, "fence": fence},
                where=or_(~is_held, leases.c.holder == holder),
            )
            granted: int | None = (await connection.execute(statement.returning(leases.c.fence))).scalar_one_or_none()
        return granted

    async def release(self, task_id: str, sink: str, fence: int) -> None:
        """Give the lease back, unless somebody else has it by now."""
        mine = and_(leases.c.task_id == task_id, leases.c.sink == sink, leases.c.fence == fence)
        async with self._database.write() as connection:
            await connection.execute(update(leases).where(mine).values(until=None))


async def newest_fence(connection: AsyncConnection, task_id: str, sink: str) -> int | None:
    """The newest fence of a sink, locked until the transaction ends; None: nobody ever held it."""
    found = await connection.execute(_FENCE, {"wanted_task": task_id, "wanted_sink": sink})
    fence: int | None = found.scalar_one_or_none()
    return fence
