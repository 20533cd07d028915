"""What the stories of people share: who acts, and on what harness."""

import asyncio
import uuid
from typing import Any

from temporalio.client import Client

from tests.worker_harness import ANN, READ, WRITE, Actor, WorkerHarness, agent, call
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.models import Delta
from threadwork.workflows.values import Principal

ANN_IN_T2 = ANN.model_copy(update={"workspace": "T2"})  # the same user id under another team
CAT = Principal(platform="slack", workspace="T1", user_id="U3", name="Cat")
FAY = Principal(platform="slack", workspace="T9", user_id="U9", name="Fay")  # of another organisation
ANN_THERE = Principal(platform="discord", workspace="7", user_id="71", name="ann")
BOB_THERE = Principal(platform="discord", workspace="7", user_id="72", name="bob")
ZED = Principal(platform="discord", workspace="7", user_id="79", name="zed")  # linked to nobody


def harness(client: Client, *script: Delta, policy: ApprovalPolicy | None = None, **spec: Any) -> WorkerHarness:
    """`spec`: fields of the agent."""
    tools = MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
    return WorkerHarness(client, list(script), tools=tools, agent=agent(approvals=policy or ApprovalPolicy(), **spec))


def writes(*names: str) -> Delta:
    """One turn that is asked for once for every name."""
    return says("", *(call("notes__write", name=name) for name in names))


def asks(*more: Any) -> Delta:
    return says("", call("ask_user", question="Short or long?", options=["short", "long"]), *more)


async def link(on: WorkerHarness, one: Principal, other: Principal) -> None:
    await on.store.people.join(other, await on.store.people.offer(one))


async def approve(task: Actor, number: int, *clicks: tuple[Principal, str]) -> None:
    """Each person approves the n-th call in turn, with this scope; the next waits until it was answered."""
    asked = await task.happened("human_approval.requested", times=number)
    for by, scope in clicks:
        click_id = uuid.uuid4().hex
        await task.decide(asked, "approve", by=by, scope=scope, click_id=click_id)
        await answered(task, click_id)


async def answered(task: Actor, click_id: str) -> None:
    """Wait until an event names the click."""
    async with asyncio.timeout(30):
        while not any(event.data.get("click_id") == click_id for event in await task.events()):
            await asyncio.sleep(0.02)


async def control(task: Actor, verb: str, by: Principal, **more: Any) -> None:
    """`pause`, `resume` or `stop`; returns when it was answered."""
    click_id = more.pop("click_id", uuid.uuid4().hex)
    if verb == "stop":
        await task.stop(by, click_id=click_id, **more)
    else:
        await task.signal(f"{verb}_execution", "", by.model_dump(), click_id)
    await answered(task, click_id)


async def raises(task: Actor, by: Principal, **added: Any) -> None:
    click_id = added.pop("click_id", uuid.uuid4().hex)
    await task.signal("increase_budget", {"click_id": click_id, "by": by.model_dump(), **added})
    await answered(task, click_id)


async def answers(task: Actor, by: Principal, text: str, question: int = 1, click_id: str = "") -> None:
    click = {"click_id": click_id or uuid.uuid4().hex, "question_id": str(question), "by": by.model_dump()}
    await task.signal("answer_question", click | {"answer": text})
