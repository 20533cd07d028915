"""One manner of a provider or a tool server, and what a task makes of it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.manners import openai
from tests.manners.mcp_server import Mcp
from tests.manners.server import Body, Rules, Script
from tests.worker_harness import Actor
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.events import Event, EventType
from threadwork.workflows.files import GivenFile


@dataclass(frozen=True)
class Seen:
    """What came of it."""

    result: dict[str, Any]  # of the workflow
    events: list[Event]
    requests: list[Body]  # that the first server got, as they were sent
    calls: list[tuple[str, dict[str, Any]]]  # that reached a tool: name and arguments
    live: list[str] = field(default_factory=list)  # texts that watchers saw as the answer's, piece by piece
    progress: list[str] = field(default_factory=list)  # how far tools were, as watchers saw it
    second: list[Body] = field(default_factory=list)  # requests that the server of the second model got

    def of(self, type_: EventType | str) -> list[dict[str, Any]]:
        """The data of all events of a type."""
        return [event.data for event in self.events if event.type == type_]

    @property
    def last(self) -> list[dict[str, Any]]:
        """The messages of the last request."""
        messages: list[dict[str, Any]] = self.requests[-1]["messages"]
        return messages


def nothing_more(seen: Seen) -> None:
    """Nothing beyond what the row says."""


@dataclass(frozen=True)
class Row:
    """`script` is what the server streams, in turn. The agent may use the tools `notes.read` and `notes.write`."""

    name: str  # of the manner, in a few words
    reports: tuple[str, ...]  # where it was reported: "BerriAI/litellm#33223", a page; "control of" a reported one
    script: Script
    expect: Callable[[Seen], None] = nothing_more
    reason: str = "goal_achieved"  # how the task ended
    calls: Sequence[tuple[str, dict[str, Any]]] | None = None  # that must reach the tools, in order; None: any
    model: str = "openai/gpt-4o-mini"  # LiteLLM's name
    path: str = "/v1"  # of the server's base_url
    paths: dict[str, Any] = field(default_factory=dict)  # what the server tells beside, such as "/v1/models"
    rules: Rules = openai.rules
    spec: dict[str, Any] = field(default_factory=dict)  # more fields of the model's entry
    agent: dict[str, Any] = field(default_factory=dict)  # fields of the agent
    tools: Sequence[ToolSpec] = ()  # beside the two, each answers "done"
    fallback: Script = ()  # of a second model on a server of its own, asked where the first fails
    second: dict[str, Any] = field(default_factory=lambda: {"model": "openai/gpt-4o-mini"})  # its entry
    second_path: str = "/v1"
    second_rules: Rules = openai.rules
    mcp: Callable[[Path], AbstractContextManager[Mcp]] | None = None  # a real tool server, given a folder of its own
    people: Callable[[Actor], Awaitable[None]] | None = None  # what people do meanwhile
    files: Sequence[GivenFile] = ()  # that came with the goal
    within: float = 60  # seconds
