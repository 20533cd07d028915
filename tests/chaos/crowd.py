"""A crowd in Slack: everybody starts a task, approves what it asks, twice, and replies to its answer."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from adapters.memory.model import MemoryModel, says
from tests.fake_slack.sight import Seen
from tests.slack_house import House
from tests.stage import Actor, call, done
from workflows.models import Delta, ModelRequest
from workflows.tasks import TaskFilter

PEOPLE = ("U1", "U2", "U3")
CHANNELS = ("C1", "C2", "C3")
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


class Job(NamedTuple):
    """One person's task."""

    number: int
    person: str
    channel: str

    @property
    def goal(self) -> str:
        return f"Job {self.number:03d}"


def jobs(many: int, channels: tuple[str, ...] = CHANNELS) -> list[Job]:
    return [Job(n, PEOPLE[n % len(PEOPLE)], channels[n // len(PEOPLE) % len(channels)]) for n in range(many)]


class Crowd:
    """All look at the same picture of the channels, so that looking costs the fake little."""

    def __init__(self, house: House, channels: tuple[str, ...] = CHANNELS) -> None:
        self._house = house
        self._slack = house.slack
        self._channels = channels
        self._cards: dict[str, Seen] = {}  # by mark

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
        root = await self._card(task, "status/0")
        await self._slack.say(job.person, job.channel, "And once more.", thread_ts=root.ts)
        await self._card(task, "answer:2/0")
        await task.result(within=PATIENCE)
        return task

    async def order(self, job: Job) -> None:
        delivery = await self._slack.slash(job.person, job.channel, "/agent", f"run {job.goal}")
        assert delivery.acked, delivery.attempts
        assert not delivery.body, "the command was refused"

    async def task_of(self, job: Job) -> Actor:
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.tasks_of(job)):
                await asyncio.sleep(LOOK)
        return found[0]

    async def tasks_of(self, job: Job) -> list[Actor]:
        """One, unless something went wrong."""
        records = await self._house.stage.store.tasks.list(TaskFilter(limit=500))
        return [self._house.stage.actor(record.task_id) for record in records if record.goal == job.goal]

    async def approve_twice(self, job: Job, task: Actor) -> None:
        """Both clicks at once: the second is under way before the first has changed the card."""
        card = await self._card(task, "approval/0")
        clicks = (self._slack.click(job.person, card.ts, "Approve") for _ in range(2))
        assert all(delivery.acked for delivery in await asyncio.gather(*clicks))

    async def _card(self, task: Actor, kind: str) -> Seen:
        mark = f"{task.task_id}/{kind}"
        for _ in range(int(PATIENCE / LOOK)):
            if found := self._cards.get(mark):
                return found
            await asyncio.sleep(LOOK)
        raise AssertionError(f"{mark} was never posted; there are {sorted(self._cards)}")

    async def _look(self) -> None:
        while True:
            for channel in self._channels:
                for seen in await asyncio.to_thread(self._slack.messages, channel):
                    if mark := mark_of(seen):
                        self._cards[_without_number(mark)] = seen
            await asyncio.sleep(LOOK)


def cards(messages: list[Seen]) -> dict[str, list[str]]:
    """What stands there of every task: its cards' kinds and parts, in order of the alphabet."""
    found: dict[str, list[str]] = {}
    for seen in messages:
        if not seen.deleted and (mark := mark_of(seen)):
            task_id, _, card = _without_number(mark).partition("/")
            found.setdefault(task_id, []).append(card)
    return {task_id: sorted(kinds) for task_id, kinds in found.items()}


def mark_of(seen: Seen) -> str:
    return str((seen.metadata.get("event_payload") or {}).get("mark") or "")


def _without_number(mark: str) -> str:
    return re.sub(r"/approval:[^/]+", "/approval", mark)
