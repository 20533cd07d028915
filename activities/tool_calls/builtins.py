"""The tools every agent has, besides those of its servers."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from threadwork.activities.tool_calls.offered_tools import as_function, function, offered
from threadwork.activities.tool_calls.tool_schemas import repaired, restored, shown
from threadwork.workflows.agents import RunConfig, ToolSpec
from threadwork.workflows.call_requests import AskUser, CompleteTask, Delegate, ProposedCall, UpdatePlan
from threadwork.workflows.hidden import marked, objection
from threadwork.workflows.models import RequestedCall
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.texts import TooDeep, deeper_than
from threadwork.workflows.tool_names import meant
from threadwork.workflows.values import PREVIEW, digest, preview

MAX_TOOL_NAME = 200  # characters of a tool's name; MCP and providers allow 128 at most
PLAN_ITEMS, PLAN_TEXT = 20, 120  # most items of a plan, characters of each: the plan is kept in history
OPTIONS, OPTION_TEXT = 10, 75  # most answers to pick from; a button's label has 75 characters on Slack


class CompleteTaskArguments(BaseModel):
    answer: str = Field(min_length=1, description="The answer for the person, in Markdown.")


class AskUserArguments(BaseModel):
    question: str = Field(min_length=1, description="One clear question.")
    options: list[str] = Field(default_factory=list, description="Short answers to pick from, if that helps.")


class PlanStep(BaseModel):
    text: str = Field(description="A few words.")
    state: Literal["todo", "doing", "done"] = "todo"


class UpdatePlanArguments(BaseModel):
    items: list[PlanStep] = Field(description="The whole plan, done items included.")


class ReadOutputArguments(BaseModel):
    id: str = Field(description="The id that was given where an output was cut.")
    offset: int = Field(0, ge=0, description="Character to start from.")


class ReadSkillArguments(BaseModel):
    name: str = Field(description="The name of the skill.")


class FindToolsArguments(BaseModel):
    query: str = Field(min_length=1, description="What the tool should do, in a few words.")


class CallToolArguments(BaseModel):
    name: str = Field(min_length=1, description="The name that find_tools gave.")
    arguments: dict[str, Any] = Field(default_factory=dict, description="As find_tools describes them.")


class DelegateTaskArguments(BaseModel):
    agent: str = Field(min_length=1, description="The name of the agent.")
    goal: str = Field(min_length=1, description="What it is to do, with all it must know: it sees nothing else.")


class Builtin(BaseModel):
    """A built-in tool: what the model is told of it, and whether an activity runs it."""

    description: str
    arguments: type[BaseModel]
    runs: bool = False


BUILTINS: dict[str, Builtin] = {
    "complete_task": Builtin(
        description="Finish the task with the answer. Call it when the goal is reached or impossible.",
        arguments=CompleteTaskArguments,
    ),
    "ask_user": Builtin(
        description="Ask the person a question and wait for the answer. Only when you cannot continue without it.",
        arguments=AskUserArguments,
    ),
    "update_plan": Builtin(
        description="Show the person your plan as a checklist; call it again whenever a step is done.",
        arguments=UpdatePlanArguments,
    ),
    "read_output": Builtin(
        description="Read on in a tool output that was too long to show whole.",
        arguments=ReadOutputArguments,
        runs=True,
    ),
    "read_skill": Builtin(description="Read the instructions of a skill.", arguments=ReadSkillArguments, runs=True),
    "find_tools": Builtin(
        description="Find tools that are not in your list, by what they do.",
        arguments=FindToolsArguments,
        runs=True,
    ),
    "call_tool": Builtin(description="Call a tool that find_tools has found.", arguments=CallToolArguments),
    "delegate_task": Builtin(
        description="Give another agent a task and wait for its answer. Several in one turn work side by side.",
        arguments=DelegateTaskArguments,
    ),
}
SOMETIMES: dict[str, Callable[[RunConfig], bool]] = {
    "read_skill": lambda config: bool(config.skills),
    "find_tools": lambda config: bool(config.findable),
    "call_tool": lambda config: bool(config.findable),
    "delegate_task": lambda config: bool(config.colleagues),
}


def offered_tools(config: RunConfig, without: Iterable[str] = ()) -> tuple[dict[str, Any], ...]:
    """All tools of a run in the OpenAI function form; `without`: names of those that a provider refuses."""
    ours = [_delegation(config) if name == "delegate_task" else _offered(name) for name in _ours(config)]
    return (*ours, *map(function, offered(config, without)))


def named(call: RequestedCall, config: RunConfig) -> RequestedCall:
    """The call under the name that the tool was offered by, where it can be told which is meant."""
    tool = None if (own := meant(call.name, BUILTINS)) else config.tool(call.name)
    return call.model_copy(update={"name": own or (tool.offered_name if tool else call.name)})


def resolved(call: RequestedCall, config: RunConfig) -> RequestedCall:
    """The call that is meant: of the tool behind call_tool, and with the arguments as its server has them."""
    call = named(call, config)
    if call.name == "call_tool":
        call = named(_inside(call), config)
    if call.name in BUILTINS or (tool := config.tool(call.name)) is None:
        return call
    try:
        given = parse_arguments(call.arguments)
    except ValueError:
        return call
    real = restored(tool.input_schema, given)
    return call if real == given else call.model_copy(update={"arguments": json.dumps(real, ensure_ascii=False)})


def _inside(call: RequestedCall) -> RequestedCall:
    """What call_tool is to call; as it stands where that cannot be told."""
    try:
        given = parse_arguments(call.arguments)
        arguments = given.get("arguments") or {}
        named = str(given["name"])
    except (ValueError, KeyError):
        return call
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return call.model_copy(update={"name": preview(named, MAX_TOOL_NAME), "arguments": written})


def propose(call: RequestedCall, ref: str, config: RunConfig) -> ProposedCall:
    """What a model's call asks for; what is wrong with it is said in words the model can act on.

    Raises `TooDeep` for arguments that nothing behind this could take."""
    tool = None if call.name in BUILTINS else config.tool(call.name)
    name = tool.name if tool else call.name
    proposed = ProposedCall(
        tool_call_id=call.id,
        name=name,
        arguments_ref=ref,
        arguments_preview=preview(call.arguments),
        digest="",
        tool=tool and tool.model_copy(update={"description": "", "input_schema": {}, "offered": ""}),
    )
    try:
        arguments = parse_arguments(call.arguments)
        changes: dict[str, Any] = {"digest": digest(arguments)}
        if call.name in BUILTINS:
            changes |= _builtin(call.name, arguments, ref)
        elif tool is None:
            more = " More can be found with find_tools." if config.findable else ""
            problem = f"There is no tool {call.name!r}.{more} There are: {', '.join(_names(config))}."
            changes["problem"] = preview(problem, PREVIEW)
        elif hidden := marked(arguments):
            changes["problem"] = objection(name, hidden)
    except TooDeep:
        raise
    except ValidationError as error:
        changes = {"problem": preview(f"The arguments of {name} are wrong: {_complaints(error)}", PREVIEW)}
    except ValueError as error:
        changes = {"problem": f"The arguments of {name} are not a JSON object ({error}). Call it again."}
    return proposed.model_copy(update=changes)


def parse_arguments(text: str) -> dict[str, Any]:
    """Raises ValueError for anything but a JSON object, `TooDeep` for a deep one; no text counts as an empty one."""
    try:
        arguments = json.loads(text or "{}")
    except RecursionError:
        raise TooDeep from None
    if not isinstance(arguments, dict):
        raise ValueError(f"it is a {type(arguments).__name__}")
    if deeper_than(arguments):
        raise TooDeep
    json.dumps(arguments, allow_nan=False)  # NaN, and numbers that leave what a float holds
    return arguments


def _builtin(name: str, arguments: dict[str, Any], ref: str) -> dict[str, Any]:
    given = BUILTINS[name].arguments.model_validate(arguments)
    match given:
        case CompleteTaskArguments():
            return {"builtin": CompleteTask(answer=preview(given.answer), answer_ref=f"{ref}:answer")}
        case AskUserArguments():
            options = tuple(preview(option, OPTION_TEXT) for option in given.options[:OPTIONS])
            return {"builtin": AskUser(question=preview(given.question, PREVIEW), options=options)}
        case UpdatePlanArguments():
            steps = given.items[:PLAN_ITEMS]
            items = tuple(PlanItem(text=preview(step.text, PLAN_TEXT), state=step.state) for step in steps)
            return {"builtin": UpdatePlan(items=items)}
        case DelegateTaskArguments():
            return {"builtin": Delegate(agent=given.agent.strip(), goal=preview(given.goal))}
        case CallToolArguments():  # the tool behind it took its place, unless that is call_tool again
            return {"problem": "call_tool calls a tool that find_tools has found, not itself."}
    return {"tool": ToolSpec(name=name, read_only=True, idempotent=True, destructive=False, trusted=True)}


def _delegation(config: RunConfig) -> dict[str, Any]:
    known = "\n".join(f"- {one.name}: {preview(one.description)}" for one in config.colleagues)
    tool = BUILTINS["delegate_task"]
    schema = shown(repaired(tool.arguments.model_json_schema()))
    return as_function("delegate_task", f"{tool.description} Agents:\n{known}", schema)


@cache
def _offered(name: str) -> dict[str, Any]:
    schema = shown(repaired(BUILTINS[name].arguments.model_json_schema()))
    return as_function(name, BUILTINS[name].description, schema)


def _ours(config: RunConfig) -> list[str]:
    return [name for name in BUILTINS if name not in SOMETIMES or SOMETIMES[name](config)]


def _names(config: RunConfig) -> list[str]:
    return [*_ours(config), *(tool.offered_name for tool in offered(config))]


def _complaints(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
