"""Tasks that delegate, and tasks that were delegated, over continue-as-new. Replayed by the saved histories."""

from typing import Any

from temporalio.client import Client

from tests.replay.stories.continuing import continued, misses
from tests.replay.stories.stages import answers
from tests.worker_harness import ANN, BOB, READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import AgentSpec, BudgetSpec
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.values import Usage

LEAD = agent(name="default", delegates=("*",))
SCOUT = agent(name="scout", description="Finds things out")


async def delegates_and_continues_as_new(client: Client) -> Actor:
    """Three children: one asks, one wants to write, one only reads; the parent continues as new in between."""
    task = await _asked(on := _stage(client, SCOUT), "Ask.", "Write.", "Read.")
    async with on.workers():
        asked = await task.happened("human_approval.requested")
        await task.happened("question.asked")
        await continued(task, lambda: misses(task))
        await answers(task, ANN, "long")
        await continued(task, lambda: misses(task))
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    return task


async def a_delegated_task_continues_as_new(client: Client) -> Actor:
    """The child does, with its question open."""
    task = await _asked(on := _stage(client, SCOUT), "Ask.")
    async with on.workers():
        await task.happened("question.asked")
        child = on.actor((await task.happened("task.delegated")).data["child_task_id"])
        await continued(child, lambda: misses(child))
        await answers(task, ANN, "long")
        await task.result()
        await child.result()
    return child


async def a_delegated_task_wants_more(client: Client) -> Actor:
    """Its grant is used up; the person raises the parent's budget."""
    lead = LEAD.model_copy(update={"budget": BudgetSpec(usd=None, tokens=10_000)})
    task = await _asked(on := _stage(client, SCOUT, lead), "Spend.")
    async with on.workers():
        await task.happened("budget.exceeded")
        await task.signal("increase_budget", {"click_id": "b", "by": ANN.model_dump(), "add_tokens": 20_000})
        await task.result()
    return task


async def delegates_and_is_stopped(client: Client) -> Actor:
    """Paused, gone on with, and stopped while two work below one another."""
    scout = SCOUT.model_copy(update={"delegates": ("default",)})
    task = await _asked(on := _stage(client, scout), "Deeper.")
    async with on.workers():
        await task.happened("question.asked")
        await task.signal("pause_execution", "Lunch.", ANN.model_dump(), "p")
        await task.signal("resume_execution", "", ANN.model_dump(), "r")
        await task.stop(ANN, reason="Enough.")
        await task.result()
    return task


def _stage(client: Client, scout: AgentSpec, lead: AgentSpec = LEAD) -> WorkerHarness:
    tools = MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written"))
    return WorkerHarness(client, MemoryModel(_tell), tools=tools, catalog=MemoryCatalog(lead, scout))


async def _asked(on: WorkerHarness, *goals: str) -> Actor:
    return await on.start(" ".join(goals), by=ANN)


def _tell(request: ModelRequest) -> Delta:
    """The lead gives each of its goals to a child; a child does what its goal says, then answers."""
    goal = str(request.messages[1]["content"])
    lead = 'agent "default"' in str(request.messages[0]["content"])
    if len([m for m in request.messages if m["role"] == "assistant"]):
        return done(f"{goal} Done.")
    if lead and goal != "Lowest.":
        return says("", *(call("delegate_task", agent="scout", goal=f"{one}.") for one in goal[:-1].split(". ")))
    return FIRST[goal]


FIRST: dict[str, Any] = {
    "Ask.": says("", call("ask_user", question="Short or long?", options=["short", "long"])),
    "Lowest.": says("", call("ask_user", question="Well?")),
    "Write.": says("I must.", call("notes__write", name="a")),
    "Read.": says("", call("notes__read", name="a")),
    "Spend.": says("", call("notes__read", name="a"), usage=Usage(prompt=4_700, completion=100)),
    "Deeper.": says("", call("delegate_task", agent="default", goal="Lowest.")),
}
STORIES = (
    delegates_and_continues_as_new,
    a_delegated_task_continues_as_new,
    a_delegated_task_wants_more,
    delegates_and_is_stopped,
)
