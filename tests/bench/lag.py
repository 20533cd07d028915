"""How long a card that goes at once takes: from its event to its post at Slack's door.

The clock starts when the workflow decides on the event, which is before it is stored."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from temporalio.client import Client

from tests.bench.figures import HEAD, row
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack
from tests.worker_harness import ANN, WRITE, Actor, WorkerHarness, call, done
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.tables import task_events
from threadwork.workflows.events import Hint
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.sinks import Sink

TASKS = 20
GAP = 0.5  # seconds between the starts of two tasks
THINKS = 2.0  # seconds of a model call, and of a person before a click; more looks would be what is measured
CARDS = {"human_approval.requested": "approval", "question.asked": "question", "workflow.completed": "answer"}
PROMISE = "p95 under 1.5 s"
Profile = Literal["generous", "slack"]


async def event_to_chat(client: Client, folder: Path) -> None:
    print(f"\n## From the stored event to Slack ({TASKS} tasks; approvals, questions and answers)\n\n{HEAD}")
    with running_slack() as slack:
        runs: tuple[tuple[str, Profile, int, MemoryBus], ...] = (
            ("no limits, a channel for each task", "generous", TASKS, MemoryBus()),
            ("Slack's limits, a channel for each task", "slack", TASKS, MemoryBus()),
            ("Slack's limits, four channels", "slack", 4, MemoryBus()),
            ("Slack's limits, a channel for each task, several workers and no Redis", "slack", TASKS, Deaf()),
        )
        for what, profile, channels, bus in runs:
            taken = await _lags(client, slack, folder / uuid.uuid4().hex, profile, channels, bus)
            print(row(what, taken, PROMISE), flush=True)


class Deaf(MemoryBus):
    """Hints reach nobody, as between two processes without Redis."""

    async def listen(self, task_id: str) -> AsyncIterator[Hint]:
        await asyncio.Event().wait()
        yield Hint(task_id=task_id)


class SlowModel(MemoryModel):
    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        await asyncio.sleep(THINKS)
        async for delta in super().stream(request):
            yield delta


def _tell(request: ModelRequest) -> Delta:
    """Write, which is asked for; ask; answer."""
    said = sum(message["role"] == "assistant" for message in request.messages)
    turns = (
        lambda: says("I write.", call("notes__write", name="a")),
        lambda: says("", call("ask_user", question="And now?", options=["Go", "Stop"])),
        lambda: done("Ready."),
    )
    return turns[said]()


async def _lags(
    client: Client, slack: FakeSlack, folder: Path, profile: Profile, channels: int, bus: MemoryBus
) -> list[float]:
    """Seconds of each card."""
    slack.begin(profile=profile)
    folder.mkdir()
    migrate(url := f"sqlite:///{folder / 'lag.db'}")
    database, clients = Database(url), Clients(one_token(slack.bot_token), slack.api_url)
    chat = SlackChat(clients)
    tools = MemoryToolBox((WRITE, lambda arguments: "written"))
    harness = WorkerHarness(
        client, SlowModel(_tell), store=SqlStore(database), bus=bus, tools=tools, chats={"slack": chat}
    )
    for number in range(channels):
        slack.channel(f"L{number}", name=f"room-{number}", members=("U1", "UBOT1"))
    try:
        async with harness.workers():
            tasks = await asyncio.gather(*(_play(harness, number, channels) for number in range(TASKS)))
        stored = await _stored(database)
    finally:
        await chat.close()
        await clients.close()
        await database.close()
    received = _received(slack)
    cards = [(task.task_id, kind) for task in tasks for kind in CARDS.values()]
    return [received[card] - stored[card] for card in cards]


async def _play(harness: WorkerHarness, number: int, channels: int) -> Actor:
    await asyncio.sleep(number * GAP)
    sink = Sink(platform="slack", workspace="T1", channel=f"L{number % channels}")
    task = await harness.start(by=ANN, sink=sink)
    asked = await task.happened("human_approval.requested", within=120, every=THINKS)
    await asyncio.sleep(THINKS)
    await task.decide(asked, "approve", by=ANN)
    asked = await task.happened("question.asked", within=120, every=THINKS)
    await asyncio.sleep(THINKS)
    answer = {"click_id": uuid.uuid4().hex, "question_id": asked.data["question_id"], "answer": "Go"}
    await task.signal("answer_question", answer | {"by": ANN.model_dump()})
    await task.result(within=240)
    return task


async def _stored(database: Database) -> dict[tuple[str, str], float]:
    """When each card's event came about, in seconds since 1970, by task and kind of card."""
    columns = task_events.c.task_id, task_events.c.type, task_events.c.at
    async with database.read() as connection:
        rows = await connection.execute(select(*columns).where(task_events.c.type.in_(CARDS)))
        return {(row.task_id, CARDS[row.type]): _seconds(row.at) for row in rows}


def _seconds(at: datetime) -> float:
    assert at.tzinfo
    return at.timestamp()


def _received(slack: FakeSlack) -> dict[tuple[str, str], float]:
    """When the call that posted each card came."""
    found: dict[tuple[str, str], float] = {}
    for called in slack.calls("chat.postMessage"):
        if called.delivered:
            task_id, card, _ = _mark(called.arguments).split("/")
            found.setdefault((task_id, card.partition(":")[0]), called.at)
    return found


def _mark(arguments: dict[str, Any]) -> str:
    return str(arguments["metadata"]["event_payload"]["mark"])
