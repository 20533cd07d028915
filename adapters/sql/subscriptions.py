"""Subscribed channels in a table."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from threadwork.adapters.sql.database import AnyRow, Database, upserting
from threadwork.adapters.sql.tables import subscriptions
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.subscriptions import DUE, Subscription

CHANGED = ("sink", "kinds", "agents", "requesters", "channels", "source", "failure", "created_by")
_ALL = select(subscriptions).order_by(subscriptions.c.created_at, subscriptions.c.subscription_id)


class SqlSubscriptions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Subscription]:
        """The oldest first."""
        async with self._database.read() as connection:
            return [_subscription(row) for row in await connection.execute(_ALL)]

    async def put(self, subscription: Subscription) -> None:
        """One with the same id is replaced, and keeps its age."""
        row = subscription.model_dump(mode="json", exclude={"on", "by", "created_at"})
        row |= {"kinds": subscription.on, "created_by": subscription.by and subscription.by.model_dump(mode="json")}
        row |= {"created_at": subscription.created_at or self._clock()}
        async with self._database.write() as connection:
            await connection.execute(upserting(connection.dialect.name, subscriptions, *CHANGED), row)

    async def remove(self, subscription_id: str) -> None:
        async with self._database.write() as connection:
            mine = subscriptions.c.subscription_id == subscription_id
            await connection.execute(delete(subscriptions).where(mine))

    async def claim_notice(self, subscription_ids: Sequence[str], task_id: str) -> bool:
        """The notice that is due to these is given by the task. False: another task had it before."""
        due = subscriptions.c.subscription_id.in_(subscription_ids) & (subscriptions.c.notice == DUE)
        async with self._database.write() as connection:
            claimed = await connection.execute(update(subscriptions).where(due).values(notice=task_id))
            return bool(claimed.rowcount)


def _subscription(row: AnyRow) -> Subscription:
    return Subscription.model_validate({**row._mapping, "on": row.kinds, "by": row.created_by})
