"""Tool servers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from threadwork.workflows.agents import Discovery, ToolSpec
from threadwork.workflows.models import Given, ToolOutput


class ToolBox(Protocol):
    """The tools of all configured servers. A server is started when it is first needed."""

    async def discover(self, servers: Sequence[str] | None) -> Discovery:
        """The tools of the named servers, or of all; a server that does not answer is a problem, not an error."""

    async def changed(self, servers: Sequence[str] | None, listed: Mapping[str, str]) -> bool:
        """Whether a server is known to offer other tools than were `listed`. Starts none, and waits for none."""

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Callable[[str], None] = lambda _: None,
        task_id: str = "",
    ) -> ToolOutput:
        """`given`: it goes on with answers to what its server asked in an earlier one (`ToolOutput.asked`).
        `progress` is told how far it is, such as "40 % — indexing", as often as the server says so.
        `task_id`: whose call it is; what its server asks is for the people of no other task.

        Raises `Unsendable` for answers that its server cannot take, and `NotHeld` where it is not open here any more.
        Raises `TimeoutError`, and `ConnectionError` when no answer came that can be read: it may have run."""

    async def release(self, tool: ToolSpec, state: str) -> None:
        """Nobody will answer what the server of a call asked that is held open (`Asked.held`). Does not wait."""

    async def close(self) -> None: ...
