"""Attacks on a run by people without the right: what they send is refused, and costs nobody anything."""

import asyncio
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from tests.fake_run import AGENT, Front, caller
from tests.worker_harness import ANN, BOB, READ, WRITE, WorkerHarness, agent, call, done
from threadwork.activities.membership import is_among
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.api.app import create_app
from threadwork.bot.chat.rights import Rights, may_talk_to
from threadwork.bot.directories import Directories
from threadwork.bot.intake import commands
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.run_events import WorkflowCompleted
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder
from threadwork.workflows.values import LOCAL, Principal, Standing, Status

pytestmark = pytest.mark.timeout(120)
MAL = Principal(platform="slack", workspace="T1", user_id="U66", name="Mal", standing="member")
BOB_THERE = Principal(platform="discord", workspace="7", user_id="72", name="bob", standing="member")
KEY = {"Idempotency-Key": "a-reply"}


def door(front: Front) -> httpx.ASGITransport:
    return httpx.ASGITransport(create_app(front.ports), client=("127.0.0.1", 5000))


async def test_a_reply_to_the_api_without_the_right_wakes_no_task() -> None:
    front = Front(None, AGENT.model_copy(update={"access": Access(run=("U1",))}))
    async with (
        intake_running(front.intake_worker),
        httpx.AsyncClient(transport=door(front), base_url="http://localhost") as api,
    ):
        command = await commands.run(front.ports, caller(by=ANN), "Do it.")
        task_id = (await front.store.intake.store(command)).task_id
        await front.fake_run.begin(task_id)
        await front.fake_run.tell(task_id, WorkflowCompleted(reason="goal_achieved"), status=Status.COMPLETED)
        answer = await api.post(f"/api/tasks/{task_id}/replies", json={"text": "Spend more."}, headers=KEY)
    assert answer.status_code == 403, answer.text
    assert "does not take messages from you" in answer.text
    assert await front.store.intake.get("local", KEY["Idempotency-Key"]) is None, "nothing is written down"


@pytest.mark.parametrize(("standing", "may"), [("member", True), ("guest", False), ("external", False)])
async def test_a_task_whose_agent_was_taken_out_of_the_file_takes_messages_of_members_alone(
    standing: Standing, may: bool
) -> None:
    front = Front(None, AGENT.model_copy(update={"name": "another"}))
    order = RunOrder(order=TaskOrder(goal="Do it.", agent="gone", by=ANN))
    command = Command(platform="slack", platform_id="k", by=ANN, action=order)
    task = await front.store.tasks.get((await front.store.intake.store(command)).task_id)
    assert await may_talk_to(front.ports, MAL.model_copy(update={"standing": standing}), task) is may
    assert await may_talk_to(front.ports, ANN, task)


@pytest.mark.parametrize("standing", ["guest", "external", "unknown"])
async def test_a_guest_who_is_a_member_elsewhere_may_the_same_however_soon_that_is_known(standing: Standing) -> None:
    """Else a first click, before Slack has told, would do what the second may not."""
    guest, store = MAL.model_copy(update={"standing": standing}), MemoryStore()
    slack = MemoryDirectory({}, {MAL.key: "guest"})
    directory = Directories({"slack": slack, "discord": MemoryDirectory({}, {BOB_THERE.key: "member"})}, store.people)
    assert not await is_among(guest, ("*", "U1"), directory)
    assert not await Rights(guest, directory).among(("*", "U1"))
    await store.people.join(BOB_THERE, await store.people.offer(guest))
    assert await is_among(guest, ("*", "U1"), directory)
    assert await Rights(guest, directory).among(("*", "U1"))


async def test_a_person_whose_platform_does_not_answer_holds_up_nobody_else(temporal: Client) -> None:
    script = [says("", call("notes__write", name="a")), done()]
    tools = MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
    spec = agent(approvals=ApprovalPolicy(approvers=("U2", "group:ops"), four_eyes=True))
    harness = WorkerHarness(temporal, script, tools=tools, agent=spec)
    silent = Silent()
    harness.use(directory=Directories({"slack": silent}, harness.store.people))
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=MAL, rules=2)
        await asyncio.wait_for(silent.asked.wait(), 30)
        await task.decide(asked, "approve", by=BOB, rules=2)
        await task.happened("human_approval.received", within=10)
        await task.stop(LOCAL)


async def test_what_one_person_did_takes_effect_in_its_order(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("Ready?"), done(), done()], agent=agent(access=Access(run=("U2",))))
    await harness.store.people.join(BOB_THERE, await harness.store.people.offer(BOB))
    slow = SlowAtFirst(harness.store.people)
    harness.use(directory=slow)
    async with harness.workers():
        task = await harness.start(by=ANN)
        for text in ("one", "two"):
            await task.reply(text, by=BOB_THERE)
        await asyncio.wait_for(slow.asked.wait(), 30)
        await task.reply("three", by=ANN)
        await task.happened("follow_up.received")  # the signals before it have been heard
        slow.answers.set()
        await task.happened("follow_up.received", times=3)
        await task.result()
    said = [event.data["preview"] for event in await task.events() if event.type == "follow_up.received"]
    assert said == ["three", "one", "two"]


class SlowAtFirst(Directories):
    """Answers the first question when it is told to, and the others at once."""

    def __init__(self, people: Any) -> None:
        super().__init__({}, people)
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def names(self, principal: Principal) -> tuple[str, ...]:
        if not self.asked.is_set():
            self.asked.set()
            await self.answers.wait()
        return await super().names(principal)


class Silent:
    """A platform that tells of nobody."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def groups(self, principal: Principal) -> Any:
        self.asked.set()
        raise ChatUnavailable("Slack does not answer.")

    standing = groups
