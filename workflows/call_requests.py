"""What a run asks of models and tools, and what they answer.

History keeps all of these, so texts in them are previews and references, never wholes.
"""

from typing import Literal

from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.event_types import Outcome
from threadwork.workflows.files import StoredFile
from threadwork.workflows.grants import FoundGrant
from threadwork.workflows.memory import Compacted, Counted
from threadwork.workflows.models import Finish
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.run_requests import EventBatch, Input
from threadwork.workflows.values import Ledger, Usage, Value


class LLMRequest(Value):
    """Asks for one call of a model; `batch` is stored in the transaction that claims it."""

    batch: EventBatch
    call_id: str
    config_hash: str
    model: str
    purpose: Literal["think", "compact"] = "think"
    inputs: tuple[Input, ...] = ()
    position: int  # place of the answer in the conversation
    since: int = 0
    summary_ref: str | None = None
    nanos_limit: int | None = None
    tokens_limit: int | None = None
    others: bool = False  # another model can be asked: this one is waited for a short while only
    counted: Counted | None = None  # of this very conversation and model. None: all is to be counted
    window: int = 0  # tokens that the model is known to take where it refused more. 0: as its facts say
    shortened: int = 0  # times that the conversation was shortened for this call
    again: bool = False  # with `compact`: the last try gave nothing that can be used
    without: tuple[str, ...] = ()  # tools that a provider has refused, as `server.tool`


class CompleteTask(Value):
    """The model calls `complete_task`: the goal is achieved."""

    name: Literal["complete_task"] = "complete_task"
    answer: str
    answer_ref: str


class AskUser(Value):
    """The model calls `ask_user`."""

    name: Literal["ask_user"] = "ask_user"
    question: str
    options: tuple[str, ...] = ()


class UpdatePlan(Value):
    """The model calls `update_plan`; `items` is the whole plan."""

    name: Literal["update_plan"] = "update_plan"
    items: tuple[PlanItem, ...]


class Delegate(Value):
    """The model calls `delegate_task`."""

    name: Literal["delegate_task"] = "delegate_task"
    agent: str
    goal: str  # preview; the whole stands in the arguments


class ProposedCall(Value):
    """A tool call of the model, as the workflow needs to know it."""

    tool_call_id: str  # ours, as the stored conversation has it; in older runs the provider's
    name: str  # as people read it: "server.tool", or the built-in's
    arguments_ref: str
    arguments_preview: str
    digest: str
    tool: ToolSpec | None = None  # its annotations, without description and schema
    builtin: CompleteTask | AskUser | UpdatePlan | Delegate | None = None
    problem: str = ""  # why it cannot run, in words that the model can act on
    as_text: bool = False  # the model wrote it as text: people are asked, unless it changes nothing
    asks: bool = False  # people are asked for a built-in, which no policy names


# `refusal`: the model or a filter; `broken`: the answer did not come whole; `unavailable`: for too long; `final`: it
# would fail again.
Failure = Literal["refusal", "broken", "unavailable", "final"]


class LLMResult(Value):
    """What a model's call came to; whole texts stand in the transcript, under the references."""

    outcome: Literal["ok", "over_budget", "overflow", "failed", "refused"]
    text: str = ""  # preview
    ref: str | None = None  # the whole answer
    thinking: str = ""  # preview of what was thought before
    thinking_ref: str | None = None  # all of it
    calls: tuple[ProposedCall, ...] = ()
    usage: Usage = Usage()
    cost_nanos: int | None = None  # None: the price is not known
    ledger: Ledger = Ledger()
    counted: int | None = None  # tokens that count for the budget; None: all of `usage`
    window: int = 0  # tokens the model can take
    cut: bool = False  # the answer ends where the output limit cut it
    exceeded: Literal["usd", "tokens"] | None = None  # with over_budget: which limit
    queue: str | None = None  # of the one worker that holds the call open, to go on there; None: any
    tools_changed: bool = False  # servers offer other tools than the snapshot says
    error: str = ""
    finish: Finish | None = None  # why the answer ended; None: an older version's result
    output_cap: int = 0  # tokens that the answer could have at most
    announced: bool = False  # the text only says what comes next, though there are tools to do it
    failure: Failure | None = None  # what kind of failure; None: an older version's result
    tallied: int = 0  # tokens of the prompt, to count on from. 0: not known
    compact: bool | None = None  # the conversation is to be summarised before the next call. None: an older version
    too_long: Literal["", "turns", "last_turn"] = ""  # with `overflow`: what is to be shortened. "": an older version
    compacted: Compacted | None = None  # of a call for a summary. None: an older version
    unasked: bool = False  # with `overflow`: we saw it coming, and did not ask the model
    alone: bool = False  # the agent stops by itself where it would ask people how to go on
    grants: tuple[FoundGrant, ...] = ()  # standing ones of tools that were called and are asked for
    refused_tool: str = ""  # with failed: the one tool for which the provider did not take the request


class MCPToolRequest(Value):
    """Asks for one call of a tool; `batch` is stored in the transaction that claims it."""

    batch: EventBatch
    call_id: str
    config_hash: str
    tool: ToolSpec
    tool_call_id: str
    arguments_ref: str
    digest: str
    position: int  # place of the output in the conversation
    timeout: float  # seconds
    asked_ref: str | None = None  # the call goes on: what its server asked, and
    answer: str = ""  # what a person answered
    answer_ref: str | None = None  # the whole of it where it is longer
    queue: str | None = None  # of the worker that holds the call open; None: nothing is held
    grant_id: str | None = None  # by which it runs: where that stands no more as it is claimed, it does not


class MCPToolResult(Value):
    """What a tool's call came to; the whole output stands in the transcript."""

    outcome: Outcome | Literal["refused", "input_required", "ungranted"]
    output: str = ""  # preview
    files: tuple[StoredFile, ...] = ()
    error_files: tuple[StoredFile, ...] = ()  # that came with an error; older versions tell nobody of those
    digest: str = ""  # of the whole output; empty: an older version's result
    question: str = ""  # with input_required: what the server asks, for people
    options: tuple[str, ...] = ()
    asked_ref: str | None = None  # where the question stands in whole
    queue: str | None = None  # of the one worker that holds the call open, to go on there; None: any
    tools_changed: bool = False  # servers offer other tools than the snapshot says
