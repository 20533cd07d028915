"""Messages of servers that are not as they should be: what can be kept of them is."""

import json
import re
from typing import Any

from mcp.shared.message import SessionMessage
from mcp_types import PARSE_ERROR, ContentBlock, ErrorData, JSONRPCError, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import TypeAdapter, ValidationError

from threadwork.workflows.texts import DEPTH

BLOCK: TypeAdapter[Any] = TypeAdapter(ContentBlock)
BROKEN = "json_invalid"  # how pydantic calls what is no JSON to it
LOOKED_AT = 1_000  # characters at either end of a damaged line
ANSWER = re.compile(r'"(?:result|error)"\s*:')
ID = re.compile(r'"id"\s*:\s*(?:(\d{1,18})|"([^"\\]{1,100})")\s*[,}]')


def mended(message: SessionMessage | Exception) -> SessionMessage | Exception:
    """A request with characters or levels that the SDK cannot take is read without them. A line that is plainly the
    damaged answer to a request of ours becomes an error of that request, so that nobody waits for it; of a tool's
    output only the pieces are lost that nobody can read."""
    if isinstance(message, ValidationError):
        message = _reread(message) or _failed(message) or message
    if isinstance(message, SessionMessage) and isinstance(message.message, JSONRPCResponse):
        _without_oddities(message.message.result)
    return message


def _failed(error: ValidationError) -> SessionMessage | None:
    given = next((details["input"] for details in error.errors(include_url=False)), None)
    request = answered(given) if isinstance(given, str) else _id(given)
    if request is None:
        return None
    data = ErrorData(code=PARSE_ERROR, message="Failed to parse the answer")
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=request, error=data))


def _reread(error: ValidationError) -> SessionMessage | None:
    """A request of the server's that Python reads and the SDK does not: with half a pair in a text, or nested too deep.

    What a call came to is not guessed: an answer of that kind leaves it open."""
    given = next((details["input"] for details in error.errors(include_url=False) if details["type"] == BROKEN), None)
    try:
        read = json.loads(given) if isinstance(given, str) else None
        if not isinstance(read, dict) or "method" not in read:
            return None
        return SessionMessage(jsonrpc_message_adapter.validate_json(_whole(_cut(read)), by_name=False))
    except (ValueError, RecursionError):
        return None


def _cut(value: Any, left: int = DEPTH) -> Any:
    """Without what is nested deeper than anything of ours reads."""
    if isinstance(value, dict):
        return {name: _cut(inner, left - 1) for name, inner in value.items()} if left else {}
    if isinstance(value, list):
        return [_cut(inner, left - 1) for inner in value] if left else []
    return value


def _whole(value: Any) -> bytes:
    """JSON with `LOST` for each half of a pair."""
    line = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    return line.decode("utf-16-le", "replace").encode()


def answered(line: str) -> int | str | None:
    """The id of the request that a damaged line answers; None: it is no answer, or to nobody knows what."""
    found = ANSWER.search(line)
    if not found or not line.lstrip().startswith("{"):
        return None
    before, after = line[: found.start()][:LOOKED_AT], line[found.end() :][-LOOKED_AT:]
    last = [*ID.finditer(after)]
    match = ID.search(before) or (last[-1] if last else None)
    if match is None:
        return None
    return int(match[1]) if match[1] else match[2]


def paired(content: bytes, asked: bytes) -> bytes:
    """What a request over HTTP was answered with: it is the answer, also where the server forgot to say to what. A
    result that names another request is nobody knows what."""
    try:
        request, given = json.loads(asked), json.loads(content)
    except (ValueError, RecursionError):
        return content
    if not isinstance(given, dict) or not isinstance(request, dict) or "id" not in request or "method" in given:
        return content
    same = str(given.get("id")) == str(request["id"])
    if given.get("id") is not None and "error" not in given and not same:
        given = {"jsonrpc": "2.0", "error": {"code": PARSE_ERROR, "message": "Failed to parse the answer"}}
    elif same:
        return content
    return json.dumps({**given, "id": request["id"]}).encode()


def _id(given: Any) -> int | str | None:
    """Of an answer that is JSON and still none, such as one with a text for a result."""
    if not isinstance(given, dict) or not given.keys() & {"result", "error"}:
        return None
    request = given.get("id")
    return request if isinstance(request, int | str) and not isinstance(request, bool) else None


def _without_oddities(result: dict[str, Any]) -> None:
    content = result.get("content")
    if isinstance(content, list):
        result["content"] = [_block(block) for block in content]


def _block(block: Any) -> Any:
    try:
        BLOCK.validate_python(block, by_name=False)
    except ValidationError:
        kind = block.get("type") if isinstance(block, dict) else None
        return {"type": "text", "text": f"[{str(kind or 'something')[:60]}: not shown, unknown type]"}
    return block
