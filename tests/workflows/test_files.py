"""Files that tools return: in the thread, with what is in them."""

from base64 import b64encode

from temporalio.client import Client

from tests.documents import image
from tests.worker_harness import READ, WorkerHarness, agent, call, done, until
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.files import GivenFile
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


def _posted(harness: WorkerHarness) -> list[File]:
    return [message.file for message in harness.chat.messages.values() if message.file is not None]
