"""A person's login at a tool server: a link to open, and an address on this machine that is led back to."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from aiohttp import web
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthToken

from threadwork.adapters.tools.mcp_auth import Login, LoginFile, Scoped, client_metadata
from threadwork.adapters.tools.mcp_transport import ServerProblem
from threadwork.workflows.servers import ServerSpec

WAIT = 600.0  # seconds for a person to log in
HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "threadwork", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}
DONE = "You are logged in. You can close this page."


class _Fresh:
    """Nothing of an earlier login counts; what this one brings is kept when it is complete."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self.login = Login(client=client)

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.login.tokens = tokens
        self.login.expires_at = time.time() + tokens.expires_in if tokens.expires_in is not None else None

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.login.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.login.client = client_info


async def log_in(name: str, spec: ServerSpec, file: LoginFile, show: Callable[[str], None], port: int = 0) -> bool:
    """`show` is given the link. False: the server lets everybody in, and needs no login. Raises `ServerProblem`."""
    if spec.url is None:
        raise ServerProblem(f"{name} is started here, over stdio: it needs no login.")
    async with _led_back(port) as (redirect, came):
        metadata = client_metadata(spec.auth.scope if spec.auth else None, redirect)
        known = spec.auth.client_id if spec.auth else None
        client = known and OAuthClientInformationFull(**metadata.model_dump(), client_id=known)
        fresh = _Fresh(client or None)

        async def link(url: str) -> None:
            show(url)

        async def answer() -> AuthorizationCodeResult:
            return await asyncio.wait_for(came, WAIT)

        provider = Scoped(spec.url, metadata, fresh, link, answer)
        provider.scope = metadata.scope
        await _knock(name, spec, provider)
    if fresh.login.tokens is None:
        return False
    file.write(fresh.login.model_copy(update={"metadata": provider.context.oauth_metadata}))
    return True


async def _knock(name: str, spec: ServerSpec, provider: OAuthClientProvider) -> None:
    try:
        async with httpx2.AsyncClient(auth=provider, headers={**spec.headers, **ACCEPT}, timeout=30) as client:
            response = await client.post(spec.url or "", json=HELLO)
    except TimeoutError:
        raise ServerProblem(f"Nobody logged in to {name} within {WAIT / 60:g} minutes.", "Start again.") from None
    except (OAuthFlowError, httpx2.HTTPError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise ServerProblem(f"The login to {name} failed: {said.rstrip('.')}.") from None
    if response.status_code in (401, 403):
        raise ServerProblem(f"{name} still answers with HTTP status {response.status_code} after the login.")


@asynccontextmanager
async def _led_back(port: int) -> AsyncIterator[tuple[str, "asyncio.Future[AuthorizationCodeResult]"]]:
    """An address on this machine, and what the browser brings there."""
    came: asyncio.Future[AuthorizationCodeResult] = asyncio.get_running_loop().create_future()

    async def callback(request: web.Request) -> web.Response:
        said = request.query
        if not came.done() and "error" in said:
            came.set_exception(OAuthFlowError(said.get("error_description") or said["error"]))
        elif not came.done() and "code" in said:
            came.set_result(AuthorizationCodeResult(code=said["code"], state=said.get("state"), iss=said.get("iss")))
        return web.Response(text=DONE if "code" in said else "The login was refused.")

    app = web.Application()
    app.router.add_get("/callback", callback)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://127.0.0.1:{bound}/callback", came
    finally:
        await runner.cleanup()
        came.cancel()
