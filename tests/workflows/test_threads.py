"""The thread follows the run: one message per card, edited in place."""

import asyncio
from collections.abc import AsyncIterator

from temporalio.client import Client

from tests.worker_harness import ANN, READ, WRITE, WorkerHarness, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.sinks import Sink

SINK = Sink(platform="memory", channel="C1")


async def test_every_card_is_one_message_and_cards_hang_under_the_status(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal,
        [says("Let me see.", call("notes__read", name="a")), says("", call("notes__write", name="b")), done("Ready.")],
        tools=MemoryToolBox((READ, lambda a: "text"), (WRITE, lambda a: "written")),
    )
    async with harness.workers():
        task = await harness.start("Tidy up.", by=ANN, sink=SINK)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=ANN)
        await task.result()
    messages = list(harness.chat.messages.values())
    assert [m.content["key"] for m in messages] == ["status", "approval:1", "answer:1"]
    root, approval, answer = messages
    assert root.thread == ""
    assert approval.thread == answer.thread == root.message_id
    assert (root.content["status"], root.content["goal"]) == ("completed", "Tidy up.")
    assert (approval.content["state"], approval.content["outcome"]) == ("approved", "ok")
    assert answer.content["answer"] == "Ready."


async def test_the_answer_in_the_thread_is_the_whole_one(temporal: Client) -> None:
    whole = "word " * 500
    harness = WorkerHarness(temporal, [done(whole)])
    async with harness.workers():
        task = await harness.start(sink=SINK)
        await task.result()
    answer = next(m for m in harness.chat.messages.values() if m.content["kind"] == "answer")
    assert answer.content["answer"] == whole
    assert len((await task.events())[-1].data["answer"]) == 400


class SlowWriter(MemoryModel):
    """Writes a word every quarter of a second."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        for number in range(20):
            yield Delta(text=f"word{number} ")
            await asyncio.sleep(0.25)
        async for delta in super().stream(request):
            yield delta


async def test_what_the_model_is_writing_shows_on_the_status_card_until_it_is_written(temporal: Client) -> None:
    harness = WorkerHarness(temporal, SlowWriter([done("me.")]))
    async with harness.workers():
        task = await harness.start(sink=SINK)
        async with asyncio.timeout(20):
            while "word5 word6" not in _live(harness):
                await asyncio.sleep(0.1)
        await task.result()
    assert _live(harness) == ""


def _live(harness: WorkerHarness) -> str:
    return "".join(str(m.content["live"]) for m in harness.chat.messages.values() if m.content["kind"] == "status")


async def test_a_run_closes_only_when_its_thread_shows_everything(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [done("First."), done("Second.")])
    async with harness.workers():
        task = await harness.start(sink=SINK)
        await task.result()
        assert "answer:1" in [m.content["key"] for m in harness.chat.messages.values()]
        await task.reply("Again.")
        await task.result()
    keys = [m.content["key"] for m in harness.chat.messages.values()]
    assert sorted(keys) == ["answer:1", "answer:2", "status"]


async def test_a_sink_that_is_gone_does_not_hurt_the_run(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [done("Ready.")])
    harness.chat.gone.add("C1")
    async with harness.workers():
        task = await harness.start(sink=SINK)
        result = await task.result()
    assert result["answer"] == "Ready."
    failed = [e for e in await task.events() if e.type == "sink.failed"]
    assert len(failed) == 1
    assert "C1 is gone" in failed[0].data["error"]
