"""What was posted where, in tables, and the leases that fence it."""

from datetime import timedelta

from sqlalchemy import and_, case, or_, select, update

from adapters.rules.clock import Clock
from adapters.sql.database import Database, inserting, upserting
from adapters.sql.tables import deliveries, leases, tasks
from workflows.chat import Delivery, Sink
from workflows.tasks import TaskOrder


class SqlDeliveries:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def sinks(self, task_id: str) -> list[Sink]:
        """Places the task reports to; none for an unknown task."""
        query = select(tasks.c.task_order).where(tasks.c.task_id == task_id)
        async with self._database.read() as connection:
            order = (await connection.execute(query)).scalar_one_or_none()
        sink = TaskOrder.model_validate(order).sink if order else None
        return [sink] if sink else []

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

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink, by card and part."""
        query = select(deliveries).where(deliveries.c.task_id == task_id, deliveries.c.sink == sink)
        async with self._database.read() as connection:
            rows = [Delivery.model_validate(row._mapping) for row in await connection.execute(query)]
        return sorted(rows, key=lambda row: (row.card_key, row.part))

    async def write(self, delivery: Delivery) -> bool:
        """False: the fence is not the newest, and nothing was written."""
        query = select(leases.c.fence).where(leases.c.task_id == delivery.task_id, leases.c.sink == delivery.sink)
        async with self._database.write() as connection:
            newest = (await connection.execute(query.with_for_update(key_share=True))).scalar_one_or_none()
            if newest != delivery.fence:
                return False
            await connection.execute(upserting(connection.dialect.name, deliveries), delivery.model_dump())
        return True
