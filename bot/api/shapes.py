"""What the API takes and gives, as its OpenAPI document describes it."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from threadwork.bot.texts import KEY_LIMIT
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.events import Event
from threadwork.workflows.grants import LONGEST, Grant, GrantScope, Scope
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import PREVIEW, Principal


def _body(example: dict[str, Any]) -> ConfigDict:
    """A misspelt field is an error, not a surprise later; so is `true` where a number belongs."""
    return ConfigDict(frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [example]})


def _answer(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, json_schema_extra={"examples": [example]})


Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False, description="US dollars.")]
Count = Annotated[int, Field(ge=0)]
Short = Annotated[str, Field(max_length=KEY_LIMIT)]
Reason = Annotated[str, Field(max_length=PREVIEW, description="Shown in the thread.")]

# --- what comes ------------------------------------------------------------------------------------------


class Body(BaseModel):
    """What comes as JSON. JSON can hold half a character (`\\ud800`), which nothing behind the door can write."""

    @model_validator(mode="before")
    @classmethod
    def _can_be_written(cls, body: Any) -> Any:
        try:
            json.dumps(body, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            raise PydanticCustomError("unwritable", "it is not valid Unicode text, or is nested too deeply") from None
        return body


class NewTask(Body):
    """The body that starts a task."""

    model_config = _body({"goal": "Summarise the open incidents", "agent": "default", "budget": 0.5})

    goal: str = Field(description="What the agent should achieve; at most 1 MB.")
    agent: Short = Field("default", description="One of GET /api/agents.")
    model: Short | None = Field(
        None, description="From threadwork.yaml, or a LiteLLM name; no address. Default: the agent's."
    )
    budget: Dollars | None = None


class Control(Body):
    """The body of a pause or a resume."""

    model_config = _body({"reason": "Waiting for the deployment"})

    reason: Reason = ""


class StopOrder(Body):
    """The body of a stop."""

    model_config = _body({"reason": "No longer needed"})

    reason: Reason = ""
    up_to: Short | None = Field(
        None, description="Message id of the newest reply you have seen; if there is a newer one, nothing is stopped."
    )


class NewReply(Body):
    """The body of a reply in a task's thread."""

    model_config = _body({"text": "Look at the last week only, please."})

    text: str = Field(description="At most 1 MB.")


class GrantOrder(Body):
    """What is allowed for good."""

    model_config = _body({"scope": "everybody", "seconds": 604800})

    scope: GrantScope = Field(description="Tasks of who asked for this one, of its channel, or of everybody.")
    seconds: float | None = Field(None, gt=0, le=LONGEST, description="None: until it is revoked.")


class Decision(Body):
    """The body of a decision on an approval."""

    model_config = _body({"decision": "approve", "scope": "once"})

    decision: Literal["approve", "deny"]
    arguments: dict[str, Any] | None = Field(None, description="Run the tool with these instead; with approve only.")
    reason: Reason = ""
    scope: Scope = Field("once", description="task: for the rest of the task; always: see grant.")
    grant: GrantOrder | None = Field(None, description="With the scope always: whose tasks, and for how long.")
    up_to: Short | None = Field(
        None, description="Message id of the newest reply you have seen; a newer one of others holds an approval back."
    )
    digest: Short = Field("", description="Digest of the approval card you saw: refused if the arguments changed.")


class NewAnswer(Body):
    """The body of an answer to a question."""

    model_config = _body({"answer": "staging"})

    answer: str = Field(description="One of the options or any text; at most 1 MB.")


class Increase(Body):
    """The body that raises a budget: dollars, tokens and iterations to add."""

    model_config = _body({"add_usd": 0.5})

    add_usd: Dollars = 0
    add_tokens: Count = 0
    add_iterations: Count = 0


class LinkOrder(Body):
    """The body that asks for a code, or links two accounts by one."""

    model_config = _body({"code": "K7QF-M2XD"})

    code: Short | None = Field(None, description="The code from your other account. Omit to get one.")


# --- what goes -------------------------------------------------------------------------------------------


class TaskId(BaseModel):
    """The task that a request made or meant."""

    model_config = _answer({"task_id": "tq5x2mzkc7ha"})

    task_id: str


class TaskList(BaseModel):
    """Tasks that match a filter."""

    tasks: list[TaskRecord] = Field(description="Newest first.")


class TaskDetails(BaseModel):
    """A task, its thread as cards, and the whole texts behind their previews."""

    task: TaskRecord
    thread: ThreadView
    texts: dict[str, str] = Field(description="Whole texts that the cards refer to, by their ref.")


class EventList(BaseModel):
    """Events of a task, by their number."""

    events: list[Event]


class Taken(BaseModel):
    """What became of a request: it took effect, or it is stored and will."""

    model_config = _answer({"outcome": "accepted", "detail": "Allowed once: `Write (notes)` for “Tidy up”."})

    outcome: Literal["accepted", "recorded"]
    detail: str


class GrantEntry(BaseModel):
    """A tool that people allowed for good."""

    grant_id: str
    grant: Grant


class GrantList(BaseModel):
    """What is allowed for good, and was."""

    grants: list[GrantEntry] = Field(description="Newest first.")


class Linked(BaseModel):
    """The accounts that are one person's."""

    accounts: list[Principal] = Field(description="One person's accounts, the caller's first.")
    code: str | None = Field(None, description="For another account; works once, for ten minutes.")


class AgentSummary(BaseModel):
    """An agent as people choose it."""

    model_config = _answer({"name": "default", "description": "Helps with anything", "model": "demo/scripted"})

    name: str
    description: str
    model: str


class AgentList(BaseModel):
    """The agents of this installation."""

    agents: list[AgentSummary]


class About(BaseModel):
    """What this installation is: version, default model, agents."""

    model_config = _answer(
        {
            "version": "0.1.0",
            "model": "demo/scripted",
            "agents": ["default"],
            "demo": True,
            "temporal_ui": "http://127.0.0.1:8080",
            "console": None,
        }
    )

    version: str
    model: str = Field(description="Of the agent used when none is named.")
    agents: list[str]
    demo: bool = Field(description="The model is a scripted demo, not an AI.")
    temporal_ui: str | None
    console: str | None = Field(None, description="Nothing any more; kept for programs that read it.")


class Problem(BaseModel):
    """Every error has this shape."""

    model_config = _answer({"error": "not_found", "detail": "There is no task t1.", "hint": "List the tasks."})

    error: str = Field(description="A word for programs.")
    detail: str = Field(description="A sentence for people.")
    hint: str = Field(description="What to do next; may be empty.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of an operation, beside those that any may have."""
    return {status: {"model": Problem, "description": WHY[status]} for status in (*statuses, *ALWAYS)}


ALWAYS = (401, 403, 503)
WHY = {
    400: "The body is not JSON.",
    401: "A token is needed, or is wrong.",
    403: "Not allowed: another site, another host name, or no right to do this.",
    404: "No such task or agent, or several match.",
    409: "Refused: decided already, too late, not yours to decide, not paused …",
    413: "Too large.",
    415: "The body is not sent as application/json.",
    422: "A field is wrong, missing or unknown.",
    503: "A server that is needed does not answer.",
}
