"""A crowd: everybody starts a task, approves what it asks, twice, and replies to its answer."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

from tests.worker_harness import WRITE, Actor, WorkerHarness, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.tasks import TaskFilter

LOOK = 0.3  # seconds between two looks at the channels
PATIENCE = 330.0  # seconds for all that a person waits for
# What a task of the crowd leaves in its channel, without numbers of approvals.
CARDS = ["answer:1/0", "answer:2/0", "approval/0", "status/0"]


def tell(request: ModelRequest) -> Delta:
    """Write one note, which is asked for; answer; after a reply answer again."""
    said = sum(message["role"] == "assistant" for message in request.messages)
    if said == 0:
        return says("I write it down.", call("notes__write", name=request.messages[1]["content"]))
    return done(f"Answer {said}.")


def model() -> MemoryModel:
    return MemoryModel(tell)


def writing(written: list[str]) -> MemoryToolBox:
    """Each call is a line: what really ran."""

    def write(arguments: dict[str, str]) -> str:
        written.append(arguments["name"])
        return "written"

    return MemoryToolBox((WRITE, write))


class Job(NamedTuple):
    """One person's task."""

    number: int
    person: str
    channel: str

    @property
    def goal(self) -> str:
        return f"Job {self.number:03d}"


class Standing(NamedTuple):
    """A card as it stands on the platform."""

    mark: str
    message: str  # its id
    channel: str
    root: str = ""  # id of the message whose thread it is in; empty: in the channel itself


class Ground(Protocol):
    """A platform on which the crowd meets."""

    @property
    def people(self) -> Sequence[str]: ...

    @property
    def channels(self) -> Sequence[str]: ...

    def cards(self) -> list[Standing]:
        """Every card that was not deleted. It blocks for milliseconds."""

    async def order(self, job: Job) -> None: ...

    async def approve_twice(self, job: Job, card: Standing) -> None:
        """Both clicks at once: the second is under way before the first has changed the card."""

    async def reply(self, job: Job, root: Standing, text: str) -> None: ...


class Crowd:
    """All look at the same picture of the channels, so that looking costs the fake little."""

    def __init__(self, harness: WorkerHarness, ground: Ground) -> None:
        self._stage = harness
        self._ground = ground
        self._cards: dict[str, Standing] = {}  # by mark

    def jobs(self, many: int) -> list[Job]:
        people, channels = self._ground.people, self._ground.channels
        return [Job(n, people[n % len(people)], channels[n // len(people) % len(channels)]) for n in range(many)]

    @asynccontextmanager
    async def looking(self) -> AsyncIterator["Crowd"]:
        task = asyncio.create_task(self._look())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def play(self, job: Job) -> Actor:
        """The whole way of one task; returns it, ended for the second time."""
        await self.order(job)
        task = await self.task_of(job)
        await self.approve_twice(job, task)
        await self._card(task, "answer:1/0")
        await self._ground.reply(job, await self._card(task, "status/0"), "And once more.")
        await self._card(task, "answer:2/0")
        await task.result(within=PATIENCE)
        return task

    async def order(self, job: Job) -> None:
        await self._ground.order(job)

    async def task_of(self, job: Job) -> Actor:
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.tasks_of(job)):
                await asyncio.sleep(LOOK)
        return found[0]

    async def tasks_of(self, job: Job) -> list[Actor]:
        """One, unless something went wrong."""
        records = await self._stage.store.tasks.list(TaskFilter(limit=500))
        return [self._stage.actor(record.task_id) for record in records if record.goal == job.goal]

    async def approve_twice(self, job: Job, task: Actor) -> None:
        await self._ground.approve_twice(job, await self._card(task, "approval/0"))

    async def as_promised(self, tasks: list[Actor], written: list[str]) -> None:
        """Every card stands exactly once and in its place; every click, reply and call counted once."""
        standing = self._ground.cards()
        assert cards(standing) == {task.task_id: CARDS for task in tasks}
        assert [one.mark for one in standing if not _in_place(one, standing)] == []
        for task in tasks:
            types = Counter(await task.types())
            assert types["human_approval.received"] == 1, types
            assert types["follow_up.received"] == 1, types
        assert sorted(written) == [job.goal for job in self.jobs(len(tasks))]

    async def _card(self, task: Actor, kind: str) -> Standing:
        mark = f"{task.task_id}/{kind}"
        for _ in range(int(PATIENCE / LOOK)):
            if found := self._cards.get(mark):
                return found
            await asyncio.sleep(LOOK)
        raise AssertionError(f"{mark} was never posted; there are {sorted(self._cards)}")

    async def _look(self) -> None:
        while True:
            for card in await asyncio.to_thread(self._ground.cards):
                self._cards[_without_number(card.mark)] = card
            await asyncio.sleep(LOOK)


def cards(standing: Iterable[Standing]) -> dict[str, list[str]]:
    """What stands there of every task: its cards' kinds and parts, in order of the alphabet."""
    found: dict[str, list[str]] = {}
    for one in standing:
        task_id, _, card = _without_number(one.mark).partition("/")
        found.setdefault(task_id, []).append(card)
    return {task_id: sorted(kinds) for task_id, kinds in found.items()}


def _in_place(card: Standing, standing: Iterable[Standing]) -> bool:
    """The status card in the channel, the others under it."""
    task_id, _, kind = card.mark.partition("/")
    roots = [one.message for one in standing if one.mark == f"{task_id}/status/0"]
    return card.root == "" if kind == "status/0" else [card.root] == roots


def _without_number(mark: str) -> str:
    return re.sub(r"/approval:[^/]+", "/approval", mark)
