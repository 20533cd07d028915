"""People of the storm: they order tasks, decide, reply, pause and stop, and try again where nothing came of it."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

import httpx

from tests.chaos.storm.screen import CHANNELS, Screen
from tests.chaos.storm.script import AGAIN, GOAL, KINDS
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Status

PEOPLE = ("U1", "U2", "U3")
PATIENCE = 20.0  # seconds before somebody tries again
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Click(NamedTuple):
    """What a person pressed, and whether Slack saw it acknowledged."""

    task_id: str
    label: str
    acked: bool


class Order(NamedTuple):
    goal: str
    acked: bool | None  # None: a mention, of which its author sees nothing but what comes of it


class Crowd:
    """All people, and what they did."""

    def __init__(self, screen: Screen, seed: int) -> None:
        self.sight = screen
        self.clicks: list[Click] = []
        self.orders: list[Order] = []
        self.windows = {person: asyncio.Lock() for person in PEOPLE}
        self._draw = random.Random(seed)
        self._wanted = 0
        self._personas: dict[str, asyncio.Task[None]] = {}

    async def order_all(self, many: int, seconds: float) -> None:
        """Every kind in turn, spread over the time; returns once each was taken."""
        kinds = [list(KINDS)[number % len(KINDS)] for number in range(many)]
        self._draw.shuffle(kinds)
        async with asyncio.TaskGroup() as orders:
            for number, kind in enumerate(kinds):
                orders.create_task(self._order(number, kind))
                await asyncio.sleep(seconds / many)

    async def _order(self, number: int, kind: str) -> None:
        for letter in LETTERS:
            goal = f"storm-{number:02d}-{kind}-{letter}"
            acked = await self._asked(number, KINDS[kind].agent, goal)
            self.orders.append(Order(goal, acked))
            until = time.monotonic() + PATIENCE
            while acked or time.monotonic() < until:
                if any(goal in task.goal for task in self.sight.tasks.values()):
                    return
                await asyncio.sleep(1)

    async def _asked(self, number: int, agent: str, goal: str) -> bool | None:
        person, channel = PEOPLE[number % 3], CHANNELS[number // 3 % 3]
        try:
            if number % 3 == 0 and agent == "default":
                await self.sight.slack.mention(person, channel, goal)
                return None
            given = await self.sight.slack.slash(person, channel, "/agent", f"run --agent {agent} {goal}")
        except (AssertionError, httpx.HTTPError):
            return None
        return given.acked and not given.body

    def meet(self) -> None:
        """Somebody cares for each task that has come up."""
        for task in self.sight.tasks.values():
            if (kind := GOAL.search(task.goal)) and task.task_id not in self._personas:
                persona = Persona(self, task.task_id, kind[0], kind[1])
                self._personas[task.task_id] = asyncio.create_task(persona.live())

    def waiting(self) -> list[str]:
        """Tasks whose people are not done with them."""
        return [task_id for task_id, persona in self._personas.items() if not persona.done()]

    async def leave(self) -> None:
        for persona in self._personas.values():
            persona.cancel()
        if self._personas:
            await asyncio.wait(self._personas.values())


class Persona:
    """Whoever looks after one task."""

    def __init__(self, crowd: Crowd, task_id: str, goal: str, kind: str) -> None:
        self._crowd, self._sight = crowd, crowd.sight
        self._task_id, self._goal, self._kind = task_id, goal, kind
        self._person = PEOPLE[sum(map(ord, goal)) % 3]
        self._tried: dict[str, float] = {}
        self._said = 0
        self._was_paused = False

    async def live(self) -> None:
        while not self._is_over(task := self._sight.tasks[self._task_id]):
            with suppress(AssertionError, httpx.HTTPError):  # the button is gone, or Slack is away
                await self._step(task)
            await asyncio.sleep(1)

    def _is_over(self, task: TaskRecord) -> bool:
        if self._kind == "after" and task.status is Status.COMPLETED:
            return "answer:2/0" in self._sight.marks(self._task_id)
        return task.status.ended

    async def _step(self, task: TaskRecord) -> None:
        act = ACTS.get((self._kind, task.status)) or ACTS.get(("", task.status))
        if act:
            await act(self, task)

    def _may(self, what: str) -> bool:
        """Once, and again where nothing came of it."""
        if time.monotonic() - self._tried.get(what, -PATIENCE) < PATIENCE:
            return False
        self._tried[what] = time.monotonic()
        return True

    async def click(self, label: str, people: Iterable[str] = ()) -> None:
        message = self._sight.button(self._task_id, label)
        if message and self._may(f"{label} {message.ts}"):
            clicks = (self._click(person, message.ts, label) for person in people or [self._person])
            await asyncio.gather(*clicks, return_exceptions=True)

    async def _click(self, person: str, ts: str, label: str) -> None:
        given = await self._sight.slack.click(person, ts, label)
        self._crowd.clicks.append(Click(self._task_id, label, given.acked))

    async def add(self) -> None:
        """As much as the button says."""
        if label := self._sight.adding(self._task_id):
            await self.click(label)

    async def edit(self) -> None:
        await self._in_a_window("Edit and allow", {"name": f"{self._goal}-edited"})

    async def allow_all(self) -> None:
        await self._in_a_window("Allow for this task", {})

    async def _in_a_window(self, label: str, values: dict[str, str]) -> None:
        """A person has one window at a time."""
        message, slack = self._sight.button(self._task_id, label), self._sight.slack
        if not message or not self._may(label):
            return
        async with self._crowd.windows[self._person]:
            await slack.click(self._person, message.ts, label)
            for _ in range(10):
                if await asyncio.to_thread(slack.views, self._person):
                    break
                await asyncio.sleep(0.5)
            given = await slack.submit_view(self._person, values)
            self._crowd.clicks.append(Click(self._task_id, label, given.acked))
            while await asyncio.to_thread(slack.views, self._person):
                await slack.close_view(self._person)

    async def say(self) -> None:
        root = self._sight.root(self._task_id)
        if root and self._may("say"):
            self._said += 1
            text = f"{AGAIN}: {self._goal} {self._said}"
            await self._sight.slack.say(self._person, root.channel, text, thread_ts=root.ts)

    async def pause(self, task: TaskRecord) -> None:
        if task.iteration >= 2 and not self._was_paused:
            await self.click("Pause")

    async def resume(self) -> None:
        self._was_paused = True
        await self.click("Resume")

    async def stop(self, task: TaskRecord) -> None:
        if task.iteration >= 2:
            await self.click("Stop")


Act = Callable[[Persona, TaskRecord], Awaitable[None]]
ACTS: dict[tuple[str, Status], Act] = {
    ("once", Status.WAITING_APPROVAL): lambda one, _: one.click("Allow once", ("U1", "U2")),
    ("rest", Status.WAITING_APPROVAL): lambda one, _: one.allow_all(),
    ("deny", Status.WAITING_APPROVAL): lambda one, _: one.click("Deny"),
    ("edited", Status.WAITING_APPROVAL): lambda one, _: one.edit(),
    ("reply", Status.WAITING_APPROVAL): lambda one, _: one.say(),
    ("after", Status.COMPLETED): lambda one, _: one.say(),
    ("pause", Status.RUNNING): lambda one, task: one.pause(task),
    ("pause", Status.PAUSED): lambda one, _: one.resume(),
    ("stop", Status.RUNNING): lambda one, task: one.stop(task),
    ("", Status.WAITING_ANSWER): lambda one, _: one.click("Blue"),
    ("", Status.WAITING_BUDGET): lambda one, _: one.add(),
}
