"""Commands in memory."""

from datetime import datetime, timedelta
from typing import Literal

from threadwork.adapters.memory.state import IntakeRow, MemoryState, create_task
from threadwork.adapters.memory.transcript import put_message
from threadwork.workflows.domain.failures import later_reply
from threadwork.workflows.domain.identity import task_of
from threadwork.workflows.domain.texts import command_messages, replies_after
from threadwork.workflows.tasks import Command, Intake, RunOrder, Stop

OPEN = ("new", "held")  # states of commands that nobody has taken up


class MemoryIntake:
    """Satisfies `IntakeLog`; the twin of `SqlIntake`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def store(self, command: Command, held: bool = False) -> Intake:
        """Write a command down with what it brings along. Raises `NotFound`, and `Rejected` for a stop that is late."""
        known = self._row(command.platform, command.platform_id)
        if known:
            return _intake(known, first=False)
        task_id = task_of(command)
        if held and isinstance(command.action, RunOrder):
            return self._put(task_id, command, "held")
        if isinstance(command.action, RunOrder):
            create_task(self._state, task_id, command.action.order)
        task = self._state.task(task_id)
        if isinstance(command.action, Stop) and self._is_late(task_id, command.action.moment):
            raise later_reply()
        for message in command_messages(command.action):
            put_message(self._state, task_id, message)
        return self._put(task_id, command, "held" if held else "new").model_copy(update={"head": task.last_seq})

    def _put(self, task_id: str, command: Command, state: Literal["new", "held"]) -> Intake:
        kept = Command.model_validate(command.model_dump())  # its files lie with the messages
        row = IntakeRow(len(self._state.intake) + 1, task_id, kept, state=state)
        self._state.intake.append(row)
        return _intake(row, first=True)

    def _row(self, platform: str, platform_id: str) -> IntakeRow | None:
        key = (platform, platform_id)
        rows = self._state.intake
        return next((row for row in rows if (row.command.platform, row.command.platform_id) == key), None)

    async def lease(self, holder: str, limit: int, seconds: float) -> list[Intake]:
        """Take commands that nobody holds, oldest first, only the oldest of each task."""
        now = self._state.clock()
        oldest: dict[str, IntakeRow] = {}
        for row in self._state.intake:
            if row.state == "new":
                oldest.setdefault(row.task_id, row)
        free = [row for row in oldest.values() if _is_free(row, now)][:limit]
        for row in free:
            row.lease_until, row.attempts = now + timedelta(seconds=seconds), row.attempts + 1
        return [_intake(row, first=True) for row in free]

    async def finish(self, intake_id: int, refused: str = "") -> None:
        """The command was taken up, or `refused` says why it never can be. Only the first word counts."""
        for row in self._state.intake:
            if row.intake_id == intake_id and row.state in OPEN:
                row.state, row.refused = ("refused" if refused else "done"), refused

    async def get(self, platform: str, platform_id: str) -> Intake | None:
        """The command of that platform id, as it stands."""
        row = self._row(platform, platform_id)
        return _intake(row, first=False) if row else None

    async def amend(self, command: Command) -> None:
        """The command of that platform id says this from now on, where nobody has taken it up."""
        row = self._row(command.platform, command.platform_id)
        if row and row.state in OPEN:
            row.command = Command.model_validate(command.model_dump())

    def _is_late(self, task_id: str, moment: str) -> bool:
        after, before = replies_after(moment)
        return bool(moment) and any(after < ref < before for ref in self._state.messages.get(task_id, {}))


def _is_free(row: IntakeRow, now: datetime) -> bool:
    return row.lease_until is None or row.lease_until <= now


def _intake(row: IntakeRow, first: bool) -> Intake:
    return Intake.model_validate(
        {
            "intake_id": row.intake_id,
            "task_id": row.task_id,
            "command": row.command,
            "first": first,
            "state": row.state,
            "refused": row.refused,
            "attempts": row.attempts,
        }
    )
