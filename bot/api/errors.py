"""Errors of the API: always `{error, detail, hint}` with the fitting status, never a traceback."""

import traceback
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from threadwork.bot.access import Forbidden
from threadwork.bot.away import is_away
from threadwork.bot.gateway import TemporalUnavailable
from threadwork.bot.intake.outcomes import Refused
from threadwork.bot.texts import TooLarge
from threadwork.workflows.errors import NotFound, Rejected, ThreadworkError

_log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[ThreadworkError], int, str], ...] = (  # the first that fits
    (Refused, 409, "refused"),
    (Forbidden, 403, "forbidden"),
    (TooLarge, 413, "too_large"),
    (Rejected, 422, "invalid"),
    (NotFound, 404, "not_found"),
    (TemporalUnavailable, 503, "unavailable"),
)
HTTP_ERRORS = {
    400: ("bad_request", "The request cannot be read."),
    404: ("not_found", "There is nothing under this path."),
    405: ("method_not_allowed", "This path does not allow that method."),
    413: ("too_large", "The request is too large."),
}


def problem(
    status: int, error: str, detail: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The one shape that errors have."""
    return JSONResponse({"error": error, "detail": detail, "hint": hint}, status, headers)


def tell_errors(app: FastAPI) -> None:
    """Have the app answer every error in our shape."""
    app.add_exception_handler(ThreadworkError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(_: Request, error: Exception) -> Response:
    if not isinstance(error, ThreadworkError):
        raise error
    for kind, status, name in STATUS:
        if isinstance(error, kind):
            return problem(status, name, error.detail, error.hint)
    return problem(500, "failed", error.detail, error.hint)


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        return problem(400, "bad_request", "The body is not valid JSON.", "Check it with a JSON linter.")
    said = [f"{_place(detail['loc'])}: {_sentence(detail)}" for detail in details]
    return problem(422, "invalid", " ".join(said), "The fields are described in /openapi.json.")


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc[1:]) or "body"


def _sentence(detail: Mapping[str, object]) -> str:
    if detail["type"] == "extra_forbidden":
        return "there is no such field."
    return f"{str(detail['msg'])[:200].rstrip('.')}."


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    name, detail = HTTP_ERRORS.get(error.status_code, ("failed", f"{HTTPStatus(error.status_code).phrase}."))
    return problem(error.status_code, name, detail, "The paths are described in /openapi.json.", error.headers)


class Shield:
    """Turns what nobody expected into an answer without insides, and logs where it happened, not what it said.

    The texts of errors are kept out of the log because a database's quote what was to be stored."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            _log.error("request_failed", path=scope.get("path"), error=type(error).__name__, where=_where(error))
            if scope["type"] != "http" or begun:
                return
            await _answer(error)(scope, receive, send)


def _answer(error: Exception) -> Response:
    if is_away(error):
        return problem(503, "unavailable", "The database does not answer.", "Try again in a moment.")
    return problem(500, "failed", "Something went wrong in the bot.", "Its log says where.")


def _where(error: Exception) -> list[str]:
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
