"""Commands in tables, written down before they are acknowledged."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from threadwork.adapters.sql.database import AnyRow, Database, inserting
from threadwork.adapters.sql.tables import IS_NEW_COMMAND, intake, task_messages, tasks
from threadwork.adapters.sql.task_rows import create_task
from threadwork.adapters.sql.transcript import put_messages
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.failures import later_reply, no_task
from threadwork.workflows.domain.identity import task_of
from threadwork.workflows.domain.texts import command_messages, replies_after
from threadwork.workflows.tasks import Command, Intake, RunOrder, Stop

_OLDEST = select(func.min(intake.c.intake_id)).where(text(IS_NEW_COMMAND)).group_by(intake.c.task_id)
_FREE = select(intake.c.intake_id).order_by(intake.c.intake_id)
_FREE = _FREE.where(intake.c.intake_id.in_(_OLDEST), text(IS_NEW_COMMAND))
_FREE = _FREE.where(or_(intake.c.lease_until.is_(None), intake.c.lease_until <= bindparam("now")))
_KNOWN = select(intake).where(
    intake.c.platform == bindparam("platform"), intake.c.platform_id == bindparam("platform_id")
)

_OPEN = intake.c.state.in_(("new", "held"))
_NEW = {"state": "new", "attempts": 0, "refused": ""}

log = structlog.get_logger(__name__)


class SqlIntake:
    """Satisfies `IntakeLog`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def store(self, command: Command, held: bool = False) -> Intake:
        """Write a command down with what it brings along. Raises `NotFound`, and `Rejected` for a stop that is late."""
        state = "held" if held else "new"
        task_id = task_of(command)
        async with self._database.write(urgent=True) as connection:
            head = 0
            if not isinstance(command.action, RunOrder):
                head = await _lock_task(connection, task_id)
            key = {"platform": command.platform, "platform_id": command.platform_id}
            row = key | {"task_id": task_id, "command": command.model_dump(mode="json"), "stored_at": self._clock()}
            added = await connection.execute(_adding(connection.dialect.name), _NEW | row | {"state": state})
            intake_id = added.scalar_one_or_none()
            if intake_id is None:
                return _intake((await connection.execute(_KNOWN, key)).one(), first=False)
            if not (held and isinstance(command.action, RunOrder)):
                await self._put_beside(connection, task_id, command)
        return Intake(intake_id=intake_id, task_id=task_id, command=command, first=True, head=head, state=state)

    async def _put_beside(self, connection: AsyncConnection, task_id: str, command: Command) -> None:
        """What a new command brings along. Raises `Rejected` for a stop that is late."""
        if isinstance(command.action, RunOrder):
            await create_task(connection, task_id, command.action.order, self._clock)
        if isinstance(command.action, Stop) and command.action.moment:
            await _check_moment(connection, task_id, command.action.moment)
        await put_messages(connection, task_id, command_messages(command.action), self._clock)

    async def lease(self, holder: str, limit: int, seconds: float) -> list[Intake]:
        """Take commands that nobody holds, oldest first, only the oldest of each task.

        Most looks find nothing: those wait for no writer, and keep none waiting."""
        now = self._clock()
        if not await self._any_free(now):
            return []
        async with self._database.write() as connection:
            query = _FREE.limit(limit).with_for_update(skip_locked=True)
            free = (await connection.execute(query, {"now": now})).scalars().all()
            statement = update(intake).where(intake.c.intake_id.in_(free)).returning(intake)
            taken = {"holder": holder, "lease_until": now + timedelta(seconds=seconds)}
            rows = (await connection.execute(statement.values(**taken, attempts=intake.c.attempts + 1))).all()
        return list(_understood(sorted(rows, key=lambda row: row.intake_id)))

    async def _any_free(self, now: datetime) -> bool:
        async with self._database.read() as connection:
            return (await connection.execute(_FREE.limit(1), {"now": now})).one_or_none() is not None

    async def finish(self, intake_id: int, refused: str = "") -> None:
        """The command was taken up, or `refused` says why it never can be. Only the first word counts."""
        end = {"state": "refused" if refused else "done", "refused": refused, "finished_at": self._clock()}
        async with self._database.write() as connection:
            await connection.execute(update(intake).where(intake.c.intake_id == intake_id, _OPEN).values(**end))

    async def get(self, platform: str, platform_id: str) -> Intake | None:
        """The command of that platform id, as it stands."""
        async with self._database.read() as connection:
            row = (await connection.execute(_KNOWN, {"platform": platform, "platform_id": platform_id})).one_or_none()
        return _intake(row, first=False) if row else None

    async def amend(self, command: Command) -> None:
        """The command of that platform id says this from now on, where nobody has taken it up."""
        this = (intake.c.platform == command.platform, intake.c.platform_id == command.platform_id)
        async with self._database.write() as connection:
            changed = update(intake).where(*this, _OPEN).values(command=command.model_dump(mode="json"))
            await connection.execute(changed)


@cache
def _adding(dialect: str) -> ReturningInsert[tuple[int]]:
    """Gives the new row's id; none where the command had been written down before."""
    statement = inserting(dialect, intake).on_conflict_do_nothing(index_elements=["platform", "platform_id"])
    return statement.returning(intake.c.intake_id)


async def _lock_task(connection: AsyncConnection, task_id: str) -> int:
    """The number of its last event. Of a reply and a stop at the same moment the second sees the first, and is taken up
    after it."""
    found = await connection.execute(select(tasks.c.last_seq).where(tasks.c.task_id == task_id).with_for_update())
    head: int | None = found.scalar_one_or_none()
    if head is None:
        raise no_task(task_id)
    return head


async def _check_moment(connection: AsyncConnection, task_id: str, moment: str) -> None:
    after, before = replies_after(moment)
    ref = task_messages.c.ref
    query = select(ref).where(task_messages.c.task_id == task_id, ref > after, ref < before).limit(1)
    if (await connection.execute(query)).one_or_none():
        raise later_reply()


def _intake(row: AnyRow, first: bool) -> Intake:
    return Intake.model_validate({**row._mapping, "first": first})


def _understood(rows: Sequence[AnyRow]) -> Iterator[Intake]:
    """A command that a newer bot wrote down is left to bots of its kind: its lease runs out."""
    for row in rows:
        try:
            yield _intake(row, first=True)
        except ValidationError:
            log.warning("command_not_understood", intake_id=row.intake_id, hint="Upgrade this bot.")
