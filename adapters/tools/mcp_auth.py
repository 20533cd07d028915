"""How a tool server over HTTP is told who calls: with a key of the program's own, or a login that a person made."""

import os
import tempfile
import time
import warnings
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthMetadata, OAuthToken
from pydantic import AnyUrl, BaseModel, ValidationError

from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.values import digest

LOOPBACK = "http://127.0.0.1/callback"
KEY = (
    "Run `threadwork mcp login {name}` where the worker runs, or set a valid key under headers in "
    "mcpServers: Authorization: Bearer ${{ITS_KEY}}."
)
EXPIRED = 1.0  # seconds since 1970


class Login(BaseModel):
    """What a person's login left, and what is needed to renew it."""

    tokens: OAuthToken | None = None
    expires_at: float | None = None  # seconds since 1970; None: nobody said
    client: OAuthClientInformationFull | None = None
    metadata: OAuthMetadata | None = None  # of the server that gives tokens


class LoginFile:
    """The login at one server, readable by whoever runs this program only. Satisfies the SDK's `TokenStorage`."""

    def __init__(self, folder: Path, name: str, url: str) -> None:
        """`url` counts: a server that moved does not get what another was given."""
        self.path = folder / f"{name}-{digest(url)[:12]}.json"

    def read(self) -> Login:
        """Empty where there is none, or none that can be read."""
        try:
            return Login.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return Login()

    def write(self, login: Login) -> None:
        """Whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=".draft-")  # 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(login.model_dump_json(exclude_none=True))
            os.replace(draft, self.path)
        except OSError:
            os.unlink(draft)
            raise

    async def get_tokens(self) -> OAuthToken | None:
        return self.read().tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        expires_at = time.time() + tokens.expires_in if tokens.expires_in is not None else None
        self.write(self.read().model_copy(update={"tokens": tokens, "expires_at": expires_at}))

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.read().client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.write(self.read().model_copy(update={"client": client_info}))


class _Kept:
    """Tokens of the program's own: they are had anew at any time."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        return None


def client_metadata(scope: str | None, redirect: str = LOOPBACK) -> OAuthClientMetadata:
    return OAuthClientMetadata(
        client_name="Threadwork",
        redirect_uris=[AnyUrl(redirect)],
        token_endpoint_auth_method="none",  # noqa: S106
        scope=scope,
    )


class Scoped(OAuthClientProvider):
    """Asks for the scope that the file names; the SDK alone asks for what the server speaks of."""

    scope: str | None = None

    async def _perform_authorization(self) -> httpx2.Request:
        self.context.client_metadata.scope = self.scope or self.context.client_metadata.scope
        return await super()._perform_authorization()


class _OwnKey(Scoped, ClientCredentialsOAuthProvider):
    """The program's own."""


def who_may_mend(name: str, spec: ServerSpec) -> str:
    """What to do where a server lets nobody in."""
    if spec.auth and spec.auth.client_secret:
        return "Check client_id, client_secret and scope under auth in mcpServers."
    return KEY.format(name=name)


def auth_of(name: str, spec: ServerSpec, logins: Path | None) -> httpx2.Auth | None:
    """None: nobody logged in, and the file gives no key of the program's own."""
    if spec.url is None:
        return None
    auth = spec.auth
    if auth is not None and auth.client_id and auth.client_secret:
        with warnings.catch_warnings():  # that `issuer` is not given
            warnings.simplefilter("ignore")
            own = _OwnKey(spec.url, _Kept(), auth.client_id, auth.client_secret, scope=auth.scope, issuer=auth.issuer)
        own.scope = auth.scope
        return own
    file = LoginFile(logins, name, spec.url) if logins else None
    return StoredLogin(spec.url, file, auth.scope if auth else None) if file and file.read().tokens else None


class StoredLogin(OAuthClientProvider):
    """Uses a login and renews it. Where that is not to be had any more, the server's 401 stands: no person is here."""

    def __init__(self, url: str, file: LoginFile, scope: str | None) -> None:
        super().__init__(url, client_metadata(scope), file)
        self._file = file

    async def _initialize(self) -> None:
        login = self._file.read()
        self.context.current_tokens, self.context.token_expiry_time = login.tokens, login.expires_at
        self.context.client_info, self.context.oauth_metadata = login.client, login.metadata
        self._initialized = True

    async def _auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if not self.context.is_token_valid():
            self._initialized = False  # another process may have renewed it
        for last in (False, True):
            flow: Any = super()._auth_flow(request)
            try:
                outgoing = await anext(flow)
                while True:
                    response = yield outgoing
                    if outgoing is request and response.status_code in (401, 403):
                        break
                    outgoing = await flow.asend(response)
            except StopAsyncIteration:
                return
            finally:
                await flow.aclose()
            if last or response.status_code == 403 or not await self._another(request):
                return

    async def _another(self, request: httpx2.Request) -> bool:
        """Whether there is a newer token than the one that was refused, or one may be had."""
        await self._initialize()
        tokens = self.context.current_tokens
        if tokens and request.headers.get("Authorization") == f"Bearer {tokens.access_token}":
            self.context.token_expiry_time = EXPIRED
        return self.context.is_token_valid() or self.context.can_refresh_token()
