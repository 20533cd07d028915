"""The story that runs under fire: a pure function of the conversation, so that any process can go on with it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.sample_files import image
from tests.worker_harness import READ, WRITE, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import AgentSpec, BudgetSpec, ToolPolicy
from threadwork.workflows.files import GivenFile
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest, ToolOutput

PICTURE = GivenFile(name="two.png", media_type="image/png", content=image())
FACTS = ModelFacts(name="m", prompt_nanos=3, completion_nanos=5, context_window=1_000_000)
AGENT: AgentSpec = agent(
    tools=ToolPolicy(allow=("*",)), tool_timeout=4, budget=BudgetSpec(usd=None, tokens=None, iterations=500)
)


def tell(request: ModelRequest) -> Delta:
    """Read two notes, write one, read on, write another, answer; after a reply read once more and answer again."""
    said = [message for message in request.messages if message["role"] == "assistant"]
    step = len(said) + 1
    if step == 1:
        return says("Reading both.", call("notes__read", name="a"), call("notes__read", name="b"))
    if step == 3:
        return says("Writing.", call("notes__write", name="one"))
    if step == 6:
        return says("Writing again.", call("notes__write", name="two"))
    if step in (8, 10):
        return done(f"Answer {step}.")
    return says(f"Step {step}.", call("notes__read", name=f"n{step}"))


class StoryModel(MemoryModel):
    """Takes `pause` seconds for an answer."""

    def __init__(self, pause: float = 0.05) -> None:
        super().__init__(tell, FACTS)
        self._pause = pause

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        await asyncio.sleep(self._pause)
        async for delta in super().stream(request):
            yield delta


def tools(journal: Path, pictures: bool = False) -> MemoryToolBox:
    """Each call is a line in the journal: what really ran, whatever was recorded."""

    async def ran(line: str, output: str) -> str:
        with journal.open("a") as lines:
            lines.write(f"{line}\n")
            lines.flush()
            os.fsync(lines.fileno())
        await asyncio.sleep(0.05)
        return output

    def read(arguments: dict[str, Any]) -> Any:
        return ran(f"read {arguments['name']}", f"note {arguments['name']}")

    async def write(arguments: dict[str, Any]) -> ToolOutput:
        """The second brings a picture along."""
        text = await ran(f"write {arguments['name']}", "written")
        return ToolOutput(text=text, files=(PICTURE,) if pictures and arguments["name"] == "two" else ())

    return MemoryToolBox((READ, read), (WRITE, write))
