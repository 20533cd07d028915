"""What was posted where, in tables."""

from datetime import datetime

from sqlalchemy import select

from threadwork.adapters.sql.database import Database, inserting, upserting
from threadwork.adapters.sql.in_doubt import put_doubt
from threadwork.adapters.sql.leases import newest_fence
from threadwork.adapters.sql.tables import deliveries, former_roots, sinks, tasks
from threadwork.workflows.sinks import Delivery, Sink, SinkState
from threadwork.workflows.tasks import TaskOrder


class SqlDeliveries:
    """Satisfies `Deliveries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sinks(self, task_id: str) -> list[Sink]:
        """The task's own thread; empty where it has none, and for an unknown task."""
        query = select(tasks.c.task_order).where(tasks.c.task_id == task_id)
        async with self._database.read() as connection:
            order = (await connection.execute(query)).scalar_one_or_none()
        sink = TaskOrder.model_validate(order).sink if order else None
        return [sink] if sink else []

    async def told(self, task_id: str) -> list[Sink]:
        """Subscribed channels in which there is a card of the task, by their keys."""
        query = select(deliveries.c.sink).where(deliveries.c.task_id == task_id).distinct()
        async with self._database.read() as connection:
            keys = (await connection.execute(query)).scalars().all()
        return [sink for key in sorted(keys) if (sink := Sink.keyed(key)).subscribed]

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink, by card and part."""
        query = select(deliveries).where(deliveries.c.task_id == task_id, deliveries.c.sink == sink)
        async with self._database.read() as connection:
            rows = [Delivery.model_validate(row._mapping) for row in await connection.execute(query)]
        return sorted(rows, key=lambda row: (row.card_key, row.part))

    async def state(self, task_id: str, sink: str) -> SinkState:
        """What is known of the sink as a whole."""
        its = select(sinks).where(sinks.c.task_id == task_id, sinks.c.sink == sink)
        roots = select(former_roots.c.message_id).where(former_roots.c.task_id == task_id, former_roots.c.sink == sink)
        async with self._database.read() as connection:
            row = (await connection.execute(its)).one_or_none()
            former = tuple(sorted((await connection.execute(roots)).scalars()))
        known = row._mapping if row else {"task_id": task_id, "sink": sink}
        return SinkState.model_validate({**known, "former_roots": former})

    async def write_state(self, state: SinkState, fence: int) -> bool:
        """Former roots are added to those that are known. False: an old fence."""
        where = {"task_id": state.task_id, "sink": state.sink}
        async with self._database.write() as connection:
            if await newest_fence(connection, **where) != fence:
                return False
            dialect = connection.dialect.name
            await connection.execute(upserting(dialect, sinks), state.model_dump(exclude={"former_roots"}))
            if roots := [{**where, "message_id": one} for one in state.former_roots]:
                await connection.execute(inserting(dialect, former_roots).on_conflict_do_nothing(), roots)
        return True

    async def intend(self, delivery: Delivery, check_at: datetime) -> bool:
        """Write the row and the doubt of a call; a doubt that is there keeps its `checks`. False: an old fence."""
        return await self._put(delivery, check_at)

    async def write(self, delivery: Delivery, check_at: datetime | None = None) -> bool:
        """Write the row; the doubt of the same part and fence is gone, or set to `check_at`. False: an old fence."""
        return await self._put(delivery, check_at)

    async def _put(self, delivery: Delivery, check_at: datetime | None) -> bool:
        async with self._database.write() as connection:
            if await newest_fence(connection, delivery.task_id, delivery.sink) != delivery.fence:
                return False
            await connection.execute(upserting(connection.dialect.name, deliveries), delivery.model_dump())
            await put_doubt(connection, delivery, check_at)
        return True
