"""Files that tools return: in the thread, with what is in them."""

from base64 import b64encode
from typing import Any

from temporalio.client import Client

from tests.sample_files import image
from tests.worker_harness import READ, WorkerHarness, agent, call, done, until
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.files import GivenFile, LeftOut
from threadwork.workflows.models import ToolOutput
from threadwork.workflows.sinks import File, Sink

SCREEN = GivenFile(name="screen.png", media_type="image/png", content=image())


async def test_an_image_that_a_tool_returned_is_posted_once_with_its_content(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda a: ToolOutput(text="Here.", files=(SCREEN,))))
    harness = WorkerHarness(temporal, [says("", call("notes__read", name="a")), done()], tools=tools, agent=agent())
    async with harness.workers():
        task = await harness.start(sink=Sink(platform="memory", channel="C1"))
        await task.result()
        await until(lambda: _posted(harness))
    assert [file.content for file in _posted(harness)] == [SCREEN.content]


async def test_what_is_in_a_file_is_in_no_history_though_people_and_tools_give_it(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda a: ToolOutput(text="Here.", files=(SCREEN,))))
    harness = WorkerHarness(temporal, [says("", call("notes__read", name="a")), done()], tools=tools, agent=agent())
    async with harness.workers():
        task = await harness.start(sink=Sink(platform="memory", channel="C1"), files=[SCREEN])
        await task.result()
        history = await task.handle.fetch_history()
    written = b"".join(event.SerializeToString() for event in history.events)
    assert b"screen.png" in written  # by its name alone
    assert SCREEN.content not in written
    assert b64encode(SCREEN.content)[:60] not in written
    assert repr(SCREEN.content)[2:40].encode() not in written


async def test_what_no_model_takes_is_shown_to_people_alone(temporal: Client) -> None:
    sound = GivenFile(name="../said.wav", media_type="audio/wav", content=b"RIFF")
    lost = LeftOut(name="all.zip", size=99_000_000, why="larger than 10 MB")
    tools = MemoryToolBox((READ, lambda a: ToolOutput(text="Here.", files=(sound, SCREEN), left_out=(lost,))))
    harness = WorkerHarness(temporal, [says("", call("notes__read", name="a")), done()], tools=tools, agent=agent())
    async with harness.workers():
        task = await harness.start(sink=Sink(platform="memory", channel="C1"))
        await task.result()
        await until(lambda: len(_cards(harness)) == 3)
    assert [file.name for file in _posted(harness)] == ["said.wav", "screen.png"]
    assert [(one["name"], one.get("why", "")) for one in _cards(harness)] == [
        ("said.wav", ""),
        ("screen.png", ""),
        ("all.zip", "larger than 10 MB"),
    ]
    conversation = await harness.store.transcript.conversation(task.task_id, before=99)
    assert [file["name"] for message in conversation for file in message.body.get("files", ())] == ["screen.png"]


async def test_a_file_that_comes_twice_is_stored_once_and_one_of_an_error_is_shown_too(temporal: Client) -> None:
    outputs = [ToolOutput(text="Here.", files=(SCREEN,)), ToolOutput(text="No.", files=(SCREEN,), is_error=True)]
    tools = MemoryToolBox((READ, lambda a: outputs.pop(0)))
    story = [says("", call("notes__read", name="a")), says("", call("notes__read", name="b")), done()]
    harness = WorkerHarness(temporal, story, tools=tools, agent=agent())
    async with harness.workers():
        task = await harness.start(sink=Sink(platform="memory", channel="C1"))
        await task.result()
        await until(lambda: len(_posted(harness)) == 2)
    refs = {file.ref for file in _posted(harness)}
    assert len(refs) == 1
    assert (await harness.store.transcript.get(task.task_id, refs.pop())).body["name"] == "screen.png"


def _cards(harness: WorkerHarness) -> list[dict[str, Any]]:
    contents: list[Any] = [message.content for message in harness.chat.messages.values()]
    return [content["file"] for content in contents if content["kind"] == "file"]


def _posted(harness: WorkerHarness) -> list[File]:
    return [message.file for message in harness.chat.messages.values() if message.file is not None]
