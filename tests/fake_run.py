"""BotDependencies for tests: a store, and in place of Temporal a run that does what the test says."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.store import MemoryStore
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.gateway import NoRun, TemporalUnavailable
from threadwork.bot.intake.commands import Caller
from threadwork.bot.intake.worker import IntakeWorker
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.approval_events import HumanApprovalReceived, QuestionAnswered
from threadwork.workflows.budget_events import BudgetIncreased as Increased
from threadwork.workflows.event_types import Payload
from threadwork.workflows.events import Event
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.run_events import (
    ClickRefused,
    FollowUpReceived,
    WorkflowCancelled,
    WorkflowPaused,
    WorkflowResumed,
    WorkflowStarted,
)
from threadwork.workflows.run_requests import BeginRunRequest, EventBatch
from threadwork.workflows.values import LOCAL, Principal, Status

AGENT = AgentSpec(name="default", description="Helps with anything", model="demo/scripted")
ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
_keys = itertools.count(1)


def caller(key: str | None = None, by: Principal = LOCAL) -> Caller:
    return Caller(platform=by.platform, platform_id=key or f"key-{next(_keys)}", by=by)


class FakeRun:
    """Runs of tasks: told what happens by the test, and by default answers clicks as the workflow does."""

    def __init__(self, store: Any, bus: MemoryBus) -> None:
        self.store, self.bus = store, bus
        self.calls: list[tuple[Any, ...]] = []
        self.running: set[str] = set()
        self.epochs: dict[str, int] = {}
        self._turn = asyncio.Lock()  # one run numbers its events one after the other
        self.away = False  # Temporal does not answer
        self.silent = False  # no worker runs: signals are taken, nothing comes of them
        self.objection = ""  # why every click is refused

    async def start(self, task_id: str) -> None:
        self._heard("start", task_id)
        if task_id in self.epochs:
            return
        self.running.add(task_id)
        if not self.silent:
            await self.begin(task_id)

    async def wake(self, task_id: str, follow_up: FollowUp) -> None:
        self._heard("wake", task_id, follow_up)
        self.running.add(task_id)
        if not self.silent:
            received = FollowUpReceived(**follow_up.model_dump(exclude={"by"}), by=follow_up.by)
            await self.tell(task_id, received)

    async def signal(self, task_id: str, name: str, *args: Any) -> None:
        self._heard("signal", task_id, name, *args)
        if task_id not in self.running:
            raise NoRun(f"No run of task {task_id} is under way.")
        if not self.silent:
            await self.tell(task_id, self._reaction(name, args))

    async def begin(self, task_id: str, **started: Any) -> None:
        beginning = BeginRunRequest(task_id=task_id, chain_id=f"chain-{task_id}", chain_started_at=datetime.now(UTC))
        self.epochs[task_id] = (await self.store.runs.begin(beginning)).epoch
        self.running.add(task_id)
        facts = {"goal": "Do it.", "goal_ref": "goal", "agent": "default", "model": "demo/scripted"}
        await self.tell(task_id, WorkflowStarted(**facts, by=LOCAL, max_iterations=50, **started))

    async def tell(self, task_id: str, *payloads: Payload, status: Status = Status.RUNNING, hint: bool = True) -> None:
        """Store events, as an activity of the run would, and give a hint of them."""
        from threadwork.workflows.events import Hint

        async with self._turn:  # a test tells what happens while the take-up's signals are answered
            seq = (await self.store.tasks.get(task_id)).last_seq
            events = tuple(event_of(task_id, number, payload) for number, payload in enumerate(payloads, seq + 1))
            batch = EventBatch(task_id=task_id, epoch=self.epochs[task_id], status=status, events=events)
            await self.store.events.append(batch)
        if hint:
            await self.bus.publish(Hint(task_id=task_id, events=events))

    async def heard(self, name: str) -> None:
        """Wait until a signal has come: whatever happens now is later than the click."""
        async with asyncio.timeout(30):
            while name not in self.signals():
                await asyncio.sleep(0.005)

    def signals(self) -> list[str]:
        return [call[2] for call in self.calls if call[0] == "signal"]

    def _heard(self, *call: Any) -> None:
        self.calls.append(call)
        if self.away:
            raise TemporalUnavailable("Temporal does not answer.")

    def _reaction(self, name: str, args: tuple[Any, ...]) -> Payload:
        if name in ("pause_execution", "resume_execution"):
            reason, by, click_id = args
            if self.objection:
                return ClickRefused(click_id=click_id, by=by, reason=self.objection)
            kind = WorkflowPaused if name == "pause_execution" else WorkflowResumed
            return kind(reason=reason, by=by, click_id=click_id)
        if self.objection:
            return ClickRefused(click_id=args[0].click_id, by=args[0].by, reason=self.objection)
        return REACTIONS[name](args[0])


REACTIONS: dict[str, Callable[[Any], Payload]] = {
    "stop_execution": lambda c: WorkflowCancelled(reason=c.reason, by=c.by, click_id=c.click_id),
    "decide_approval": lambda c: HumanApprovalReceived(
        **c.model_dump(include={"approval_id", "decision", "scope", "edited_ref", "click_id", "digest"}), by=c.by
    ),
    "answer_question": lambda c: QuestionAnswered(
        question_id=c.question_id, answer=c.answer[:400], by=c.by, click_id=c.click_id
    ),
    "increase_budget": lambda c: Increased(
        **c.model_dump(include={"click_id", "add_usd"}), by=c.by, usd_limit=1 + c.add_usd, max_iterations=50
    ),
}


def event_of(task_id: str, seq: int, payload: Payload) -> Event:
    return Event(
        task_id=task_id,
        seq=seq,
        type=payload.type,
        at=datetime.now(UTC),
        iteration=1,
        data=payload.model_dump(mode="json", exclude_none=True),
    )


class Front:
    """BotDependencies, a fake_run behind them, and the take-up between."""

    def __init__(
        self,
        store: Any = None,
        *agents: AgentSpec,
        directory: Any = None,
        channels: Any = None,
        models: Sequence[str] = ("openai/*",),
    ) -> None:
        """`models`: patterns of what people may ask for beside the agents' own."""
        self.store = store or MemoryStore()
        self.bus = MemoryBus()
        self.channels = channels or MemoryChannels()
        self.fake_run = FakeRun(self.store, self.bus)
        self.intake_worker = IntakeWorker(self.store.intake, self.store.tasks, self.fake_run, "test")
        self.ports = BotDependencies.on(
            self.store,
            MemoryCatalog(*(agents or (AGENT,)), models=models),
            self.bus,
            wake_intake=self.intake_worker.wake,
            directory=directory,
            channels=self.channels,
        )

    async def task(self, goal: str = "Do it.", begun: bool = True) -> str:
        """A task whose run has begun, unless told otherwise."""
        from threadwork.bot.intake import commands

        command = await commands.run(self.ports, caller(), goal)
        task_id = (await self.store.intake.store(command)).task_id
        if begun:
            for row in await self.store.intake.lease("test", 100, 60):
                await self.intake_worker.process(row)
        return task_id
