"""Calls that are mere courtesy: they fail in silence, and never press on Slack."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import code, retry_after
from threadwork.workflows.domain import tokens
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.sinks import Bucket

BEST_EFFORT_TIMEOUT = 3.0  # seconds for a call
PER_MINUTE, BURST = 20, 5  # of a method in a workspace: half of tier 3, as another process may do the same
FAILED = "failed"  # instead of a code of Slack's
# The app may not do this at all: it is not tried again.
FORBIDDEN = frozenset({"feature_disabled", "missing_scope", "not_allowed_token_type", "unknown_method"})

log = structlog.get_logger(__name__)


class BestEffortCalls:
    """A 429 is obeyed by silence for so long, in that workspace and for that method."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._bucket_states: dict[str, tokens.Tokens] = {}
        self._off: set[str] = set()

    def allowed(self, workspace: str, method: str) -> bool:
        """False once Slack has said that the app may not."""
        return f"{workspace}:{method}" not in self._off

    async def call(self, workspace: str, method: str, arguments: dict[str, Any]) -> str:
        """Empty where it was done, else Slack's code of refusal, or `FAILED`. Waits for its turn."""
        key = f"{workspace}:{method}"
        while key not in self._off:
            await self._turn(key)
            try:
                await self._try(workspace, method, arguments)
            except SlackApiError as error:
                if (seconds := retry_after(error)) is None:
                    return self._refused(key, code(error))
                self._hold(key, seconds)
            except (ThreadworkError, TimeoutError, aiohttp.ClientError, OSError):
                return FAILED
            else:
                return ""
        return FAILED

    async def _try(self, workspace: str, method: str, arguments: dict[str, Any]) -> None:
        async with asyncio.timeout(BEST_EFFORT_TIMEOUT):
            client = await self._clients.of(workspace)
            await client.api_call(method, json=arguments)

    def _refused(self, key: str, refusal: str) -> str:
        if refusal in FORBIDDEN:
            self._off.add(key)
            log.warning("courtesy_off", call=key, error=refusal, hint="Cards are shown all the same.")
        return refusal or FAILED

    async def _turn(self, key: str) -> None:
        bucket = Bucket(key=key, per_minute=PER_MINUTE, burst=BURST)
        while True:
            now = datetime.now(UTC)
            bucket_states = {key: self._bucket_states.get(key) or tokens.full(bucket, now)}
            wait, taken = tokens.take({key: bucket}, bucket_states, urgent=True, now=now)
            self._bucket_states |= taken
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    def _hold(self, key: str, seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._bucket_states[key] = self._bucket_states[key]._replace(held_until=until)
