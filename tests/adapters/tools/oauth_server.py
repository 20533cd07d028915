"""A tool server behind OAuth 2.1, strict: who makes a mistake in the protocol is refused."""

import base64
import hashlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.manners.mcp_server import answer, protocol, result

SECRET = "a-client-secret-of-length"


@dataclass
class StrictServer:
    url: str = ""
    clients: dict[str, str] = field(default_factory=dict)  # the redirect of each
    codes: dict[str, dict[str, str]] = field(default_factory=dict)  # what each was asked for with
    valid: set[str] = field(default_factory=set)  # access tokens
    refresh: dict[str, str] = field(default_factory=dict)  # refresh tokens that may be used once, and their clients
    used: set[str] = field(default_factory=set)
    mistakes: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # grants, in order
    refused: int = 0  # calls without a valid token
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def resource(self) -> str:
        return f"{self.url}/mcp"

    def expire(self) -> None:
        self.valid.clear()

    # --- what it says of itself --------------------------------------------------------------------------

    async def of_resource(self, _: web.Request) -> web.Response:
        return web.json_response({"resource": self.resource, "authorization_servers": [self.url]})

    async def of_itself(self, _: web.Request) -> web.Response:
        ends = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in ENDS.items()}
        offered = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
        return web.json_response({"issuer": self.url, **ends, **offered})

    # --- logins ------------------------------------------------------------------------------------------

    async def register(self, request: web.Request) -> web.Response:
        given = await request.json()
        [redirect] = given["redirect_uris"]
        if not redirect.startswith("http://127.0.0.1:"):
            return self._mistake("a redirect that is not on the caller's machine")
        client = f"client-{next(self._ids)}"
        self.clients[client] = redirect
        return web.json_response({**given, "client_id": client}, status=201)

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        if self.clients.get(asked.get("client_id", "")) != asked.get("redirect_uri"):
            return self._mistake("another redirect than was registered")
        if asked.get("code_challenge_method") != "S256" or not asked.get("state"):
            return self._mistake("no PKCE, or no state")
        if asked.get("resource") != self.resource:
            return self._mistake("no resource, or another one")
        code = f"code-{next(self._ids)}"
        self.codes[code] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: web.Request) -> web.Response:
        given = {key: str(value) for key, value in (await request.post()).items()}
        self.seen.append(given.get("grant_type", ""))
        if given.get("resource") != self.resource:
            return self._mistake("no resource, or another one")
        match given.get("grant_type"):
            case "authorization_code":
                return self._by_code(given)
            case "refresh_token":
                return self._by_refresh(given)
            case "client_credentials":
                return self._by_secret(given, request.headers.get("Authorization", ""))
        return self._mistake("a grant that nobody knows")

    def _by_code(self, given: dict[str, str]) -> web.Response:
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None:
            return self._mistake("a code that was used, or never given")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if challenge.decode().rstrip("=") != asked["code_challenge"]:
            return self._mistake("the wrong verifier")
        if (given["client_id"], given.get("redirect_uri")) != (asked["client_id"], asked["redirect_uri"]):
            return self._mistake("another client or redirect")
        return self._tokens(given["client_id"])

    def _by_refresh(self, given: dict[str, str]) -> web.Response:
        token = given.get("refresh_token", "")
        if token in self.used:
            self.refresh.clear()  # somebody else has it: nobody is let in any more
            return self._mistake("a refresh token that was used before")
        if self.refresh.pop(token, None) != given.get("client_id"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.used.add(token)
        return self._tokens(given["client_id"])

    def _by_secret(self, given: dict[str, str], authorization: str) -> web.Response:
        expected = base64.b64encode(f"robot:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}" or given.get("scope") != "tools:call":
            return web.json_response({"error": "invalid_client"}, status=401)
        return self._tokens(None)

    def _tokens(self, client: str | None) -> web.Response:
        access, refresh = f"access-{next(self._ids)}", f"refresh-{next(self._ids)}"
        self.valid.add(access)
        given: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": 3600}
        if client:
            self.refresh[refresh] = client
            given["refresh_token"] = refresh
        return web.json_response(given)

    def _mistake(self, what: str) -> web.Response:
        self.mistakes.append(what)
        return web.json_response({"error": "invalid_request", "error_description": what}, status=400)

    # --- the tools ---------------------------------------------------------------------------------------

    async def mcp(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            self.refused += 1
            where = f'Bearer resource_metadata="{self.url}/.well-known/oauth-protected-resource/mcp"'
            return web.json_response({"error": "invalid_token"}, status=401, headers={"WWW-Authenticate": where})
        if request.method != "POST":
            return web.Response(status=405)
        message = await request.json()
        if message["method"] == "tools/call":
            return web.json_response(answer(message["id"], result("done")))
        said = protocol(message)
        return web.json_response(said) if said else web.Response(status=202)


ENDS = {"authorization": "authorize", "token": "token", "registration": "register"}


@asynccontextmanager
async def strict_server() -> AsyncIterator[StrictServer]:
    server = StrictServer()
    app = web.Application()
    app.router.add_get("/.well-known/oauth-protected-resource/mcp", server.of_resource)
    app.router.add_get("/.well-known/oauth-authorization-server", server.of_itself)
    app.router.add_post("/register", server.register)
    app.router.add_get("/authorize", server.authorize)
    app.router.add_post("/token", server.token)
    app.router.add_route("*", "/mcp", server.mcp)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
