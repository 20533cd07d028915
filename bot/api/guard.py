"""Who is let in to the HTTP server, and how much they may send."""

from ipaddress import ip_address
from secrets import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from threadwork.bot.api.errors import problem
from threadwork.bot.api.marks import mark_of_a_proxy
from threadwork.bot.api.peer import is_another_user
from threadwork.workflows.platform_registry import PLATFORMS
from threadwork.workflows.values import LOCAL, Principal

BODY_LIMIT = 8_000_000  # bytes of a request: a text of 1 MB may be escaped sixfold in JSON
TOKEN_VARIABLE = "THREADWORK_API_TOKEN"  # noqa: S105
PROBES = ("/healthz", "/readyz")
SIGNED = ("/triggers/", *(f"/{row.name}/" for row in PLATFORMS if row.signs))  # what brings its own signature begins so
SOCKET = "threadwork.socket"  # in a scope: it came through the socket that only this user reaches

TOO_LARGE = f"A request can have at most {BODY_LIMIT:,} bytes."
API_USER = Principal(platform="api", user_id="token", name="API")  # whoever brings the token


class Guard:
    """Where a token is set everybody needs it; where none is, this machine alone is let in. What a foreign page has a
    browser send is refused.

    Whoever passes is found under `scope["state"]["principal"]`."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = too_large(headers) or _not_json(scope, headers) or self._stranger(scope, headers)
        if refusal:
            await refusal(scope, receive, send)
            return
        await self._app(scope, bounded(receive), send)

    def _stranger(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["path"] in PROBES or scope["path"].startswith(SIGNED):
            return None
        if not _own_origin(headers):
            return problem(403, "forbidden", "This request comes from another site.", "Use the page of this server.")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._let_in(scope, API_USER) if self._fits(token.strip()) else _wrong_token()
        return self._without_token(scope, headers)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        if why := self._not_from_here(scope, headers):
            return self._no_token(why)
        if not _is_loopback(_host(headers.get("host", ""))):
            hint = "Use http://localhost or http://127.0.0.1, or send a token."
            return problem(403, "forbidden", "This server is not known under that host name.", hint)
        return self._let_in(scope, LOCAL)

    def _not_from_here(self, scope: Scope, headers: Headers) -> str:
        """Why this is not taken for somebody at this machine; empty where it is."""
        mark = mark_of_a_proxy(scope, headers)
        proxied = f"{mark} needs a token." if mark else ""
        if scope.get(SOCKET):
            return proxied
        if self._token:
            return "A token is needed."
        client = scope.get("client")
        if client is None or not _is_loopback(client[0]):
            return "Requests from other machines need a token."
        return proxied or ("Other users of this machine need a token." if is_another_user(scope) else "")

    def _fits(self, token: str) -> bool:
        return bool(self._token) and compare_digest(token.encode(), str(self._token).encode())

    def _no_token(self, why: str) -> Response:
        hint = f"Send the header Authorization: Bearer <token>, with the value of {TOKEN_VARIABLE}."
        if not self._token:
            hint = f"Set {TOKEN_VARIABLE} for the bot, then send it as Authorization: Bearer <token>."
        return problem(401, "unauthorized", why, hint, _CHALLENGE)

    @staticmethod
    def _let_in(scope: Scope, principal: Principal) -> None:
        scope.setdefault("state", {})["principal"] = principal


def through_socket(app: ASGIApp) -> ASGIApp:
    """The app behind a socket that only this user opens, so that no token is asked for."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SOCKET: True}, receive, send)

    return served


_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _wrong_token() -> Response:
    return problem(401, "unauthorized", "This token is wrong.", f"Use the value of {TOKEN_VARIABLE}.", _CHALLENGE)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _host(netloc: str) -> str:
    """The host of `host:port`, without brackets; empty where there is none."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _own_origin(headers: Headers) -> bool:
    """Browsers say which page a request comes from; other programs say nothing."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def _not_json(scope: Scope, headers: Headers) -> Response | None:
    """A form of another site cannot send JSON without asking first."""
    if not scope["path"].startswith("/api/") or scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return None
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not has_body or kind == "application/json":
        return None
    hint = "Send the header Content-Type: application/json."
    return problem(415, "unsupported_media_type", "The body must be JSON.", hint)


def too_large(headers: Headers) -> Response | None:
    length = headers.get("content-length", "0")
    return _large() if length.isdigit() and int(length) > BODY_LIMIT else None


def _large() -> Response:
    return problem(413, "too_large", TOO_LARGE, "Send less.")


def bounded(receive: Receive) -> Receive:
    """Counts what comes: a request need not say how long it is."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > BODY_LIMIT:
            raise HTTPException(413, TOO_LARGE)
        return message

    return counted
