"""What became of a click: the run answers every one of them with an event that names it."""

import asyncio
from typing import Literal

from threadwork.activities.thread_reader import EVENTS_PER_READ
from threadwork.activities.watcher import woken, woken_by_hints
from threadwork.adapters.wording.decision_words import tool_title
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake.outcome_words import Subject, objection, sentence
from threadwork.bot.threads import Threads
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event, Hint
from threadwork.workflows.tasks import Intake
from threadwork.workflows.values import Value

OUTCOME_TIMEOUT = 2.0  # seconds in which a click is answered for good, else it is "recorded"
FIRST_LOOK = (
    0.4  # seconds to the first look at the event log, where no hint comes sooner; each next takes twice as long
)
MAX_LOOK_BACK = 5_000  # events searched for the outcome of a click that is repeated


class Refused(Rejected):
    """The click had no effect; the text says why."""


class Outcome(Value):
    """`accepted`: it took effect. `recorded`: it is kept and will, but the run has not reacted yet."""

    outcome: Literal["accepted", "recorded"]
    detail: str  # a sentence for the person


async def await_outcome(ports: BotDependencies, intake: Intake, timeout: float | None = None) -> Outcome:
    """What becomes of a stored click or reply, for `timeout` seconds at most (None: `OUTCOME_TIMEOUT`).

    Raises `Refused` with the reason."""
    if intake.command.action.kind == "run":
        raise TypeError("The outcome of a new task is the task itself.")
    search = _Search(ports, intake, after=intake.head if intake.first else await _long_before(ports, intake))
    patience = OUTCOME_TIMEOUT if timeout is None else timeout
    return await search.outcome(patience) or Outcome(outcome="recorded", detail=RECORDED)


async def _long_before(ports: BotDependencies, intake: Intake) -> int:
    """Where the search for what became of a click begins that was written down some time ago."""
    return max(0, (await ports.tasks.get(intake.task_id)).last_seq - MAX_LOOK_BACK)


RECORDED = "Recorded; the task has not reacted yet, and the thread will show what comes of it."


class _Search:
    """Looks for the answer to one click in the events as they come."""

    def __init__(self, ports: BotDependencies, intake: Intake, after: int) -> None:
        self._ports = ports
        self._intake = intake
        self._after = after
        self._woken = asyncio.Event()

    async def outcome(self, patience: float) -> Outcome | None:
        """None: nothing has come of it within so many seconds. A look under way is never cut off."""
        async with woken_by_hints(self._ports.bus, self._intake.task_id, self):
            if not self._intake.first and (found := await self._look()):
                return found
            return await self._wait(patience)

    async def _wait(self, patience: float) -> Outcome | None:
        """Others are acknowledged meanwhile: there are few looks, and none that a hint makes needless."""
        now, look = asyncio.get_running_loop().time, FIRST_LOOK
        until = now() + patience
        while (left := until - now()) > 0:
            await woken(self._woken, min(look, left))
            self._woken.clear()
            if found := await self._look():
                return found
            look *= 2
        return None

    def hear(self, hint: Hint) -> None:
        """Hints make it faster; without them the looks find it too."""
        if any(self._is_answer(event) for event in hint.events):
            self._woken.set()

    async def _look(self) -> Outcome | None:
        while events := await self._ports.events.read(self._intake.task_id, self._after, EVENTS_PER_READ):
            self._after = events[-1].seq
            for event in events:
                if self._is_answer(event):
                    return outcome_of(event, await subject_of(self._ports, event))
        stored = await self._ports.intake.get(self._intake.command.platform, self._intake.command.platform_id)
        if stored and stored.state == "refused":
            raise Refused(stored.refused)
        return None

    def _is_answer(self, event: Event) -> bool:
        key = self._intake.command.platform_id
        return key in (event.data.get("click_id"), event.data.get("message_id"))


def outcome_of(event: Event, subject: Subject) -> Outcome:
    """What an event that names a click says to the person. Raises `Refused`."""
    if event.type in REFUSALS:
        raise Refused(objection(str(event.data.get("reason") or "It had no effect.")))
    return Outcome(outcome="accepted", detail=sentence(event, subject))


async def subject_of(ports: BotDependencies, event: Event) -> Subject:
    """The task that the event is of, and the tool that an approval in it let run."""
    task, key = await ports.tasks.get(event.task_id), f"approval:{event.data.get('approval_id')}"
    if event.type is not EventType.HUMAN_APPROVAL_RECEIVED:
        return Subject.of(task)
    view = await Threads(ports.events, ports.views, ports.transcript).view(event.task_id)
    titles = (tool_title(card) for card in view.cards if card.kind == "approval" and card.key == key)
    return Subject.of(task, next(titles, ""))


REFUSALS = (EventType.CLICK_REFUSED, EventType.HUMAN_APPROVAL_IGNORED)
