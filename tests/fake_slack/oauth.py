"""Installing the app: codes, tokens, and tokens that expire."""

import time
from collections.abc import Callable
from typing import Any

from tests.fake_slack.seed_data import APP, CLIENT_ID, CLIENT_SECRET, Team
from tests.fake_slack.settings import Settings
from tests.fake_slack.state import State

Json = dict[str, Any]


class Tokens:
    def __init__(self, state: State, settings: Callable[[], Settings]) -> None:
        self._state = state
        self._settings = settings
        self._codes: dict[str, str] = {}  # team
        self._refresh: dict[str, str] = {}  # team
        self._bots: dict[str, tuple[str, float]] = {  # team, and since when; for good: since infinity
            team.token: (team.id, float("inf")) for team in state.teams.values()
        }

    def team(self, token: str) -> Team | str:
        """Whose token it is, else the error."""
        if not token:
            return "not_authed"
        if token in self._state.revoked:
            return "token_revoked"
        if token not in self._bots:
            return "invalid_auth"
        team, since = self._bots[token]
        return self._state.teams[team] if time.monotonic() < since + self._settings().token_seconds else "token_expired"

    def code(self, team: str) -> str:
        """What a browser brings back once somebody agreed to the installation. Good for one exchange."""
        code = self._state.number("code-")
        self._codes[code] = team
        return code

    def revoke(self, team: str) -> list[str]:
        gone = [token for token, (whose, _) in self._bots.items() if whose == team]
        self._state.revoked.update(gone)
        return gone

    def access(self, fields: dict[str, str], basic: tuple[str, str] | None) -> Json:
        """oauth.v2.access: a token for a code, or a fresh one for a refresh token, which is thereby used up."""
        if (basic or (fields.get("client_id"), fields.get("client_secret"))) != (CLIENT_ID, CLIENT_SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        refresh = fields.get("grant_type") == "refresh_token"
        known, key = (self._refresh, "refresh_token") if refresh else (self._codes, "code")
        team = known.pop(fields.get(key, ""), None)
        if team is None:
            return {"ok": False, "error": "invalid_refresh_token" if refresh else "invalid_code"}
        return {"ok": True, **self._granted(self._state.teams[team], rotating=refresh or self._settings().rotation)}

    def _granted(self, team: Team, rotating: bool) -> Json:
        token = self._state.number("xoxe.xoxb-" if rotating else "xoxb-")
        self._bots[token] = (team.id, time.monotonic() if rotating else float("inf"))
        grant = {
            "app_id": APP,
            "authed_user": {"id": "U1"},
            "scope": ",".join(self._settings().scopes),
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": team.bot_user,
            "team": {"id": team.id, "name": team.name},
            "enterprise": {"id": team.enterprise, "name": "Grid"} if team.enterprise else None,
            "is_enterprise_install": False,
        }
        if not rotating:
            return grant
        again = self._state.number("xoxe-")
        self._refresh[again] = team.id
        return {**grant, "refresh_token": again, "expires_in": self._settings().token_seconds}
