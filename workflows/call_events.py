"""What events of calls say: of models, of tools, and of other agents."""

from typing import ClassVar

from pydantic import Field

from threadwork.workflows.event_types import EventType, Outcome, Payload
from threadwork.workflows.files import StoredFile
from threadwork.workflows.values import Principal, Status, Usage


class LlmCallStarted(Payload):
    """A model is asked."""

    type: ClassVar = EventType.LLM_CALL_STARTED
    call_id: str
    model: str
    because: str | None = None  # why another model is asked than before


class LlmCallCompleted(Payload):
    """A model answered, with what it took in tokens and dollars."""

    type: ClassVar = EventType.LLM_CALL_COMPLETED
    call_id: str
    model: str
    usage: Usage
    cost_usd: float | None = None  # None: the price is not known
    text: str = ""
    thinking: str | None = None  # what it thought before
    thinking_ref: str | None = None
    counted: int | None = Field(None, exclude_if=lambda value: value is None)  # tokens for the budget; None: all


class LlmCallFailed(Payload):
    """A call of a model came to nothing; `error` is a sentence for people."""

    type: ClassVar = EventType.LLM_CALL_FAILED
    call_id: str
    model: str
    error: str
    problem: str | None = None  # what is done without from now on


class ToolCallStarted(Payload):
    """A tool is called. `digest`: of the arguments, as approvals have it."""

    type: ClassVar = EventType.TOOL_CALL_STARTED
    call_id: str
    tool: str
    arguments_preview: str
    digest: str
    granted_by: tuple[Principal, ...] | None = None  # whose standing permission lets it run unasked
    grant_id: str | None = None  # which one


class ToolCallCompleted(Payload):
    """A tool's call has ended with an output."""

    type: ClassVar = EventType.TOOL_CALL_COMPLETED
    call_id: str
    tool: str
    output_preview: str
    outcome: Outcome = "ok"
    files: tuple[StoredFile, ...] = Field((), exclude_if=lambda files: not files)  # that came with the output
    approval_id: str | None = None  # that a delegated task had asked for: its parent tells that it ran
    agent: str | None = None  # that the call delegated to


class ToolCallFailed(Payload):
    """A tool's call failed, was denied, or was lost with its effect unknown: see `outcome`."""

    type: ClassVar = EventType.TOOL_CALL_FAILED
    call_id: str | None = None  # None: it was never started
    tool: str
    output_preview: str
    outcome: Outcome = "error"
    files: tuple[StoredFile, ...] = Field((), exclude_if=lambda files: not files)  # that came with an error
    approval_id: str | None = None  # as above
    agent: str | None = None


class TaskDelegated(Payload):
    """The agent gave another agent a task; `goal` is a preview."""

    type: ClassVar = EventType.TASK_DELEGATED
    child_task_id: str
    agent: str
    goal: str


class TaskReported(Payload):
    """Where a delegated task stands, told now and then."""

    type: ClassVar = EventType.TASK_REPORTED
    child_task_id: str
    agent: str
    status: Status
    iteration: int = 0
    doing: str = ""
    usd: float = 0  # spent by it so far, its own children included
    tokens: int = 0
    approval_id: str | None = None  # a call that people had approved has ended
    outcome: Outcome | None = None  # so
