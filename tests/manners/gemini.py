"""What Gemini's streamGenerateContent sends, and what it refuses."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tests.manners.server import Body, Reply

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
USAGE = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 150, "thoughtsTokenCount": 30}
SCHEMA = {
    *("type", "format", "title", "description", "nullable", "enum", "properties", "required", "propertyOrdering"),
    *("items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum", "anyOf"),
    *("minProperties", "maxProperties", "default", "example"),
}
UNSIGNED = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, "
    "and missing thought_signature may lead to degraded model performance. Additional data, function call "
    "`default_api:{name}` , position {at}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures "
    "for more details."
)
SKIPPED = frozenset({"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"})

Part = dict[str, Any]


def thought(words: str) -> Part:
    return {"text": words, "thought": True}


def text(words: str, signature: str | None = None) -> Part:
    return {"text": words, **_signed(signature)}


def call(name: str, arguments: dict[str, Any], signature: str | None = None, call_id: str | None = None) -> Part:
    given = {"name": name, "args": arguments} | ({} if call_id is None else {"id": call_id})
    return {"functionCall": given, **_signed(signature)}


def _signed(signature: str | None) -> Part:
    return {} if signature is None else {"thoughtSignature": signature}


def done(answer: str = "All done.", signature: str = "c2lnbmVkLWRvbmU=") -> Part:
    return call("complete_task", {"answer": answer}, signature)


def stream(*parts: Part, finish: str | None = "STOP", usage: dict[str, int] = USAGE, **more: Any) -> Reply:
    """A chunk for each part, the finishReason and the usage with the last, as Gemini does it."""
    chunks = [
        _chunk([part], finish if number == len(parts) else None, usage if number == len(parts) else None)
        for number, part in enumerate(parts, 1)
    ]
    return Reply(pieces=tuple(map(event, chunks or [_chunk([], finish, usage)])), **more)


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\r\n\r\n".encode()


def _chunk(parts: list[Part], finish: str | None, usage: dict[str, int] | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    counted = {"usageMetadata": usage} if usage else {}
    return {"candidates": [candidate], "modelVersion": "gemini-3-pro-preview", "responseId": "r1", **counted}


def error(status: int, message: str, kind: str = "INVALID_ARGUMENT", **more: Any) -> Reply:
    return Reply(status=status, body={"error": {"code": status, "message": message, "status": kind, **more}})


def rules(body: Body) -> Reply | None:
    """What Gemini 3 says of a request that it does not take; None: nothing."""
    for complaint in (*_names(body), *_turns(body["contents"]), *_signatures(body["contents"])):
        return error(400, complaint)
    return None


def _names(body: Body) -> Iterable[str]:
    for unknown in set(body) - {
        *("contents", "tools", "toolConfig", "generationConfig", "systemInstruction", "safetySettings"),
        *("cachedContent", "tool_config", "system_instruction", "safety_settings", "labels"),
    }:
        yield f'Invalid JSON payload received. Unknown name "{unknown}": Cannot find field.'
    for tool in body.get("tools") or ():
        for declared in tool.get("functionDeclarations") or tool.get("function_declarations") or ():
            if not NAME.fullmatch(declared["name"]):
                yield (
                    "GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name. Must start "
                    "with a letter or an underscore."
                )
            yield from _schema(declared.get("parameters") or {})


def _schema(schema: dict[str, Any]) -> Iterable[str]:
    for unknown in set(schema) - SCHEMA:
        yield (
            f'Invalid JSON payload received. Unknown name "{unknown}" at '
            "'tools[0].function_declarations[0].parameters': Cannot find field."
        )
    kind = str(schema.get("type", "")).lower()
    if kind == "array" and "items" not in schema:
        yield "GenerateContentRequest.tools[0].function_declarations[0].parameters.properties: items: missing field."
    for inner in (*(schema.get("properties") or {}).values(), *(schema.get("anyOf") or ()), schema.get("items")):
        yield from _schema(inner) if inner else ()


def _turns(contents: Sequence[dict[str, Any]]) -> Iterable[str]:
    """As many responses right behind the calls as there were calls, and calls right behind what a person said."""
    before: list[str] = []
    for number, content in enumerate(contents):
        parts = content.get("parts") or []
        if not parts:
            yield f"* GenerateContentRequest.contents[{number}].parts: contents.parts must not be empty."
        calls = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
        responses = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
        if len(responses) != len(before) or sorted(responses) != sorted(before):
            yield (
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn."
            )
        if calls and (number == 0 or contents[number - 1]["role"] == "model"):
            yield (
                "Please ensure that function call turn comes immediately after a user turn or after a function "
                "response turn."
            )
        before = calls
    if before:
        yield "Please ensure that function response turn comes immediately after a function call turn."


def _signatures(contents: Sequence[dict[str, Any]]) -> Iterable[str]:
    """The first call of each step of the current turn carries the signature that came with it."""
    since = max(
        (
            n
            for n, content in enumerate(contents)
            if any("text" in part for part in content["parts"]) and _user(content)
        ),
        default=0,
    )
    for number, content in enumerate(contents[since:], since):
        calls = [part for part in content["parts"] if "functionCall" in part]
        if calls and content["role"] == "model" and not calls[0].get("thoughtSignature"):
            yield UNSIGNED.format(name=calls[0]["functionCall"]["name"], at=number + 1)


def _user(content: dict[str, Any]) -> bool:
    return content["role"] == "user" and not any("functionResponse" in part for part in content["parts"])


def signatures(body: Body) -> list[str]:
    """Those that came back, made up ones left out."""
    parts = [part for content in body["contents"] for part in content["parts"]]
    given = [part["thoughtSignature"] for part in parts if part.get("thoughtSignature")]
    return [one for one in given if one not in SKIPPED]
