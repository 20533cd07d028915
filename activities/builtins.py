"""The tools every agent has, besides those of its servers."""

import json
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from workflows.agents import RunConfig, ToolSpec
from workflows.events import PlanItem
from workflows.hidden import marked, objection
from workflows.messages import AskUser, CompleteTask, Delegate, ProposedCall, UpdatePlan
from workflows.models import RequestedCall
from workflows.texts import TooDeep, deeper_than
from workflows.values import PREVIEW, digest, preview

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
        description="Finish the task with the answer. Call it once the goal is achieved, or cannot be.",
        arguments=CompleteTaskArguments,
    ),
    "ask_user": Builtin(
        description="Ask the person a question and wait for the answer. Only when you cannot go on without it.",
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
    "delegate_task": Builtin(
        description="Give another agent a task and wait for its answer. Several in one turn work side by side.",
        arguments=DelegateTaskArguments,
    ),
}


def offered_tools(config: RunConfig) -> tuple[dict[str, Any], ...]:
    """All tools of a run in the OpenAI function form."""
    ours = [_offered(name) for name in _ours(config) if name != "delegate_task"]
    if config.colleagues:
        ours.append(_delegation(config))
    theirs = [
        _function(t.offered_name, t.description, t.input_schema or {"type": "object", "properties": {}})
        for t in config.tools
    ]
    return (*ours, *theirs)


def propose(call: RequestedCall, ref: str, config: RunConfig) -> ProposedCall:
    """What a model's call asks for; what is wrong with it is said in words the model can act on.

    Raises `TooDeep` for arguments that nothing behind this could take."""
    tool = config.tool(call.name)
    name = tool.name if tool else call.name
    proposed = ProposedCall(
        tool_call_id=call.id,
        name=name,
        arguments_ref=ref,
        arguments_preview=preview(call.arguments),
        digest="",
        tool=tool and tool.model_copy(update={"description": "", "input_schema": {}}),
    )
    try:
        arguments = parse_arguments(call.arguments)
        changes: dict[str, Any] = {"digest": digest(arguments)}
        if call.name in BUILTINS:
            changes |= _builtin(call.name, arguments, ref)
        elif tool is None:
            problem = f"There is no tool {call.name!r}. There are: {', '.join(_names(config))}."
            changes["problem"] = preview(problem, PREVIEW)
        elif hidden := marked(arguments):
            changes["problem"] = objection(name, hidden)
    except TooDeep:
        raise
    except ValidationError as error:
        changes = {"problem": preview(f"The arguments of {name} are wrong: {_complaints(error)}", PREVIEW)}
    except ValueError as error:
        changes = {"problem": f"The arguments of {name} are no JSON object ({error}). Call it again."}
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
    return {"tool": ToolSpec(name=name, read_only=True, idempotent=True, destructive=False, trusted=True)}


def _ours(config: RunConfig) -> list[str]:
    """The built-in tools of this run."""
    needed = {"read_skill": bool(config.skills), "delegate_task": bool(config.colleagues)}
    return [name for name in BUILTINS if needed.get(name, True)]


def _delegation(config: RunConfig) -> dict[str, Any]:
    known = "\n".join(f"- {one.name}: {preview(one.description)}" for one in config.colleagues)
    tool = BUILTINS["delegate_task"]
    schema = tool.arguments.model_json_schema()
    return _function("delegate_task", f"{tool.description} Agents:\n{known}", schema)


@cache
def _offered(name: str) -> dict[str, Any]:
    return _function(name, BUILTINS[name].description, BUILTINS[name].arguments.model_json_schema())


def _function(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _names(config: RunConfig) -> list[str]:
    return [*_ours(config), *(tool.offered_name for tool in config.tools)]


def _complaints(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
