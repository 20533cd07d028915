"""The whole way: API, take-up, gateway, a real Temporal server and the real workflow."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from tests.worker_harness import WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.api.app import create_app
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.gateway import Gateway
from threadwork.bot.intake.worker import IntakeWorker, intake_running
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.models import ModelRequest
from threadwork.workflows.values import LOCAL


class Play:
    """What the model does: asks, writes, ends; after the end it answers replies."""

    def __init__(self) -> None:
        self.answers = [
            says("", call("ask_user", question="Where?", options=["here", "there"])),
            says("I will write it down.", call("notes__write", path="a.txt")),
            done("Written."),
            done("You are welcome."),
        ]

    def __call__(self, request: ModelRequest) -> Any:
        return self.answers.pop(0)


class AppHarness:
    """An API over a harness."""

    def __init__(self, harness: WorkerHarness, client: Client) -> None:
        bus = harness.dependencies.bus
        gateway = Gateway(client, harness.queue)
        self.harness = harness
        self.intake_worker = IntakeWorker(harness.store.intake, harness.store.tasks, gateway, "test")
        self.ports = BotDependencies.on(harness.store, MemoryCatalog(agent()), bus, wake_intake=self.intake_worker.wake)
        app = create_app(self.ports)
        self.api = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=20)

    async def post(self, path: str, **body: Any) -> tuple[int, str]:
        answer = await self.api.post(f"/api/tasks{path}", json=body)
        return answer.status_code, answer.json().get("detail") or answer.json()["task_id"]

    async def card(self, task_id: str, kind: str, state: str | None = None, times: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                cards = (await self.api.get(f"/api/tasks/{task_id}")).json()["thread"]["cards"]
                found = [c for c in cards if c["kind"] == kind and state in (None, c.get("state"))]
                if len(found) >= times:
                    last: dict[str, Any] = found[-1]
                    return last
                await asyncio.sleep(0.02)

    async def state(self, task_id: str) -> str:
        status: str = (await self.api.get(f"/api/tasks/{task_id}")).json()["task"]["status"]
        return status


@pytest.fixture
async def app(temporal: Client) -> AsyncIterator[AppHarness]:
    harness = WorkerHarness(
        temporal, Play(), bus=MemoryBus(), tools=MemoryToolBox((WRITE, lambda arguments: "Written."))
    )
    app = AppHarness(harness, temporal)
    async with harness.workers(), intake_running(app.intake_worker), app.api:
        yield app


async def test_a_task_goes_through_questions_approvals_pauses_and_replies(app: AppHarness) -> None:
    status, task_id = await app.post("", goal="Write it down.")
    assert status == 201

    question = await app.card(task_id, "question", "open")
    assert await app.post(f"/{task_id}/questions/{question['question_id']}", answer="here") == (
        200,
        "Your answer was received: “here”.",
    )

    approval, task = await app.card(task_id, "approval", "pending"), "“Write it down.”"
    assert await app.post(f"/{task_id}/pause", reason="lunch") == (200, f"Paused: {task}.")
    assert await app.post(f"/{task_id}/pause") == (409, "It is paused already.")
    assert await app.post(f"/{task_id}/resume") == (200, f"Resumed: {task}.")
    decision = f"/{task_id}/approvals/{approval['approval_id']}"
    assert (await app.post(decision, decision="approve", digest="something-else"))[0] == 409
    assert await app.post(decision, decision="approve", digest=approval["digest"]) == (
        200,
        f"Allowed once: `Write (notes)` for {task}.",
    )
    status, why = await app.post(decision, decision="deny")
    assert status == 409
    assert why.startswith(("Allowed already by you at", "Too late"))

    assert (await app.card(task_id, "answer"))["answer"] == "Written."
    read = (await app.api.get(f"/api/tasks/{task_id}")).json()
    assert read["texts"][read["thread"]["status"]["goal_ref"]] == "Write it down."
    assert {"Written."} <= set(read["texts"].values())

    async with asyncio.timeout(10):
        while (late := await app.post(f"/{task_id}/stop"))[1] != "Too late: the task has ended (done).":
            await asyncio.sleep(0.05)
    assert late[0] == 409
    assert await app.post(f"/{task_id}/replies", text="Thanks!") == (200, "Your reply was received.")
    assert (await app.card(task_id, "answer", times=2))["answer"] == "You are welcome."
    events = (await app.api.get(f"/api/tasks/{task_id}/events?follow=0")).json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


async def test_a_redelivered_reply_after_the_end_wakes_nothing(app: AppHarness, temporal: Client) -> None:
    status, task_id = await app.post("", goal="Write it down.")
    assert status == 201
    await app.card(task_id, "question", "open")
    assert await app.post(f"/{task_id}/stop", reason="enough") == (200, "Stopped: “Write it down.”.")
    assert await app.state(task_id) == "cancelled"
    message = FollowUp(message_id="m1", by=LOCAL, preview="x", ref="reply:m1")
    headers = {"Idempotency-Key": "m1"}
    answers = [
        (await app.api.post(f"/api/tasks/{task_id}/replies", json={"text": "Go on."}, headers=headers)).status_code
        for _ in range(2)
    ]
    assert answers == [200, 200]
    gateway = Gateway(temporal, app.harness.queue)
    await gateway.wake(task_id, message)  # what a crash between signal and finish comes to
    assert await app.post(f"/{task_id}/replies", text="And then?") == (200, "Your reply was received.")
    async with asyncio.timeout(30):
        while len(heard := await _replies(app, task_id)) < 2:
            await asyncio.sleep(0.05)
    assert heard == ["Go on.", "And then?"], "what was heard twice would stand between them"


async def _replies(app: AppHarness, task_id: str) -> list[str]:
    events = (await app.api.get(f"/api/tasks/{task_id}/events?follow=0")).json()["events"]
    return [event["data"]["preview"] for event in events if event["type"] == "follow_up.received"]
