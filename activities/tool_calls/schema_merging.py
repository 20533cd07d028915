"""Schemas brought together: what holds at once, and what holds one or the other way."""

import json
from typing import Any

Schema = dict[str, Any]


def merged(one: Schema, other: Schema) -> Schema:
    """What satisfies both, as far as one schema can say it; where they differ, the first is kept."""
    both = {**one, **{key: value for key, value in other.items() if key not in one}}
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    if properties := {**mine, **{name: part for name, part in theirs.items() if name not in mine}}:
        for name in mine.keys() & theirs.keys():
            properties[name] = merged(mine[name], theirs[name])
        both["properties"] = properties
    for key in ("required", "x-was"):
        if (left := one.get(key)) and (right := other.get(key)):
            both[key] = {**right, **left} if isinstance(left, dict) else list(dict.fromkeys([*left, *right]))
    if "additionalProperties" in both and mine != theirs:
        both.pop("additionalProperties")  # each forbids what the other asks for
    return both


def one_object(node: Schema) -> Schema:
    """A schema for arguments without alternatives at the top: what may be given either way, all in one."""
    branches = [branch for branch in node.pop("anyOf", ()) if _of_object(branch)]
    node.pop("enum", None)
    if isinstance(kinds := node.get("type"), list):
        node["type"] = "object" if "object" in kinds else kinds[0]
    if not branches:
        return node
    flat = [one_object(dict(branch)) for branch in branches]
    properties = dict(node.get("properties", {}))
    for branch in flat:
        for name, given in branch.get("properties", {}).items():
            properties[name] = _either(properties[name], given) if name in properties else given
    always = set.intersection(*(set(branch.get("required", ())) for branch in flat))
    required = list(dict.fromkeys([*node.get("required", ()), *(name for name in properties if name in always)]))
    was = {key: name for part in (node, *flat) for key, name in part.get("x-was", {}).items()}
    said = " ".join(filter(None, (node.get("description"), _ways(flat))))
    whole = {"type": "object", "description": said, "properties": properties, "required": required, "x-was": was}
    return {key: value for key, value in whole.items() if value or key == "properties"}


def _of_object(branch: Schema) -> bool:
    return branch.get("type", "object") in ("object", ["object", "null"]) or "properties" in branch


def _ways(branches: list[Schema]) -> str:
    """In words, what the alternatives ask for."""
    ways = dict.fromkeys(", ".join(branch.get("required", ())) for branch in branches)
    return f"Give all of one group: {' | '.join(ways)}." if len(ways) > 1 and all(ways) else ""


def _either(one: Schema, other: Schema) -> Schema:
    """What satisfies one of both."""
    if one == other:
        return one
    if one.keys() == other.keys() and {"enum"} <= one.keys() and _without(one) == _without(other):
        return {**one, "enum": list({json.dumps(v): v for v in (*one["enum"], *other["enum"])}.values())}
    branches = [branch for node in (one, other) for branch in (node["anyOf"] if node.keys() == {"anyOf"} else [node])]
    return {"anyOf": list({json.dumps(branch, sort_keys=True): branch for branch in branches}.values())}


def _without(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key != "enum"}
