"""Which of several processes answers what was delivered to more than one of them, in the table of leases."""

from datetime import timedelta

from sqlalchemy import and_, delete

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import leases
from threadwork.workflows.domain.clock import Clock, utc_now
from threadwork.workflows.domain.lease_scopes import LeaseScope

TURN_TTL = timedelta(minutes=10)  # that a turn is remembered: longer than a platform goes on delivering
CLEARING = timedelta(minutes=1)  # between two removals of what is older


class SqlTurns:
    """Turns of one kind of delivery, such as a platform's."""

    def __init__(self, database: Database, kind: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._kind = kind
        self._clock = clock
        self._clear_at = clock()
        self._are_mine = and_(leases.c.scope == LeaseScope.TURN.value, leases.c.owner == kind)

    async def first(self, key: str) -> bool:
        """Whether nobody has taken this turn; from now on somebody has."""
        now = self._clock()
        turn = {
            "scope": LeaseScope.TURN.value,
            "owner": self._kind,
            "key": key,
            "holder": "",
            "until": now + TURN_TTL,
            "fence": 0,
        }
        async with self._database.write() as connection:
            if now >= self._clear_at:
                self._clear_at = now + CLEARING
                await connection.execute(delete(leases).where(self._are_mine, leases.c.until <= now))
            statement = inserting(connection.dialect.name, leases).values(**turn).on_conflict_do_nothing()
            taken = await connection.execute(statement.returning(leases.c.fence))
            return taken.scalar_one_or_none() is not None
