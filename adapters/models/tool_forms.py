"""Tools as each provider takes them, beyond what all of them do."""

from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]
DESCRIPTION = 1_024  # characters of a function's description that OpenAI takes


def fitted(tools: Sequence[dict[str, Any]], provider: str, model: str) -> list[dict[str, Any]]:
    """`tools` in the OpenAI function form, `model` as LiteLLM names it."""
    if provider in ("openai", "azure"):
        return [_function(tool, description=_cut(text)) if (text := _described(tool)) else tool for tool in tools]
    if "gemini" in model.casefold():
        return [_function(tool, parameters=_for_gemini(tool["function"].get("parameters", {}))) for tool in tools]
    return list(tools)


def _function(tool: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**tool, "function": {**tool["function"], **changes}}


def _described(tool: dict[str, Any]) -> str:
    return str(tool["function"].get("description") or "")


def _cut(text: str) -> str:
    return text if len(text) <= DESCRIPTION else f"{text[: DESCRIPTION - 1]}…"


def _for_gemini(schema: Any) -> Schema:
    """Every part has a type, and only texts are listed one by one."""
    if not isinstance(schema, dict):
        return {"type": "string"}
    node = {key: value for key, value in schema.items() if key not in ("enum", "additionalProperties")}
    if not node.keys() & {"type", "anyOf"}:
        node["type"] = "string"  # LiteLLM would say object
    if values := schema.get("enum"):
        node |= _listed(node, values)
    if "properties" in node:
        node["properties"] = {name: _for_gemini(part) for name, part in node["properties"].items()}
    if "items" in node:
        node["items"] = _for_gemini(node["items"])
    if "anyOf" in node:
        node["anyOf"] = [_for_gemini(branch) for branch in node["anyOf"]]
    return node


def _listed(node: Schema, values: list[Any]) -> Schema:
    texts = [value for value in values if isinstance(value, str) and value]
    if texts and node.get("type") == "string":
        return {"enum": texts}
    words = f"One of: {', '.join(map(str, values))}."
    return {"description": f"{node['description']} {words}" if "description" in node else words}
