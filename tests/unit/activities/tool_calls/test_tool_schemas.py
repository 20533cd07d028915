"""Schemas of arguments, as they are offered."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.manners import openai
from threadwork.activities.tool_calls.tool_schemas import SIZE, Unusable, repaired, restored, shown
from threadwork.adapters.models.tool_forms import fitted

REAL = sorted((Path(__file__).parent / "schemas").glob("*.json"))
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=True) | st.text("ab$ü/", max_size=5)
KEYS = ["type", "properties", "required", "items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "enum", "const"]
KEYS += ["$ref", "$defs", "additionalProperties", "description", "default", "nullable", "format", "pattern", "minimum"]
WORDS = st.sampled_from([*KEYS, "minItems", "a", "$top"])
KINDS = st.sampled_from(["object", "array", "string", "integer", "null", "any", "#", "#/$defs/a", "#/properties/a"])


def _inside(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6)


WILD = st.recursive(LEAVES | KINDS, _inside, max_leaves=40)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema."""
    if not isinstance(schema, dict):
        return
    yield schema
    for inner in (*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", ())):
        yield from parts(inner)


def sound(schema: dict[str, Any]) -> None:
    """What OpenAI, Anthropic and Gemini ask of the arguments of a function."""
    json.dumps(schema, allow_nan=False)
    Draft202012Validator.check_schema(schema)
    function = {"type": "function", "function": {"name": "f", "description": "", "parameters": schema}}
    assert openai.rules({"tools": [function], "messages": []}) is None
    assert not schema.keys() & {"anyOf", "oneOf", "allOf", "enum", "not", "$ref", "$defs", "$schema"}
    for part in parts(schema):
        assert not part.keys() & {"$ref", "oneOf", "allOf", "const", "nullable", "x-was"}
        assert set(part.get("required", ())) <= set(part.get("properties", {}))
        assert part.get("enum") != []
        for name in part.get("properties", {}):
            assert name.isascii()
            assert 0 < len(name) <= 64


@given(st.dictionaries(WORDS, WILD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_whatever_a_server_wrote_is_sound_or_refused(schema: dict[str, Any]) -> None:
    with suppress(Unusable):
        sound(shown(repaired(schema)))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_schemas_of_real_servers_lose_no_argument(path: Path) -> None:
    for tool in json.loads(path.read_text()):
        made = shown(repaired(tool["inputSchema"]))
        sound(made)
        assert set(made["properties"]) == set(tool["inputSchema"].get("properties", {}))
        assert made.get("required", []) == tool["inputSchema"].get("required", [])


@pytest.mark.parametrize("nothing", [None, {}, {"type": "object"}, {"properties": []}, {"$schema": 7}])
def test_no_schema_is_one_without_arguments(nothing: Any) -> None:
    assert repaired(nothing) == {"type": "object", "properties": {}}


@pytest.mark.parametrize("wrong", [[], "object", 3, True, {"type": "string"}, {"type": ["array", "null"]}])
def test_what_describes_no_object_cannot_be_used(wrong: Any) -> None:
    with pytest.raises(Unusable):
        repaired(wrong)


def test_alternatives_at_the_top_become_one_object() -> None:
    one = {"type": "object", "properties": {"by": {"const": "id"}, "id": {"type": "integer"}}, "required": ["by", "id"]}
    two = {"properties": {"by": {"const": "mail"}, "mail": {"type": "string"}}, "required": ["by", "mail"]}
    made = shown(repaired({"description": "Find.", "oneOf": [one, two]}))
    assert made["properties"]["by"] == {"enum": ["id", "mail"], "type": "string"}
    assert made["required"] == ["by"]
    assert made["description"] == "Find. Give all of one group: by, id | by, mail."


def test_what_is_required_together_is_said_in_words() -> None:
    made = repaired({"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})
    assert made["description"] == "Give all of one group: a | b."


def test_parts_that_hold_at_once_are_one() -> None:
    base = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    made = repaired(
        {"allOf": [base, {"$ref": "#/definitions/more"}], "definitions": {"more": {"properties": {"b": {}}}}}
    )
    assert made == {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}


def test_a_definition_within_itself_is_shown_some_times() -> None:
    node = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}
    made = repaired({"type": "object", "properties": {"root": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}})
    root = made["properties"]["root"]
    assert (
        root["properties"]["kids"]["items"]["properties"]["kids"]["items"]["description"]
        == "More of the same; not shown."
    )


def test_a_schema_that_grows_without_end_is_bounded() -> None:
    wide = {f"p{n}": {"type": "object", "properties": {f"q{m}": {"$ref": "#"} for m in range(8)}} for n in range(8)}
    assert len(json.dumps(repaired({"type": "object", "properties": wide}))) <= SIZE


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"const": 3}, {"enum": [3], "type": "integer"}),
        ({"enum": []}, {}),
        ({"type": "number", "default": float("nan"), "minimum": True}, {"type": "number"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "list", "items": "str"}, {"type": "array", "items": {}}),
        ({"items": {"type": "int"}}, {"type": "array", "items": {"type": "integer"}}),
        (True, {}),
        ("string", {"type": "string"}),
        ({"anyOf": [{"not": {}}, {"type": "string"}]}, {"type": "string"}),
        ({"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}, {"enum": ["a", "b"], "type": "string"}),
        ({"$ref": "https://example.com/x.json"}, {"description": "More of the same; not shown."}),
        ({"type": "string", "pattern": "(", "format": 7}, {"type": "string"}),
        ({"type": "any", "exclusiveMinimum": True}, {}),
    ],
)
def test_a_property_becomes(given: Any, made: Any) -> None:
    assert repaired({"properties": {"x": given}})["properties"]["x"] == made


def test_names_of_properties_come_back_as_the_server_has_them() -> None:
    inner = {"type": "array", "items": {"properties": {"@type": {"type": "string"}}}}
    schema = repaired({"properties": {"$top": {}, "top": {}, "x" * 70: inner}, "required": ["$top"]})
    made = shown(schema)
    assert len(made["properties"]) == 3
    assert made["required"][0] in made["properties"]
    [top] = made["required"]
    given = {top: 1, "top": 2, "x" * 64: [{"type": "a"}], "more": 3}
    assert restored(schema, given) == {"$top": 1, "top": 2, "x" * 70: [{"@type": "a"}], "more": 3}


def _function(schema: Any, description: str = "") -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "description": description, "parameters": schema}}


def test_gemini_is_given_types_and_lists_of_texts_alone() -> None:
    properties = {"any": {}, "n": {"enum": [1, 2], "type": "integer"}, "s": {"enum": ["", "a", None], "type": "string"}}
    schema = {"type": "object", "properties": {**properties, "l": {"type": "array", "items": {}}}}
    [made] = fitted([_function(schema)], "gemini", "gemini/gemini-2.5-pro")
    assert made["function"]["parameters"]["properties"] == {
        "any": {"type": "string"},
        "n": {"type": "integer", "description": "One of: 1, 2."},
        "s": {"type": "string", "enum": ["a"]},
        "l": {"type": "array", "items": {"type": "string"}},
    }


def test_openai_is_given_descriptions_that_it_takes() -> None:
    tools = [_function({}, "x" * 2_000)]
    assert len(fitted(tools, "openai", "gpt-5")[0]["function"]["description"]) == 1_024
    assert fitted(tools, "anthropic", "claude-sonnet-4-5") == tools
