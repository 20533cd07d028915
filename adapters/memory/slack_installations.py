"""Workspaces that installed the Slack app, and OAuth flows under way, in memory."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from threadwork.adapters.slack_installations import STATE_LASTS, Installed, Tokens
from threadwork.workflows.domain.clock import Clock, utc_now


class MemoryInstallations:
    """Satisfies `StoredInstallations`; the twin of `SqlInstallations`."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._rows: dict[str, Installed] = {}
        self._renewing: dict[str, datetime] = {}  # until when

    async def get(self, team_id: str) -> Installed | None:
        return self._rows.get(team_id)

    async def teams(self) -> list[str]:
        return sorted(self._rows)

    async def bots(self) -> dict[str, list[str]]:
        """Bot users, each with the workspaces in which it is ours."""
        found: dict[str, list[str]] = {}
        for team_id in sorted(self._rows):
            found.setdefault(self._rows[team_id].facts.bot_user_id, []).append(team_id)
        return found

    async def put(self, installed: Installed) -> None:
        """A workspace that installs again replaces what was there, a renewal under way included."""
        before = self._rows.get(installed.team_id)
        self._store(installed, before.version + 1 if before else 1)

    async def claim(self, seen: Installed, seconds: float) -> bool:
        """Whether the caller, alone, may renew the tokens that it saw."""
        now, until = self._clock(), self._renewing.get(seen.team_id)
        if not self._stands(seen) or (until and until > now):
            return False
        self._renewing[seen.team_id] = now + timedelta(seconds=seconds)
        return True

    async def give_up(self, seen: Installed) -> None:
        """The claimed renewal came to nothing; somebody may try again."""
        if self._stands(seen):
            self._renewing.pop(seen.team_id, None)

    async def renew(self, seen: Installed, tokens: Tokens) -> bool:
        """Store what a renewal gave. False: the row has changed since it was seen; it was left alone."""
        if not self._stands(seen):
            return False
        self._store(self._rows[seen.team_id].model_copy(update={"tokens": tokens}), seen.version + 1)
        return True

    async def remove(self, seen: Installed) -> bool:
        """False: the workspace has installed again since, or its tokens are new; it was left alone."""
        if not self._stands(seen):
            return False
        del self._rows[seen.team_id]
        self._renewing.pop(seen.team_id, None)
        return True

    def _store(self, installed: Installed, version: int) -> None:
        self._rows[installed.team_id] = installed.model_copy(update={"version": version})
        self._renewing.pop(installed.team_id, None)

    def _stands(self, seen: Installed) -> bool:
        known = self._rows.get(seen.team_id)
        return known is not None and known.version == seen.version


class MemoryStates:
    """OAuth flows under way: each state is good for one return, within `STATE_LASTS`."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    async def issue(self) -> str:
        state, now = token_urlsafe(32), self._clock()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[state] = now + STATE_LASTS
        return state

    async def consume(self, state: str) -> bool:
        """Whether it was issued, in time, and this is its first return."""
        until = self._until.pop(state, None)
        return until is not None and until > self._clock()
