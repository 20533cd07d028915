"""Why a tool server could not be used, in a few words."""

import httpx2
from mcp import MCPError

from threadwork.adapters.tools.mcp_auth import who_may_mend
from threadwork.adapters.tools.mcp_transport import ServerProblem, Way
from threadwork.workflows.servers import ServerSpec

LOST = ("Connection closed", "SSE stream")  # how the client's own notices of a lost connection begin


def start_problem(name: str, way: Way, failure: BaseException | None) -> ServerProblem:
    """That it did not start, and what to do."""
    spec = way.spec
    hint = "Check its url and headers in mcpServers." if spec.url else "Check its command and args in mcpServers."
    if way.status in (401, 403) and spec.url:
        hint = who_may_mend(name, spec)
    said = f" It said: {said}." if (said := way.said().rstrip(".")) else ""
    because = _start_failure(spec, way.status, failure)
    lead = f"Cannot use the tool server {name}" if spec.url else f"The tool server {name} did not start"
    return ServerProblem(f"{lead}: {because}.{said}", hint)


def _start_failure(spec: ServerSpec, status: int | None, error: BaseException | None) -> str:
    """Why it did not start. `status`: of the newest HTTP answer that was an error."""
    match error:
        case TimeoutError():
            return f"it gave no answer within {spec.timeout:g} seconds"
        case FileNotFoundError() | NotADirectoryError():
            missing = spec.cwd if spec.cwd and error.filename == spec.cwd else spec.command
            return f"{missing} was not found"
        case httpx2.HTTPError() | httpx2.InvalidURL():
            return f"{spec.url} cannot be reached ({why(error)})"
        case MCPError() if spec.url and status:
            return f"{spec.url} answered with HTTP status {status}"
        case MCPError() if error.message.startswith(LOST):
            return "it ended at once"
        case None:
            return "it was closed while starting"
    return why(error)


def leaf(error: BaseException) -> BaseException:
    """What a group of errors is about."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def why(error: BaseException) -> str:
    """An error in one line, without a full stop."""
    if isinstance(error, TimeoutError):
        return "it gave no answer in time"
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".") or type(error).__name__
