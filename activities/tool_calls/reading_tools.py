"""Built-in tools that only read: an output in whole, a skill, and tools that are not shown."""

from typing import Any

from threadwork.activities.ports.storage import Transcript
from threadwork.activities.tool_calls.offered_tools import find
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.errors import NotFound
from threadwork.workflows.models import ToolOutput

PIECE = 10_000  # characters of an output at once


class ReadingTools:
    """`config`: the snapshot that the run works with."""

    def __init__(self, transcript: Transcript, task_id: str, config: RunConfig) -> None:
        self._transcript, self._task_id, self._config = transcript, task_id, config

    async def run(self, name: str, arguments: dict[str, Any]) -> ToolOutput:
        readers = {"read_output": self._read_output, "read_skill": self._read_skill, "find_tools": self._find_tools}
        try:
            return ToolOutput(text=await readers[name](arguments))
        except NotFound as error:
            return ToolOutput(text=str(error), is_error=True)

    async def _read_output(self, arguments: dict[str, Any]) -> str:
        message = await self._transcript.get(self._task_id, str(arguments["id"]))
        text, offset = str(message.body["content"]), int(arguments.get("offset", 0))
        return text[offset : offset + PIECE] or "(nothing beyond this offset)"

    async def _read_skill(self, arguments: dict[str, Any]) -> str:
        skills = self._config.skills
        for skill in skills:
            if skill.name == arguments["name"]:
                return skill.instructions
        there_are = f"There are: {', '.join(skill.name for skill in skills)}."
        raise NotFound(f"There is no skill {arguments['name']!r}.", there_are)

    async def _find_tools(self, arguments: dict[str, Any]) -> str:
        return find(self._config, str(arguments["query"]))
