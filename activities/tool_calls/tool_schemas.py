"""Schemas of arguments as every provider takes them, whatever a tool server wrote.

The result is plain JSON Schema 2020-12: an object at the top with nothing beside its properties, no references, no
keyword that only some know. Names that a provider refuses are changed; `WAS` of a node says what they were."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from threadwork.activities.tool_calls.schema_merging import merged, one_object
from threadwork.activities.tool_calls.schema_values import PLAIN, distinct, schemas_in, texts_in, types_in, values_in

Schema = dict[str, Any]
WAS = "x-was"  # of an object's schema: {name as offered: name as the server has it}; no provider sees it
NODES = (3_000, 600, 120, 30)  # parts of a schema that are kept; less where it is still too large
SIZE = 60_000  # characters of one schema: about 15,000 tokens of every call
DEPTH = 24  # of things in one another
TURNS = 2  # times that a definition is shown inside itself
TEXT = 2_000  # characters of a description
KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")  # what Anthropic takes as the name of a property
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
KINDS[type(None)] = "null"
CHOICE = {"enum", "type", "description"}
CUT = "More of the same; not shown."


class Unusable(ValueError):
    """Nothing that can be offered; the text says why."""


def repaired(schema: Any) -> Schema:
    """Raises `Unusable` for what describes no object."""
    if schema is None:
        schema = {}
    if not isinstance(schema, Mapping):
        raise Unusable("its input schema is not a JSON object")
    for nodes in NODES:
        top = _Repair(schema, nodes).top()
        if len(json.dumps(top)) <= SIZE:
            return top
    raise Unusable("its input schema is too large")


def shown(schema: Any) -> Any:
    """A repaired schema without what is for us alone."""
    if isinstance(schema, list):
        return [shown(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: shown(inner) for key, inner in schema.items() if key not in (WAS, "properties")}
    if "properties" in schema:
        made["properties"] = {name: shown(part) for name, part in schema["properties"].items()}
    return made


def restored(schema: Any, value: Any) -> Any:
    """Arguments under the names that the server has for them."""
    if not isinstance(schema, dict):
        return value
    for branch in schema.get("anyOf", ()):
        value = restored(branch, value)
    if isinstance(value, list):
        return [restored(schema.get("items"), inner) for inner in value]
    if not isinstance(value, dict):
        return value
    was, known = schema.get(WAS, {}), schema.get("properties", {})
    return {was.get(key, key): restored(known.get(key), inner) for key, inner in value.items()}


class _Repair:
    """One way through a schema, with so many parts of it."""

    def __init__(self, root: Mapping[str, Any], nodes: int) -> None:
        self._root = root
        self._left = nodes
        self._inside: list[str] = []  # references that are being followed

    def top(self) -> Schema:
        given = _pruned(one_object(self._node(self._root, 0)))
        if given.get("type", "object") != "object":
            raise Unusable(f"its arguments are not an object: {given['type']}")
        return {**given, "type": "object", "properties": given.get("properties", {})}

    def _node(self, given: Any, depth: int) -> Schema:
        if isinstance(given, str):
            return self._typed(given)
        if not isinstance(given, Mapping):
            return {}
        self._left -= 1
        if self._left < 0 or depth > DEPTH:
            return self._cut(given)
        if isinstance(reference := given.get("$ref", given.get("$dynamicRef")), str):
            return self._followed(reference, given, depth)
        node = self._plain(given)
        for part in schemas_in(given.get("allOf")):
            node = merged(node, self._node(part, depth + 1))
        self._inner(node, given, depth)
        if branches := self._branches(given, depth):
            node["anyOf"] = branches
        return _completed(node)

    def _cut(self, given: Mapping[str, Any]) -> Schema:
        kind = types_in(given.get("type"))
        return {
            "description": CUT,
            **({"type": kind[0]} if kind else {}),
            **({"items": {}} if kind == ["array"] else {}),
        }

    def _followed(self, reference: str, given: Mapping[str, Any], depth: int) -> Schema:
        target = _found(self._root, reference)
        if target is None or self._inside.count(reference) >= TURNS:
            return self._cut(target if isinstance(target, Mapping) else {})
        self._inside.append(reference)
        node = self._node(target, depth + 1)
        self._inside.pop()
        beside = {key: value for key, value in given.items() if key not in ("$ref", "$dynamicRef")}
        if not beside.keys() - {"$defs", "definitions"}:
            return node
        return merged(self._node(beside, depth + 1), node)

    def _plain(self, given: Mapping[str, Any]) -> Schema:
        """What needs no look inside."""
        node: Schema = {}
        if text := given.get("description") or given.get("title"):
            node["description"] = str(text)[:TEXT]
        types = types_in(given.get("type"))
        if given.get("nullable") is True and types:
            types = list(dict.fromkeys([*types, "null"]))
        if types:
            node["type"] = types[0] if len(types) == 1 else types
        if (values := values_in(given)) is not None:
            node["enum"] = values
        for key, fits in PLAIN.items():
            if key in given and fits(given[key]):
                node[key] = given[key]
        return node

    def _inner(self, node: Schema, given: Mapping[str, Any], depth: int) -> None:
        self._properties(node, given, depth)
        extra = given.get("additionalProperties")
        if extra is False and "patternProperties" not in given:
            node["additionalProperties"] = False
        elif isinstance(extra, Mapping) and (described := self._node(extra, depth + 1)):
            node["additionalProperties"] = described
        items, listed = given.get("items"), given.get("prefixItems")
        if isinstance(items, Mapping):
            node["items"] = self._node(items, depth + 1)
        elif branches := [self._node(part, depth + 1) for part in schemas_in(listed or items)]:
            node["items"] = {"anyOf": distinct(branches)}

    def _properties(self, node: Schema, given: Mapping[str, Any], depth: int) -> None:
        made, was = dict(node.get("properties", {})), dict(node.get(WAS, {}))
        required = [*node.get("required", ()), *texts_in(given.get("required"))]
        listed = found if isinstance(found := given.get("properties"), Mapping) else {}
        for name, part in listed.items():
            if part is False:
                continue
            key = _key(name, listed)
            made[key] = merged(self._node(part, depth + 1), made.get(key, {}))
            if key != name:
                was[key] = name
            if isinstance(part, Mapping) and part.get("required") is True:  # as in the third draft
                required.append(name)
        parts = {"properties": made, WAS: was, "required": list(dict.fromkeys(required))}
        node |= {key: value for key, value in parts.items() if value}
        if "properties" in given:
            node.setdefault("properties", {})

    def _branches(self, given: Mapping[str, Any], depth: int) -> list[Schema]:
        parts = [*schemas_in(given.get("anyOf")), *schemas_in(given.get("oneOf"))]
        return distinct(self._node(part, depth + 1) for part in parts if part.get("not") != {})

    def _typed(self, kind: str) -> Schema:
        types = types_in(kind)
        return {"type": types[0]} if types else {}


def _pruned(node: Schema) -> Schema:
    """Without alternatives that say nothing, and without what is required and not there."""
    made = dict(node)
    for key in ("items", "additionalProperties"):
        if isinstance(inner := made.get(key), dict):
            made[key] = _pruned(inner)
    if properties := made.get("properties"):
        made["properties"] = {name: _pruned(part) for name, part in properties.items()}
    keys = {name: key for key, name in made.get(WAS, {}).items()}
    required = [keys.get(name, name) for name in made.pop("required", ()) if keys.get(name, name) in (properties or ())]
    branches = distinct(_pruned(branch) for branch in made.pop("anyOf", ()))
    if len(branches) > 1 and all(branch.keys() <= CHOICE and "enum" in branch for branch in branches):
        branches = [_choice(branches)]
    if len(branches) == 1 and "type" not in made:
        made = merged(made, branches[0])
    elif {} not in branches and branches:
        made["anyOf"] = branches
    return made | ({"required": required} if required else {})


def _choice(branches: list[Schema]) -> Schema:
    """Alternatives that are single values, as one list of them."""
    values = distinct(value for branch in branches for value in branch["enum"])
    return _completed({"enum": values})


def _completed(node: Schema) -> Schema:
    """Whole in itself: with the type that its other words imply, and the items that a list must have."""
    if "type" not in node and "anyOf" not in node:
        for kind, key in (("object", "properties"), ("array", "items")):
            if key in node:
                node["type"] = kind
    kinds = node.get("type")
    if "array" in (kinds if isinstance(kinds, list) else [kinds]):
        node.setdefault("items", {})
    if "enum" in node and "type" not in node and "anyOf" not in node:
        kinds = list(dict.fromkeys(KINDS[type(value)] for value in node["enum"]))
        node["type"] = kinds[0] if len(kinds) == 1 else kinds
    return node


def _found(root: Any, reference: str) -> Any:
    """What a reference within the schema names; None: nothing, or something elsewhere."""
    path, sign, pointer = reference.partition("#")
    if path or not sign:
        return None
    for step in filter(None, pointer.split("/")):
        name = step.replace("~1", "/").replace("~0", "~").replace("%25", "%").replace("%20", " ")
        if isinstance(root, list) and name.isdigit() and int(name) < len(root):
            root = root[int(name)]
        elif isinstance(root, Mapping) and name in root:
            root = root[name]
        else:
            return None
    return root


def _key(name: str, among: Mapping[str, Any]) -> str:
    if KEY.fullmatch(name):
        return name
    made = re.sub(r"[^a-zA-Z0-9_.-]+", "_", name)[:64].strip("_") or "value"
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    others = [
        other for other in among if other != name and re.sub(r"[^a-zA-Z0-9_.-]+", "_", other)[:64].strip("_") == made
    ]
    return f"{made[:57]}_{mark}" if others or made == "value" else made
