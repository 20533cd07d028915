"""The whole way from a chat message and back: listener, take-up, a real Temporal server, the real workflow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.receiver_harness import Heard
from tests.sqlite_file import migrated
from tests.worker_harness import ANN, BOB, WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.chat.edits import READ
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.gateway import Gateway
from threadwork.bot.intake.worker import IntakeWorker, intake_running
from threadwork.workflows.agents import AgentSpec, ApprovalPolicy
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.cards import ApprovalCard, Card
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.models import ModelRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Status

CHANNEL = Sink(platform="memory", workspace="T1", channel="C1")
_stamps = count(1)  # of all tests: ids of tasks follow from them, and they share a server
AGENT: AgentSpec = agent(approvals=ApprovalPolicy(approvers=("U1",)))


class Play:
    """Asks, writes, ends; after the end it says what it was told last."""

    def __init__(self) -> None:
        self.answers = [
            says("", call("ask_user", question="Where?", options=["here", "there"])),
            says("I will write it down.", call("notes__write", path="a.txt")),
            done("Written."),
        ]
        self.heard: list[str] = []

    def __call__(self, request: ModelRequest) -> Any:
        self.heard = [str(message.get("content")) for message in request.messages]
        return self.answers.pop(0) if self.answers else done("You are welcome.")


class Chat:
    """People in a channel."""

    def __init__(self, harness: WorkerHarness, play: Play, client: Client) -> None:
        self.harness, self.play = harness, play
        self.intake_worker = IntakeWorker(
            harness.store.intake, harness.store.tasks, Gateway(client, harness.queue), "test"
        )
        ports = BotDependencies.on(
            harness.store, MemoryCatalog(AGENT), harness.dependencies.bus, wake_intake=self.intake_worker.wake
        )
        self.listener = Heard(ports)

    async def says(self, text: str, thread: str = "", mentioned: bool = False) -> tuple[Response | None, str]:
        stamp = f"1700000{next(_stamps):03d}.000100"
        origin = MessageSource(by=ANN, key=f"C1:{stamp}", sink=CHANNEL.model_copy(update={"thread": thread}))
        return await self.listener.says(origin, text, stamp, mentioned=mentioned), stamp

    async def presses(self, verb: Verb, task_id: str, card: Any = None, by: Any = ANN, given: str = "") -> str:
        about, detail = (card.approval_id, card.digest) if isinstance(card, ApprovalCard) else ("", "")
        press = Click(verb=verb, task_id=task_id, about=about, detail=detail)
        origin = MessageSource(by=by, key=f"click-{next(_stamps)}", sink=CHANNEL)
        return (await self.listener.presses(origin, press, given)).text

    async def task(self, thread: str) -> TaskRecord:
        record = await self.harness.store.tasks.in_thread(CHANNEL.model_copy(update={"thread": thread}))
        assert record is not None
        return record

    async def heard(self, task_id: str) -> Card:
        """The approval, once it shows what was written since."""
        async with asyncio.timeout(20):
            while True:
                card = await self.card(task_id, "approval", "pending")
                if isinstance(card, ApprovalCard) and card.since:
                    return card
                await asyncio.sleep(0.02)

    async def card(self, task_id: str, kind: str, state: str | None = None, times: int = 1) -> Card:
        async with asyncio.timeout(20):
            while True:
                view = await self.listener.threads.view(task_id)
                found = [one for one in view.cards if one.kind == kind and state in (None, getattr(one, "state", None))]
                if len(found) >= times:
                    return found[-1]
                await asyncio.sleep(0.02)

    async def is_over(self, task_id: str, status: Status) -> None:
        async with asyncio.timeout(20):
            while (await self.harness.store.tasks.get(task_id)).status is not status:
                await asyncio.sleep(0.02)


@pytest.fixture
async def chat(temporal: Client, tmp_path: Path) -> AsyncIterator[Chat]:
    database = Database(migrated(tmp_path / "threadwork.db"))
    play = Play()
    tools = MemoryToolBox((WRITE, lambda arguments: "Written."))
    harness = WorkerHarness(temporal, play, store=SqlStore(database), bus=MemoryBus(), tools=tools, agent=AGENT)
    chat = Chat(harness, play, temporal)
    async with harness.workers(), intake_running(chat.intake_worker):
        yield chat
    await database.close()


async def test_a_mention_goes_through_a_question_an_approval_an_answer_and_a_reply(chat: Chat) -> None:
    told, thread = await chat.says("<@UBOT> write it down", mentioned=True)
    assert told is None
    task_id = (await chat.task(thread)).task_id

    await chat.card(task_id, "question", "open")
    assert (await chat.says("here", thread))[0] is None
    assert (await chat.card(task_id, "question", "answered")).answer == "here"  # type: ignore[union-attr]

    approval = await chat.card(task_id, "approval", "pending")
    assert await chat.presses("approve", task_id, approval, by=BOB) == "This is not yours to decide."
    approved = "Allowed once: `Write (notes)` for “write it down”."
    assert await chat.presses("approve", task_id, approval) == approved
    assert (await chat.presses("deny", task_id, approval)).startswith("Allowed already by Ann at ")
    await chat.is_over(task_id, Status.COMPLETED)
    assert (await chat.presses("deny", task_id, approval)).startswith("Allowed already by Ann at ")

    assert (await chat.says("Thanks!", thread))[0] is None
    await chat.card(task_id, "answer", times=2)
    assert "Thanks!" in chat.play.heard


async def test_a_command_opens_a_thread_whose_root_is_known_once_it_is_posted(chat: Chat) -> None:
    origin = MessageSource(by=ANN, key="trigger-1", sink=CHANNEL)
    await chat.listener.command(origin, "run write it down")
    [task] = (await chat.listener.home(ANN)).running
    async with asyncio.timeout(20):
        while not (task := (await chat.listener.home(ANN)).running[0]).message_id:
            await asyncio.sleep(0.05)
    assert chat.harness.chat.messages[task.message_id].mark.endswith("/status/0")
    task_id = (await chat.task(task.message_id)).task_id
    await chat.card(task_id, "question", "open")
    assert (await chat.says("Stop!", task.message_id))[0] is None
    await chat.is_over(task_id, Status.CANCELLED)


async def test_an_edit_reaches_the_model_as_long_as_it_has_not_read_the_reply(chat: Chat) -> None:
    _, thread = await chat.says("<@UBOT> write it down", mentioned=True)
    task_id = (await chat.task(thread)).task_id
    named = "“write it down”"
    await chat.card(task_id, "question", "open")
    assert await chat.presses("answer", task_id, given="here") == "Too late: this question is not open any more."
    await chat.says("here", thread)
    await chat.card(task_id, "approval", "pending")
    assert await chat.presses("pause", task_id) == f"Paused: {named}."
    _, reply = await chat.says("Then the atic.", thread)
    waiting = await chat.heard(task_id)
    origin, now = (
        MessageSource(by=ANN, key="edit-1", sink=CHANNEL.model_copy(update={"thread": thread})),
        datetime.now(UTC),
    )
    assert await chat.listener.edits(origin, reply, "Then the attic.", now) is None
    assert await chat.presses("resume", task_id) == f"Resumed: {named}."
    assert (await chat.presses("deny", task_id, waiting)).startswith("Denied: ")
    await chat.is_over(task_id, Status.COMPLETED)
    assert "Then the attic." in chat.play.heard
    assert "Then the atic." not in chat.play.heard
    late = await chat.listener.edits(origin, reply, "Then the cellar.", datetime.now(UTC))
    assert late is not None
    assert late.text == READ
