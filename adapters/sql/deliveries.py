"""What was posted where, in tables."""

from datetime import datetime

from sqlalchemy import select

from threadwork.adapters.sql.database import Database, upserting
from threadwork.adapters.sql.in_doubt import put_doubt
from threadwork.adapters.sql.leases import newest_fence
from threadwork.adapters.sql.tables import deliveries, tasks
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.tasks import TaskOrder


class SqlDeliveries:
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
        return [sink for key in sorted(keys) if (sink := Sink.keyed(key)).kinds]

    async def rows(self, task_id: str, sink: str) -> list[Delivery]:
        """Every part of every card in the sink, by card and part."""
        query = select(deliveries).where(deliveries.c.task_id == task_id, deliveries.c.sink == sink)
        async with self._database.read() as connection:
            rows = [Delivery.model_validate(row._mapping) for row in await connection.execute(query)]
        return sorted(rows, key=lambda row: (row.card_key, row.part))

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
