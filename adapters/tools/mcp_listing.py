"""A list of tools read one by one: the SDK takes it as a whole, and loses all of it with one that it cannot read."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, get_args

from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import Tool
from mcp_types.jsonrpc import JSONRPCResponse
from mcp_types.methods import SERVER_RESULTS
from pydantic import BaseModel, ValidationError

from threadwork.adapters.tools.mcp_streams import LookedAt
from threadwork.workflows.values import preview

MAX_TOOL_NAME = 200  # characters of a tool's name that are shown
VERSIONS = ("2025-11-25", "2026-07-28")  # of the protocol: the SDK reads a list by the version that was agreed on
MODELS: tuple[type[BaseModel], ...] = (
    Tool,
    *(get_args(SERVER_RESULTS["tools/list", version].model_fields["tools"].annotation)[0] for version in VERSIONS),  # type: ignore[union-attr]
)
OPTIONAL = ("title", "description", "outputSchema", "annotations", "icons", "execution", "_meta")


class ReadableList:
    """What stands between a server and the SDK. Changes lists of tools only."""

    def __init__(self) -> None:
        self.left_out: list[str] = []  # "name was left out: why", since it was emptied

    @asynccontextmanager
    async def between(self, streams: AbstractAsyncContextManager[TransportStreams]) -> AsyncIterator[TransportStreams]:
        async with streams as (read, write):
            yield LookedAt(read, self._mended), write

    def _mended(self, message: SessionMessage | Exception) -> SessionMessage | Exception:
        if isinstance(message, SessionMessage) and isinstance(message.message, JSONRPCResponse):
            result = message.message.result
            if isinstance(result, dict) and isinstance(listed := result.get("tools"), list):
                result["tools"] = list(self._readable(listed))
        return message

    def _readable(self, listed: list[Any]) -> Iterator[dict[str, Any]]:
        for number, given in enumerate(listed, 1):
            try:
                yield readable(given)
            except ValueError as error:
                name = given.get("name") if isinstance(given, dict) else None
                shown = name if isinstance(name, str) and name else f"tool {number} of its list"
                self.left_out.append(f"{preview(shown, MAX_TOOL_NAME)} was left out: {error}.")


def readable(given: Any) -> dict[str, Any]:
    """A tool as the SDK takes it. What is optional and wrong is left away; hints that are wrong count for nothing.

    Raises ValueError that says why nothing can be made of it."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"].strip():
        raise ValueError("it has no name")
    tool = {**given, "inputSchema": _schema(given.get("inputSchema"))}
    for field in OPTIONAL:
        if not _reads({"name": "x", "inputSchema": {"type": "object"}, field: tool.get(field)}):
            tool.pop(field, None)
    if not _reads(tool):
        raise ValueError("its description cannot be read")
    return tool


def _schema(given: Any) -> dict[str, Any]:
    """No schema at all is one that says nothing: the server checks the arguments itself."""
    if given is None:
        return {"type": "object"}
    if not isinstance(given, dict):
        raise ValueError(f"its input schema is {_kind(given)}")
    kind = given.get("type", "object")
    kinds = kind if isinstance(kind, list) else [kind]
    if not any(isinstance(one, str) and one.lower() == "object" for one in kinds):
        raise ValueError(f"its arguments are not an object: {preview(str(kind), MAX_TOOL_NAME)}")
    schema = {**given, "type": "object"}
    if not isinstance(given.get("$schema", ""), str):
        del schema["$schema"]
    if isinstance(properties := given.get("properties"), Mapping):
        schema["properties"] = {
            name: part if isinstance(part, dict | bool) else {} for name, part in properties.items()
        }
    elif "properties" in given:
        del schema["properties"]
    if "required" in given:
        required = given["required"] if isinstance(given["required"], list) else []
        schema["required"] = [name for name in required if isinstance(name, str)]
    return schema


def _reads(tool: dict[str, Any]) -> bool:
    try:
        for model in MODELS:
            model.model_validate(tool, by_name=False)
    except ValidationError:
        return False
    return True


def _kind(value: Any) -> str:
    names = {str: "a text, ", list: "a list, ", bool: "true or false, ", int: "a number, ", float: "a number, "}
    return f"{names.get(type(value), '')}not an object"
