"""What the agent of both stories is, and what its model says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ApprovalPolicy, BudgetSpec, ToolSpec
from threadwork.workflows.errors import ModelError, ModelUnavailable
from threadwork.workflows.models import Delta, ModelRequest, ToolOutput

PLAN = ("Read what changed", "Write the notes", "Delete the drafts")
TABLE = """The notes for 2.4 are written. This is what changed:

| Change | Who | Breaking |
|---|---|---|
| Faster search | Dana | no |
| New login page | Eli | yes |

Two drafts are still there, as **nobody** wanted them deleted."""
LONG = "# All changes\n\n" + "\n\n".join(f"{number}. Change {number} is told here." for number in range(1, 2_001))

FAILURES: dict[str, Exception] = {  # by goal
    "Count the commits": ModelUnavailable("openai/gpt-5-mini is at its request limit."),
    "Count the files": ModelError("openai refused the key in OPENAI_API_KEY.", "Set a valid one."),
}


class Thoughtful(MemoryModel):
    """Thinks before its first answer, until it is told to come to an end."""

    def __init__(self, script: Sequence[Delta | Exception]) -> None:
        super().__init__(script)
        self.told = asyncio.Event()

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        if failure := next((FAILURES[goal] for goal in FAILURES if goal in str(request.messages)), None):
            raise failure
        if len(self.requests) == 1:
            yield Delta(text="I look at what changed since 2.3. ")
            await self.told.wait()
        async for delta in super().stream(request):
            yield delta


def plan(*states: str) -> Any:
    return call("update_plan", items=[{"text": text, "state": state} for text, state in zip(PLAN, states, strict=True)])


def model() -> Thoughtful:
    """One answer after the other, whichever task asks."""
    return Thoughtful(
        [
            says("", plan("doing", "todo", "todo"), call("notes__read", name="changes.md"), cost_nanos=4_200_000),
            says("I write them now.", call("ask_user", question="Which version is it?", options=["2.4", "3.0"])),
            says("These are the notes as I would write them.", WRITE_CALL, cost_nanos=100_000_000),
            says("The drafts are not needed any more.", call("notes__delete", name="draft-1.md")),
            says("And the second one.", call("notes__delete", name="draft-2.md")),
            says("", call("notes__read", name="all.md"), plan("done", "done", "todo"), cost_nanos=950_000_000),
            done(TABLE),
            done(LONG),
            done("They break logins that were made before 2.0."),
            says("I send them.", call("mail__send", to="everybody@example.com")),
            says("", call("mail__send", to="team@example.com")),
            done("Hello, Ann."),
        ]
    )


WRITE_CALL = call("notes__write", name="notes.md", text="# 2.4\n\nFaster search, and a new login page.")
AWAY = "The tool server mail does not answer. mail.send was not run."


def tools() -> MemoryToolBox:
    def spec(name: str, **facts: bool) -> ToolSpec:
        return ToolSpec(name=name, **{"trusted": True, "destructive": False, **facts})

    return MemoryToolBox(
        (spec("notes.read", read_only=True), lambda arguments: "Faster search. New login page."),
        (spec("notes.write"), lambda arguments: "Written."),
        (spec("notes.delete", destructive=True), lambda arguments: "Deleted."),
        (spec("mail.send"), lambda arguments: ToolOutput(text=AWAY, is_error=True)),
    )


def catalog(*approvers: str) -> MemoryCatalog:
    return MemoryCatalog(
        agent(
            description="Writes release notes",
            budget=BudgetSpec(usd=1.00, tokens=None),
            approvals=ApprovalPolicy(approvers=approvers),
        )
    )
