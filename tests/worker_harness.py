"""A harness for runs: real Temporal and real workers; storage, model and tools as the test likes."""

import asyncio
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.files import MemoryFiles
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.directories import Directories
from threadwork.bot.worker import working
from threadwork.workflows.agents import AgentSpec, ToolPolicy, ToolSpec
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.files import GivenFile
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.models import Delta, ModelRequest, RequestedCall
from threadwork.workflows.sinks import Sink
from threadwork.workflows.state import AgentExecutionRequest
from threadwork.workflows.tasks import Command, Reply, RunOrder, TaskOrder
from threadwork.workflows.values import LOCAL, Principal

WORKFLOW = "AgentExecutionWorkflow"
ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
BOB = Principal(platform="slack", workspace="T1", user_id="U2", name="Bob")
READ = ToolSpec(name="notes.read", read_only=True, destructive=False, trusted=True)
WRITE = ToolSpec(name="notes.write", destructive=True, trusted=True)
_ids = itertools.count(1)


def call(name: str, /, **arguments: Any) -> RequestedCall:
    """A tool call as a model makes it, under an id of its own."""
    return RequestedCall(id=f"c{next(_ids)}", name=name, arguments=json.dumps(arguments))


def done(answer: str = "All done.") -> Delta:
    return says("", call("complete_task", answer=answer))


class Hesitating(MemoryModel):
    """Writes the same words on and on, until it is told to come to an end."""

    def __init__(self, writes: str, script: Sequence[Delta | Exception]) -> None:
        super().__init__(script)
        self.told = asyncio.Event()
        self._writes = writes

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        while not self.told.is_set():
            yield Delta(text=self._writes)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.told.wait(), 0.1)
        async for delta in super().stream(request):
            yield delta


def agent(**changes: Any) -> AgentSpec:
    return AgentSpec(name="default", model="memory/scripted", tools=ToolPolicy()).model_copy(update=changes)


class WorkerHarness:
    def __init__(self, client: Client, script: Any, store: Any = None, **ports: Any) -> None:
        self.client = client
        self.queue = f"q-{uuid.uuid4().hex[:8]}"
        self.store = store or MemoryStore()
        self.chat = MemoryChat()
        self.model = script if hasattr(script, "stream") else MemoryModel(script)
        self.tools = ports.pop("tools", None) or MemoryToolBox()
        spec = ports.pop("agent", None) or agent()
        self.dependencies = ActivityDependencies(
            **{
                "runs": self.store.runs,
                "events": self.store.events,
                "transcript": self.store.transcript,
                "calls": self.store.calls,
                "spend": self.store.spend,
                "tasks": self.store.tasks,
                "views": self.store.views,
                "grants": self.store.grants,
                "deliveries": self.store.deliveries,
                "subscriptions": self.store.subscriptions,
                "leases": self.store.leases,
                "doubts": self.store.doubts,
                "rates": self.store.rates,
                "bus": MemoryBus(),
                "model": self.model,
                "tools": self.tools,
                "files": MemoryFiles(),
                "catalog": MemoryCatalog(spec),
                "directory": Directories({}, self.store.people),
                "channels": MemoryChannels(),
                "chats": {"memory": self.chat},
                **ports,
            }
        )

    def use(self, **ports: Any) -> None:
        """Other ports than at first, before the workers start."""
        self.dependencies = replace(self.dependencies, **ports)

    @asynccontextmanager
    async def workers(self) -> AsyncIterator[None]:
        async with working(self.client, self.dependencies, self.queue):
            yield

    async def order(
        self,
        goal: str = "Do it.",
        by: Principal = LOCAL,
        sink: Sink | None = None,
        files: Sequence[GivenFile] = (),
        **rest: Any,
    ) -> str:
        command = Command(
            platform="test",
            platform_id=uuid.uuid4().hex,
            by=by,
            action=RunOrder(order=TaskOrder(goal=goal, by=by, sink=sink, **rest), files=tuple(files)),
        )
        return (await self.store.intake.store(command)).task_id

    async def start(self, goal: str = "Do it.", **order: Any) -> "Actor":
        return await self.start_ordered(await self.order(goal, **order))

    async def start_ordered(self, task_id: str) -> "Actor":
        handle = await self.client.start_workflow(
            WORKFLOW, AgentExecutionRequest(task_id=task_id), id=task_id, task_queue=self.queue
        )
        return Actor(self, task_id, handle)

    def actor(self, task_id: str) -> "Actor":
        """A task that somebody else started."""
        return Actor(self, task_id, self.client.get_workflow_handle(task_id))


class Actor:
    """One task on the harness."""

    def __init__(self, harness: WorkerHarness, task_id: str, handle: WorkflowHandle[Any, Any]) -> None:
        self.harness = harness
        self.task_id = task_id
        self.handle = handle

    async def signal(self, name: str, *args: Any) -> None:
        await self.handle.signal(name, args=list(args))

    async def reply(self, text: str, by: Principal = LOCAL, message_id: str | None = None, **rules: Any) -> FollowUp:
        """A reply in the thread, through the same two steps as the bot's: stored, then signal-with-start."""
        message_id = message_id or uuid.uuid4().hex
        message = FollowUp(message_id=message_id, by=by, preview=text[:400], ref=f"reply:{message_id}", **rules)
        action = Reply(task_id=self.task_id, message=message, text=text)
        await self.harness.store.intake.store(Command(platform="test", platform_id=message_id, by=by, action=action))
        await self.harness.client.start_workflow(
            WORKFLOW,
            AgentExecutionRequest(task_id=self.task_id),
            id=self.task_id,
            task_queue=self.harness.queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="add_follow_up",
            start_signal_args=[message],
        )
        return message

    async def decide(self, asked: Event, decision: str, by: Principal = LOCAL, **rest: Any) -> None:
        click = {"click_id": uuid.uuid4().hex, "approval_id": asked.data["approval_id"], "digest": asked.data["digest"]}
        await self.signal("decide_approval", click | {"decision": decision, "by": by.model_dump()} | rest)

    async def stop(self, by: Principal | None = LOCAL, **rest: Any) -> None:
        await self.signal("stop_execution", {"click_id": uuid.uuid4().hex, "by": by and by.model_dump()} | rest)

    async def result(self, within: float = 60) -> dict[str, Any]:
        handle = self.harness.client.get_workflow_handle(self.task_id)
        return dict(await asyncio.wait_for(handle.result(), within))

    async def state(self) -> dict[str, Any]:
        return dict(await self.harness.client.get_workflow_handle(self.task_id).query("get_current_state"))

    async def events(self) -> list[Event]:
        events: list[Event] = await self.harness.store.events.read(self.task_id, limit=100_000)
        assert [event.seq for event in events] == list(range(1, len(events) + 1)), "the events have a gap"
        return events

    async def types(self) -> list[str]:
        return [event.type.value for event in await self.events()]

    async def happened(
        self,
        type_: EventType | str,
        times: int = 1,
        where: Callable[[Event], bool] = lambda _: True,
        within: float = 30,
        every: float = 0.02,
    ) -> Event:
        """Wait until an event of the type is stored for the n-th time. `every`: seconds between two looks."""
        async with asyncio.timeout(within):
            while True:
                found = [e for e in await self.events() if e.type == type_ and where(e)]
                if len(found) >= times:
                    return found[times - 1]
                await asyncio.sleep(every)


async def until(condition: Callable[[], Any], within: float = 30) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)
