"""Tools that are Python functions."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from threadwork.workflows.agents import Discovery, ToolSpec
from threadwork.workflows.models import Given, ToolOutput
from threadwork.workflows.values import digest

Output = str | ToolOutput
Function = Callable[[dict[str, Any]], Output | Awaitable[Output]]


class MemoryToolBox:
    """Tools by their specification; what a function raises comes back as an error of the tool."""

    def __init__(self, *tools: tuple[ToolSpec, Function], problems: Sequence[str] = ()) -> None:
        self._functions = {tool.name: function for tool, function in tools}
        self._tools = tuple(tool for tool, _ in tools)
        self._servers = {_server(tool.name) for tool, _ in tools}
        self._problems = tuple(problems)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.released: list[str] = []  # states of calls that were held

    async def discover(self, servers: Sequence[str] | None) -> Discovery:
        tools = tuple(t for t in self._tools if servers is None or _server(t.name) in servers)
        missing = [_no_server(name) for name in dict.fromkeys(servers or ()) if name not in self._servers]
        return Discovery(tools=tools, problems=(*self._problems, *missing), listed=self._listed(tools))

    async def changed(self, servers: Sequence[str] | None, listed: Mapping[str, str]) -> bool:
        now = self._listed(t for t in self._tools if servers is None or _server(t.name) in servers)
        return any(listed.get(server) != known for server, known in now.items())

    def offer(self, *tools: tuple[ToolSpec, Function]) -> None:
        """Other tools from now on."""
        self._functions |= {tool.name: function for tool, function in tools}
        self._servers |= {_server(tool.name) for tool, _ in tools}
        self._tools = tuple(tool for tool, _ in tools)

    @staticmethod
    def _listed(tools: Iterable[ToolSpec]) -> dict[str, str]:
        found: dict[str, list[Any]] = {}
        for tool in tools:
            found.setdefault(_server(tool.name), []).append(tool.model_dump(mode="json"))
        return {server: digest(described) for server, described in found.items()}

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Callable[[str], None] = lambda _: None,
        task_id: str = "",
    ) -> ToolOutput:
        self.calls.append((tool.name, arguments))
        if tool.name not in self._functions:
            return ToolOutput(text=f"{_no_server(_server(tool.name))} {tool.name} was not run.", is_error=True)
        try:
            async with asyncio.timeout(timeout):
                output = self._functions[tool.name](arguments)
                output = await output if inspect.isawaitable(output) else output
            return output if isinstance(output, ToolOutput) else ToolOutput(text=output)
        except ValueError as error:
            return ToolOutput(text=str(error), is_error=True)

    async def release(self, tool: ToolSpec, state: str) -> None:
        self.released.append(state)

    async def close(self) -> None:
        return None


def _server(tool: str) -> str:
    return tool.partition(".")[0]


def _no_server(name: str) -> str:
    return f"There is no tool server {name}."
