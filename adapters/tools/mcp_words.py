"""What MCP servers say, in the words of the core: tools, and outputs as text."""

import json
from typing import Any, cast

from mcp_types import (
    URL_ELICITATION_REQUIRED,
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    ElicitRequest,
    ElicitRequestParams,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)

from threadwork.adapters.tools.mcp_files import NOT_READ, Linked, files_in, size_of
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.files import IMAGES, PDF, limit
from threadwork.workflows.models import Asked, ToolOutput
from threadwork.workflows.texts import DEPTH, clean, cleaned, deeper_than
from threadwork.workflows.values import preview

MAX_OPENED_PAGES = 10  # that people are to open for one call
PROGRESS = 100  # characters of what a server says of how far it is


def tool_spec(server: str, tool: Tool, trusted: bool) -> ToolSpec:
    """Hints that are not given count as MCP says: not read-only, destructive, not idempotent."""
    hints = tool.annotations or ToolAnnotations()
    read_only = hints.read_only_hint is True
    return ToolSpec(
        name=clean(f"{server}.{tool.name}"),
        title=clean(tool.title or hints.title or "") if trusted else "",
        description=clean(tool.description or tool.title or hints.title or ""),
        input_schema=_schema(tool.input_schema),
        read_only=read_only,
        idempotent=read_only or hints.idempotent_hint is True,
        destructive=not read_only and hints.destructive_hint is not False,
        trusted=trusted,
    )


def question_output(server: str, tool: str, result: InputRequiredResult) -> ToolOutput:
    """What people are to be asked; anything else that a server may want of us, such as our model, is not to be had."""
    wanted = result.input_requests or {}
    forms = {key: _form(request.params) for key, request in wanted.items() if isinstance(request, ElicitRequest)}
    if len(forms) < len(wanted):
        text = f"{server} cannot continue with {tool}: it asks for something not available here."
        return ToolOutput(text=text, is_error=True)
    return ToolOutput(text="", asked=Asked(state=result.request_state, requests=forms))


def tool_output(result: CallToolResult, read: Linked = NOT_READ) -> ToolOutput:
    """All content as one text, what is no text described; and its files. `read`: what its server has under addresses
    that it names."""
    text = "\n\n".join(_text(block) for block in result.content)
    if not text and result.structured_content is not None:
        text = _structured(result.structured_content)
    shown = clean(text) or "The tool gave no output."
    kept, left_out = files_in(result.content, read)
    return ToolOutput(text=shown, is_error=bool(result.is_error), files=tuple(kept), left_out=tuple(left_out))


def how_far(progress: float, total: float | None, message: str | None) -> str:
    """How far a call is: `40 % — indexing`, `12 — indexing`, `40 %`."""
    share = f"{min(max(progress / total, 0), 1):.0%}".replace("%", " %") if total and total > 0 else f"{progress:g}"
    said = preview(" ".join(clean(message or "").split()), PROGRESS)
    return f"{share} — {said}" if said else share


def question_in_call(token: str, key: str, params: ElicitRequestParams) -> ToolOutput:
    """What people are to be asked while the call stays open under the token."""
    return ToolOutput(text="", asked=Asked(state=token, requests={key: _form(params)}, held=True))


def _form(params: ElicitRequestParams) -> dict[str, Any]:
    """As it came: the core declines what is too deep, which cannot be dumped."""
    schema = getattr(params, "requested_schema", None)
    if deeper_than(schema):
        return {"mode": "form", "message": params.message, "requestedSchema": schema}
    return params.model_dump(mode="json", by_alias=True, exclude_none=True)


def pages_needed(code: int, data: Any) -> ToolOutput | None:
    """What people are to open before the call is made once more. None: it is another error, or it does not say what."""
    wanted = data.get("elicitations") if code == URL_ELICITATION_REQUIRED and isinstance(data, dict) else None
    pages = [page for page in wanted if isinstance(page, dict)] if isinstance(wanted, list) else []
    asked = {
        str(number): {"mode": "url", "message": str(page.get("message", "")), "url": str(page.get("url", ""))}
        for number, page in enumerate(pages[:MAX_OPENED_PAGES])
    }
    return ToolOutput(text="", asked=Asked(requests=asked, over=True)) if asked else None


def with_unclear(server: str, output: ToolOutput, times: int) -> ToolOutput:
    """Says that a server asked people something and why nobody was asked: not in its words, which may be for others."""
    often = f" {times} times" if times > 1 else ""
    note = (
        f"{server} wanted to ask people something{often}, in this call or in another. Nobody was asked: several of its "
        "calls were open or had just ended, and it does not say which of them asks; from now on they run one at a "
        "time. Tell the person, and try again if the call did not do what it should"
    )
    return _noted(output, note) if times else output


def with_late(server: str, output: ToolOutput, late: bool) -> ToolOutput:
    """Says that an answer of people did not reach the server."""
    return _noted(output, f"People answered what {server} asked when it did not wait any longer") if late else output


def _noted(output: ToolOutput, note: str) -> ToolOutput:
    return output.model_copy(update={"text": f"{output.text}\n\n[{note}.]"})


def _schema(given: dict[str, Any]) -> dict[str, Any]:
    """One that no snapshot could hold is as good as none: the server checks the arguments itself."""
    return {"type": "object"} if deeper_than(given) else cast(dict[str, Any], cleaned(given))


def _structured(content: Any) -> str:
    if deeper_than(content):
        return f"[structured content, nested more than {DEPTH} levels deep: not shown]"
    return json.dumps(cleaned(content), ensure_ascii=False, indent=1)


def _text(block: ContentBlock) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent() | AudioContent():
            return f"[{block.type}, {block.mime_type}, {size_of(block.data)} bytes{_seen(block.mime_type, block.data)}]"
        case ResourceLink():
            return f"[resource {block.name}: {block.uri}] {block.description or ''}".rstrip()
        case EmbeddedResource(resource=TextResourceContents() as resource):
            return f"[resource {resource.uri}]\n{resource.text}"
        case EmbeddedResource(resource=BlobResourceContents() as resource):
            kind = resource.mime_type or "binary"
            return f"[resource {resource.uri}, {kind}, {size_of(resource.blob)} bytes{_seen(kind, resource.blob)}]"
    return f"[{block.type}: not shown]"


def _seen(kind: str, data: str) -> str:
    """What the model is told of a file: people may see what it does not."""
    if size_of(data) > limit(kind):
        return ": not kept, too large"
    return "" if kind in IMAGES or kind == PDF else ": not shown to you; people have it as a file"
