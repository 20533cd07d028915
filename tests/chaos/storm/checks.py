"""What must hold when the storm is over. Each check gives one line for each thing that is wrong."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from sqlalchemy import select

from tests.chaos.storm.model import StormModel
from tests.chaos.storm.people import Crowd
from tests.chaos.storm.screen import ADDS, Screen
from tests.chaos.storm.script import GOAL, KINDS
from threadwork.activities.thread_reader import ThreadReader
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.tables import calls, intake, spend, tasks
from threadwork.workflows.events import Event

LIVE = ("Allow once", "Deny", "Edit and allow", "Pause", "Resume", "Stop", "Blue", "Red", "Answer …")
DECIDED = {"Allow once", "Allow for this task", "Deny", "Edit and allow"}
ONCE = {  # an event, and by what it is the only one
    "human_approval.received": "approval_id",
    "question.answered": "question_id",
    "follow_up.received": "message_id",
}
COUNTS = {"Blue": "question.answered", "Stop": "workflow.cancelled"}
ANSWERED = select(spend.c.tokens, calls.c.result).where(
    spend.c.settled, calls.c.task_id == spend.c.task_id, calls.c.attempt == spend.c.attempt
)  # attempts of calls, as they were settled
Wrong = list[str]


class Aftermath:
    """All that is left behind."""

    def __init__(self, screen: Screen, crowd: Crowd, model: StormModel, database: Database, ran: list[str]) -> None:
        self.sight, self.crowd, self.model, self.database, self.ran = screen, crowd, model, database, ran
        self.events: dict[str, list[Event]] = {}
        self.kinds: dict[str, str] = {}

    async def look(self) -> None:
        await self.sight.look()
        for task_id, task in self.sight.tasks.items():
            self.events[task_id] = await self.sight.store.events.read(task_id, limit=100_000)
            self.kinds[task_id] = GOAL.search(task.goal)[1]  # type: ignore[index]

    def of(self, task_id: str, type_: str) -> list[Event]:
        return [event for event in self.events[task_id] if event.type == type_]

    async def rows(self, query: Any) -> list[Any]:
        async with self.database.read() as connection:
            return list(await connection.execute(query))


async def ended(left: Aftermath) -> Wrong:
    """As its kind does, unless the model was away for too long."""
    wrong = []
    for task_id, task in left.sight.tasks.items():
        failed = task.status == "failed" and left.of(task_id, "llm_call.failed")
        if task.status != KINDS[left.kinds[task_id]].ends and not failed:
            wrong.append(f"{task_id} {task.goal} is {task.status}")
    return wrong


async def gapless(left: Aftermath) -> Wrong:
    numbers = {task_id: [event.seq for event in events] for task_id, events in left.events.items()}
    return [f"{task_id}: {seqs}" for task_id, seqs in numbers.items() if seqs != list(range(1, len(seqs) + 1))]


async def ordered_once(left: Aftermath) -> Wrong:
    """What was acknowledged is there once; of what was not there is one at most."""
    there = Counter(match[0] for task in left.sight.tasks.values() if (match := GOAL.search(task.goal)))
    wrong = [f"{goal} is there {count} times" for goal, count in there.items() if count > 1]
    return wrong + [
        f"{goal} was acknowledged and is lost" for goal, acked in left.crowd.orders if bool(acked) > there[goal]
    ]


async def cards(left: Aftermath) -> Wrong:
    """Each part of each card of the thread stands once, and nothing else."""
    wrong = []
    for task_id in left.sight.tasks:
        view = await ThreadReader(left.sight.store.events, left.sight.store.views, task_id).view()
        expected = Counter(f"{card.key}/0" for card in (view.status, *view.cards))
        if (standing := Counter(left.sight.marks(task_id))) != expected:
            wrong.append(f"{task_id}: missing {dict(expected - standing)}, too many {dict(standing - expected)}")
    return wrong


async def no_live_button(left: Aftermath) -> Wrong:
    return [
        f"{task_id} {mark}: [{label}]"
        for task_id, task in left.sight.tasks.items()
        if task.status.ended
        for mark, seen in left.sight.cards.get(task_id, [])
        for label in LIVE
        if f"[{label}]" in seen.readable
    ]


async def destructive_once(left: Aftermath) -> Wrong:
    """What ran, ran once, and had been approved as it ran; and what is said to have run, ran."""
    wrong = [f"{name} ran {count} times" for name, count in Counter(left.ran).items() if count > 1]
    for name in left.ran:
        kind = GOAL.search(name)[1]  # type: ignore[index]
        if kind not in ("once", "rest", "edited") or (kind == "edited") != name.endswith("-edited"):
            wrong.append(f"{name} ran though it was not approved")
    really = Counter(GOAL.search(name)[0] for name in left.ran)  # type: ignore[index]
    for task_id, task in left.sight.tasks.items():
        said = sum(event.data["tool"] == "storm.write" for event in left.of(task_id, "tool_call.completed"))
        if said > really[GOAL.search(task.goal)[0]]:  # type: ignore[index]
            wrong.append(f"{task_id} {task.goal}: {said} calls are said to have run")
    return wrong


async def clicks_once(left: Aftermath) -> Wrong:
    """None counts twice, and none that was acknowledged is lost."""
    wrong = []
    for task_id in left.sight.tasks:
        ids = Counter(str(event.data["click_id"]) for event in left.events[task_id] if event.data.get("click_id"))
        wrong += [f"{task_id}: click {click} counts {count} times" for click, count in ids.items() if count > 1]
        for type_, by in ONCE.items():
            about = Counter(event.data[by] for event in left.of(task_id, type_))
            wrong += [f"{task_id}: {type_} of {what} {count} times" for what, count in about.items() if count > 1]
    for task_id, label, acked in left.crowd.clicks:
        counted = "human_approval.received" if label in DECIDED else _counted(label)
        if acked and counted and not left.of(task_id, counted):
            wrong.append(f"{task_id}: [{label}] was acknowledged and is lost")
    return wrong


def _counted(label: str) -> str | None:
    return "budget.increased" if ADDS.match(label) else COUNTS.get(label)


async def commands_taken_up(left: Aftermath) -> Wrong:
    rows = await left.rows(select(intake.c.intake_id, intake.c.task_id).where(intake.c.state == "new"))
    return [f"{row.task_id}: command {row.intake_id} was never taken up" for row in rows]


async def ledger(left: Aftermath) -> Wrong:
    """The running totals are the sum of the rows, and each call that was answered is settled as the model says: no two
    answers have as many tokens. A call that was stopped in the middle is settled as estimated."""
    wrong, sums = [], Counter[tuple[str, str]]()
    for row in await left.rows(select(spend)):
        sums[row.task_id, "tokens"] += row.tokens
        sums[row.task_id, "nanos"] += row.nanos
    for row in await left.rows(select(tasks.c.task_id, tasks.c.spent_tokens, tasks.c.spent_nanos)):
        found, total = (sums[row.task_id, "tokens"], sums[row.task_id, "nanos"]), (row.spent_tokens, row.spent_nanos)
        wrong += [f"{row.task_id}: rows say {found}, the total {total}"] if found != total else []
    rows = await left.rows(ANSWERED)
    settled = Counter(row.tokens for row in rows if row.result and row.result["outcome"] == "ok")
    wrong += [f"{tokens} tokens were settled {count} times" for tokens, count in settled.items() if count > 1]
    return wrong + [f"{tokens} tokens were never answered" for tokens in settled if tokens not in left.model.answered]


class Result(NamedTuple):
    name: str
    wrong: Wrong


CHECKS: dict[str, Callable[[Aftermath], Awaitable[Wrong]]] = {
    "each task ended as it should": ended,
    "each order is there once": ordered_once,
    "events without a gap": gapless,
    "each card once": cards,
    "no live button on what has ended": no_live_button,
    "destructive calls at most once, as approved": destructive_once,
    "each click once, none lost": clicks_once,
    "each command taken up": commands_taken_up,
    "the ledger is exact": ledger,
}


async def check(left: Aftermath) -> list[Result]:
    await left.look()
    return [Result(name, await one(left)) for name, one in CHECKS.items()]
