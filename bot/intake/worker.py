"""Taking commands up: what was written down becomes a start or a signal, by whichever bot comes first."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from threadwork.activities.ports import IntakeLog, Tasks
from threadwork.adapters.wording.card_words import STATES
from threadwork.bot.away import is_away
from threadwork.bot.gateway import NoRun
from threadwork.bot.intake.dispatch import Runner, dispatch
from threadwork.workflows import crash_points
from threadwork.workflows.errors import Rejected
from threadwork.workflows.tasks import Intake
from threadwork.workflows.values import Status

LEASE = 10.0  # seconds a command is held, also after a failure; longer than a request to Temporal may take
POLL_INTERVAL = 1.0  # seconds between two looks for what nobody has taken up
BATCH_INTERVAL = 0.02  # seconds between two looks at least: what comes in a burst is leased together
MAX_CONCURRENT = 50  # commands taken up side by side, each of another task
MAX_BACKOFF = 5.0  # seconds at most between two tries while Temporal or the database is away
SHUTDOWN_TIMEOUT = 2.0  # seconds in which what is under way may finish when the process stops
MAX_TRIES_WITHOUT_RUN = 20  # tries after which a task without a run is taken for lost
MAX_FAILURES = 3  # failures of one command, while Temporal and the database answer, before it is given up
NO_RUN = "Too late: this task is no longer running. A reply continues it."
GIVEN_UP = "This could not be done, and trying again did not help: it was given up. The log of the bot says where."

_log = structlog.get_logger(__name__)


class IntakeWorker:
    """Takes commands up in order per task. Any number of these may run; a command that two take up counts once."""

    def __init__(self, intake: IntakeLog, tasks: Tasks, runner: Runner, holder: str, lease: float = LEASE) -> None:
        self._intake = intake
        self._tasks = tasks
        self._runner = runner
        self._holder = holder  # name of this process among the bots
        self._lease = lease
        self._woken = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        self._troubles = 0  # in a row, of Temporal or the database
        self._failures = Counter[int]()  # of single commands, by intake id

    def wake(self) -> None:
        """A command was just written down: look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Look until cancelled; then finish what is under way, or leave it to its lease after a moment."""
        look = None
        try:
            while True:
                self._woken.clear()
                look = asyncio.create_task(self._look())
                await asyncio.shield(look)  # what is cut off in the middle of a connect is never closed
                await self._rest()
        finally:
            await self._let_go(look)

    async def _look(self) -> None:
        """Lease and begin what is free, as far as hands are free."""
        free = MAX_CONCURRENT - len(self._working)
        if not free:
            return
        try:
            rows = await self._intake.lease(self._holder, free, self._lease)
        except Exception as error:
            self._trouble("commands_not_leased", error)
            return
        for row in rows:
            task = asyncio.create_task(self._process_safely(row))
            self._working.add(task)
            task.add_done_callback(self._done)

    async def _rest(self) -> None:
        """Until something was written down or done: what a look left over waits for a free hand, not for a look."""
        await asyncio.sleep(BATCH_INTERVAL)
        pause = min(MAX_BACKOFF, 0.5 * 2 ** min(self._troubles, 5)) if self._troubles else POLL_INTERVAL
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):  # wait_for may swallow a cancellation in Python 3.11
                await self._woken.wait()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._working.discard(task)
        self._woken.set()  # the task's next command is free now

    async def _let_go(self, look: "asyncio.Task[None] | None") -> None:
        if look:
            await asyncio.wait([look], timeout=SHUTDOWN_TIMEOUT)
        left = set(self._working)
        if left:
            _, left = await asyncio.wait(left, timeout=SHUTDOWN_TIMEOUT)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _process_safely(self, row: Intake) -> None:
        try:
            await self._try(row)
        except Exception as error:
            self._trouble("command_waits", error, intake_id=row.intake_id, task_id=row.task_id)

    async def _try(self, row: Intake) -> None:
        """Raises where Temporal or the database is away; whatever else happens is between us and this row."""
        try:
            await self.process(row)
        except Exception as error:
            if is_away(error):
                raise
            await self._failed(row, error)
        else:
            self._troubles = 0
            self._failures.pop(row.intake_id, None)

    async def _failed(self, row: Intake, error: Exception) -> None:
        """It is tried again when its lease is over, a few times: the task's next commands wait behind it."""
        self._failures[row.intake_id] += 1
        failures, where = self._failures[row.intake_id], {"intake_id": row.intake_id, "task_id": row.task_id}
        _log.warning("command_not_taken_up", error=type(error).__name__, failures=failures, **where)
        if failures >= MAX_FAILURES:
            await self._intake.finish(row.intake_id, refused=GIVEN_UP)
            del self._failures[row.intake_id]

    def _trouble(self, what: str, error: Exception, **where: object) -> None:
        """What it says is not logged: a database's errors quote what was to be stored."""
        self._troubles += 1
        _log.warning(what, error=type(error).__name__, troubles=self._troubles, **where)

    async def process(self, row: Intake) -> None:
        """Start or signal, and close the row. A row left open is leased again later."""
        action = row.command.action
        crash_points.reached("command_stored")
        try:
            await dispatch(self._runner, row.task_id, action)
        except NoRun:
            await self._nobody_hears(row)
        except Rejected as error:
            await self._intake.finish(row.intake_id, refused=str(error))
        else:
            await self._intake.finish(row.intake_id)
            _log.info("command_taken_up", kind=action.kind, task_id=row.task_id, attempts=row.attempts)

    async def _nobody_hears(self, row: Intake) -> None:
        """A click on a task without a run: it waits for the first, and comes too late after the last."""
        record = await self._tasks.get(row.task_id)
        if record.status.ended:
            _, words = STATES[record.status]
            await self._intake.finish(row.intake_id, refused=f"Too late: the task has ended ({words.lower()}).")
        elif record.status is not Status.QUEUED or row.attempts >= MAX_TRIES_WITHOUT_RUN:
            await self._intake.finish(row.intake_id, refused=NO_RUN)


@asynccontextmanager
async def intake_running(intake_worker: IntakeWorker) -> AsyncIterator[None]:
    """Takes commands up for as long as the block lasts."""
    task = asyncio.create_task(intake_worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
