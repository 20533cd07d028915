"""Files that tools return: in the thread, with what is in them."""

from temporalio.client import Client

from adapters.memory.model import says
from adapters.memory.tools import MemoryToolBox
from tests.documents import image
from tests.stage import READ, Stage, agent, call, done, until
from workflows.chat import File, Sink
from workflows.files import GivenFile
from workflows.models import ToolOutput

SCREEN = GivenFile(name="screen.png", media_type="image/png", content=image())


async def test_an_image_that_a_tool_returned_is_posted_once_with_its_content(temporal: Client) -> None:
    tools = MemoryToolBox((READ, lambda a: ToolOutput(text="Here.", files=(SCREEN,))))
    stage = Stage(temporal, [says("", call("notes__read", name="a")), done()], tools=tools, agent=agent())
    async with stage.workers():
        task = await stage.start(sink=Sink(platform="memory", channel="C1"))
        await task.result()
        await until(lambda: _posted(stage))
    assert [file.content for file in _posted(stage)] == [SCREEN.content]


def _posted(stage: Stage) -> list[File]:
    return [message.file for message in stage.chat.messages.values() if message.file is not None]
