"""What is wire: shapes that histories, rows and messages hold, and names by which processes find each other.

`python -m tests.replay.wire` writes `wire.json` anew: after a release, when older processes know the rest, too."""

import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from temporalio import activity, workflow

import threadwork.activities
import threadwork.workflows
from threadwork.workflows.agent_execution import AgentExecutionWorkflow

RECORDED = Path(__file__).with_name("wire.json")
Schema = dict[str, Any]


def shapes() -> dict[str, Schema]:
    """Fields of every value of the core, by the value's name; without words for people."""
    found: dict[str, list[Schema]] = {}
    for module in _modules(threadwork.workflows):
        for name, kind in vars(module).items():
            if inspect.isclass(kind) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__:
                found.setdefault(name, []).append(_fields(kind))
    return {
        name if not n else f"{name} {n + 1}": shape
        for name, alike in sorted(found.items())
        for n, shape in enumerate(sorted(alike, key=json.dumps))
    }


def names() -> dict[str, list[str]]:
    """By which Temporal's server hands on what is meant for a run or a worker."""
    made = workflow._Definition.must_from_class(AgentExecutionWorkflow)
    called = {
        activity._Definition.must_from_callable(function).name or ""
        for module in _modules(threadwork.activities)
        for kind in vars(module).values()
        if inspect.isclass(kind)
        for function in vars(kind).values()
        if callable(function) and activity._Definition.from_callable(function)
    }
    return {
        "workflow": [made.name or ""],
        "signals": sorted(name or "" for name in made.signals),
        "queries": sorted(name or "" for name in made.queries),
        "activities": sorted(called),
    }


def _modules(room: ModuleType) -> Iterator[ModuleType]:
    return (import_module(found.name) for found in walk_packages(room.__path__, f"{room.__name__}."))


def _fields(kind: type[BaseModel]) -> Schema:
    schema = kind.model_json_schema(by_alias=True)
    return {"required": sorted(schema.get("required", [])), "fields": _bare(schema.get("properties", {}))}


def _bare(schema: Any) -> Any:
    """Without titles, descriptions and defaults; others' values by their name alone."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _bare(part) for key, part in schema.items() if key not in ("title", "description", "default")}


def written(names: dict[str, list[str]], shapes: dict[str, Schema]) -> str:
    """A line each, so that a change is seen as one."""
    lines = [f"{json.dumps(name)}: {json.dumps(shape, sort_keys=True)}" for name, shape in shapes.items()]
    return f'{{"names": {json.dumps(names)},\n"shapes": {{\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    RECORDED.write_text(written(names(), shapes()), encoding="utf-8")
