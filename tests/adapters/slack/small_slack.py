"""A Slack that knows only of tokens: who they belong to, what they may do, and how they are renewed.

Real HTTP. A refresh token is good for one use, as Slack's are."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any, ClassVar

from aiohttp import web

CLIENT, SECRET = "1.2", "client-secret"
LASTS = 43_200  # seconds, as Slack's tokens do


class SmallSlack:
    def __init__(self) -> None:
        self.url = ""
        self.calls: Counter[str] = Counter()
        self.tokens: dict[str, str] = {}  # token: its team
        self.refresh_tokens: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.dead: dict[str, str] = {}  # token: what Slack says of it
        self.channels: dict[str, str] = {}  # channel: the error that reading it gives, empty for none
        self.scopes = ""
        self.blocks = ""  # what is said of blocks to be looked at; empty: they are good
        self.rotates = True
        self.organisation = False
        self.delay = 0.0  # seconds before an answer
        self.skew = timedelta()  # between Slack's clock and ours
        self.broken: set[str] = set()  # methods that answer 500
        self._numbers = count(1)

    def grant(self, team: str) -> dict[str, Any]:
        """New tokens for a workspace."""
        number = next(self._numbers)
        token, refresh = f"xoxb-{team}-{number}", f"xoxe-1-{team}-{number}"
        self.tokens[token] = team
        if not self.rotates:
            return {"access_token": token, "token_type": "bot"}
        self.refresh_tokens[refresh] = team
        return {"access_token": token, "refresh_token": refresh, "expires_in": LASTS, "token_type": "bot"}

    def code(self, team: str) -> str:
        """What a browser brings back once a person of the workspace has consented."""
        self.codes[code := f"code-{next(self._numbers)}"] = team
        return code

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["SmallSlack"]:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] += 1
        await asyncio.sleep(self.delay)
        if method in self.broken:
            return web.Response(status=500, text="oops")
        fields = {**request.query, **await request.post()}
        if method == "oauth.v2.access":
            return self._told(self._oauth(request, fields))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.dead:
            return self._told({"ok": False, "error": self.dead[token]})
        if token not in self.tokens:
            return self._told({"ok": False, "error": "invalid_auth"})
        return self._told(self._methods[method](self, token, fields))

    def _told(self, body: dict[str, Any]) -> web.Response:
        date = format_datetime(datetime.now(UTC) + self.skew, usegmt=True)
        return web.json_response({"ok": True, **body}, headers={"x-oauth-scopes": self.scopes, "Date": date})

    def _oauth(self, request: web.Request, fields: dict[str, Any]) -> dict[str, Any]:
        """The app's credentials come in the form or, as the SDK sends them, in a header."""
        header = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = (fields.get("client_id"), fields.get("client_secret"))
        if request.headers.get("Authorization") != f"Basic {header}" and form != (CLIENT, SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        if fields.get("grant_type") == "refresh_token":
            team = self.refresh_tokens.pop(fields["refresh_token"], None)
            return self.grant(team) if team else {"ok": False, "error": "invalid_refresh_token"}
        team = self.codes.pop(fields["code"], None)
        if team is None:
            return {"ok": False, "error": "invalid_code"}
        who = {"app_id": "A1", "bot_user_id": "UBOT", "scope": "chat:write,commands", "authed_user": {"id": "U1"}}
        return {
            **self.grant(team),
            **who,
            "team": {"id": team, "name": "Acme <Ltd>"},
            "is_enterprise_install": self.organisation,
        }

    def _auth_test(self, token: str, fields: dict[str, Any]) -> dict[str, Any]:
        team = self.tokens[token]
        return {"team_id": team, "team": "Acme", "user_id": "UBOT", "user": "threadwork", "bot_id": "B1", "url": "x"}

    def _open(self, token: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"url": "wss://nowhere.invalid/link"} if token.startswith("xapp-") else {"ok": False, "error": "no_app"}

    def _history(self, token: str, fields: dict[str, Any]) -> dict[str, Any]:
        error = self.channels.get(fields["channel"], "channel_not_found")
        return {"ok": False, "error": error} if error else {"messages": []}

    def _validate(self, token: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"ok": False, "error": self.blocks} if self.blocks else {}

    _methods: ClassVar[dict[str, Any]] = {
        "auth.test": _auth_test,
        "apps.connections.open": _open,
        "conversations.history": _history,
        "blocks.validate": _validate,
    }
