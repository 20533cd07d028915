"""What the model does by itself: conversations that are summarised, answers of every kind, other models, budgets."""

import asyncio

from temporalio.client import Client

from tests.replay.stories.stages import BOB_THERE, answers, approve, asks, harness, raises, writes
from tests.worker_harness import ANN, BOB, Actor, call, done
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.errors import ContextOverflow, ModelError
from threadwork.workflows.models import Delta, ModelFacts
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Usage

FULL = Usage(prompt=800, completion=20)  # of a window of 1,000: over the share at which it is summarised
SMALL_WINDOW = ModelFacts(name="m", context_window=1_000, prompt_nanos=1_000, completion_nanos=1_000)
PLENTY = BudgetSpec(usd=None, tokens=None)


def reads(usage: Usage | None = None) -> Delta:
    return says("", call("notes__read", name="a"), usage=usage)


def summary(text: str = "What was done.") -> Delta:
    return says(text)


async def summarised(client: Client) -> Actor:
    """A plan, an answer, a denial with its reason and an approved call, before the window fills; then twice more."""
    plan = call("update_plan", items=[{"text": "Write", "state": "doing"}, {"text": "Tell"}])
    script = [says("Planning.", plan), asks(), writes("a", "b"), reads(FULL), summary(), reads(FULL), summary("More.")]
    on = harness(client, *script, reads(FULL), summary(""), done(), budget=PLENTY)
    on.model._facts = SMALL_WINDOW
    async with on.workers():
        task = await on.start(by=ANN, sink=Sink(platform="memory", channel="C1"))
        await task.happened("question.asked")
        await answers(task, ANN, "Ultramarine, please.")
        first = await task.happened("human_approval.requested")
        await task.decide(first, "deny", by=BOB, reason="Never this one.")
        await approve(task, 2, (BOB, "once"))
        await task.reply("And look once more.", by=ANN)
        await task.result()
    return task


async def overflowed(client: Client) -> Actor:
    """Once it helps to summarise; the second time, in the next turn, too."""
    script = [
        reads(),
        ContextOverflow("Too long."),
        summary(),
        reads(),
        ContextOverflow("Too long."),
        summary(),
        done(),
    ]
    on = harness(client, *script, budget=PLENTY)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def overflowed_for_good(client: Client) -> Actor:
    on = harness(client, reads(), ContextOverflow("Too long."), ContextOverflow("Too long."), budget=PLENTY)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def another_model(client: Client) -> Actor:
    """Two models fail; the third answers, and after a reply the first is asked again."""
    script = [reads(), ModelError("No."), ModelError("No."), done(), done("Second.")]
    on = harness(client, *script, budget=PLENTY, fallback_models=("memory/two", "memory/three"))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
        await task.reply("Once more.", by=ANN)
        await task.result()
    return task


async def no_other_model(client: Client) -> Actor:
    on = harness(client, ModelError("No."), fallback_models=("memory/two",))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def nothing_said(client: Client) -> Actor:
    """An empty answer, one that was cut, and then three empty ones in a row."""
    cut = Delta(text="And then", finish="length", usage=Usage(prompt=10, completion=10))
    on = harness(client, says(""), cut, reads(), says(""), says(""), says(""), budget=PLENTY)
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def filtered(client: Client) -> Actor:
    """Half a sentence that a filter ended: an answer, then."""
    on = harness(
        client, Delta(text="I can tell you that", finish="content_filter", usage=Usage(prompt=10, completion=9))
    )
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def announced(client: Client) -> Actor:
    """A text that only announces a call: an answer, then."""
    on = harness(client, says("Let me read the note first:"))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def the_same_again(client: Client) -> Actor:
    """One call over and over, to the last iteration."""
    on = harness(client, reads(), budget=BudgetSpec(iterations=12, usd=None, tokens=None))
    async with on.workers():
        task = await on.start(by=ANN)
        await task.result()
    return task


async def a_summary_that_cannot_be_paid(client: Client) -> Actor:
    """The budget ends before the summary; somebody raises it."""
    script = [reads(FULL), summary(), done()]
    on = harness(client, *script, budget=BudgetSpec(usd=None, tokens=1_500))
    on.model._facts = SMALL_WINDOW
    async with on.workers():
        task = await on.start(by=ANN)
        await task.happened("budget.exceeded")
        await raises(task, ANN, add_tokens=90_000)
        await task.result()
    return task


async def left_open(client: Client) -> Actor:
    """Under way still: an approval and a question nobody has decided, after a summary and with another model."""
    script = [reads(FULL), summary(), ModelError("No."), asks(call("notes__write", name="a"))]
    on = harness(client, *script, budget=PLENTY, fallback_models=("memory/two",))
    on.model._facts = SMALL_WINDOW
    async with on.workers():
        task = await on.start(by=BOB_THERE)
        await task.happened("human_approval.requested")
        await task.happened("question.asked")
        await asyncio.sleep(0.5)
    return task


STORIES = (
    summarised,
    overflowed,
    overflowed_for_good,
    another_model,
    no_other_model,
    nothing_said,
    filtered,
    announced,
    the_same_again,
    a_summary_that_cannot_be_paid,
    left_open,
)
