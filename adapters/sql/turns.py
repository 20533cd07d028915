"""Which of several processes answers what was delivered to more than one of them, in the table of leases."""

from datetime import timedelta

from sqlalchemy import delete

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import leases
from threadwork.workflows.domain.clock import Clock, utc_now

TURN_TTL = timedelta(minutes=10)  # that a turn is remembered: longer than a platform goes on delivering
CLEARING = timedelta(minutes=1)  # between two removals of what is older


class SqlTurns:
    """Turns of one kind of delivery, such as a platform's."""

    def __init__(self, database: Database, kind: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._kind = f"turn:{kind}"
        self._clock = clock
        self._clear_at = clock()

    async def first(self, key: str) -> bool:
        """Whether nobody has taken this turn; from now on somebody has."""
        now = self._clock()
        turn = {"task_id": self._kind, "sink": key, "holder": "", "until": now + TURN_TTL, "fence": 0}
        async with self._database.write() as connection:
            if now >= self._clear_at:
                self._clear_at = now + CLEARING
                await connection.execute(delete(leases).where(leases.c.task_id == self._kind, leases.c.until <= now))
            statement = inserting(connection.dialect.name, leases).values(**turn).on_conflict_do_nothing()
            taken = await connection.execute(statement.returning(leases.c.fence))
            return taken.scalar_one_or_none() is not None
