"""What a run asks activities for on behalf of tasks that it delegates.

History keeps all of these, so texts in them are previews and references, never wholes.
"""

from typing import Literal

from threadwork.workflows.run_requests import EventBatch
from threadwork.workflows.values import Ledger, Value


class BeginChildRequest(Value):
    """Asks for a delegated task to be made, with what its parent sets aside for it."""

    batch: EventBatch
    call_id: str
    agent: str
    arguments_ref: str  # the whole goal is in them
    nanos: int | None = None  # nano-dollars granted; None: the parent has no limit
    tokens: int | None = None
    on_exceeded: Literal["ask", "stop"] = "ask"  # the parent's: a child that may not ask ends by itself


class BeginChildResult(Value):
    """The delegated task, or why there is none."""

    outcome: Literal["ok", "error", "refused"]
    child_id: str = ""
    goal: str = ""  # preview
    grant: Ledger = Ledger()  # what it may spend, its own agent's limits considered; 0: no limit
    error: str = ""  # why there is no child, in words that the model can act on


class CloseChildRequest(Value):
    """Asks for a delegated task's result to be told to its parent, and for its spending to be settled."""

    batch: EventBatch
    call_id: str
    child_id: str
    agent: str
    tool_call_id: str
    position: int  # place of the result in the conversation


class HandOverRequest(Value):
    """Texts of one task that another will look for under its own."""

    task_id: str
    to: str
    refs: tuple[str, ...]
    prefix: str = ""  # of the refs over there


class HandOverResult(Value):
    """Empty: the texts are stored under the other task."""

    pass
