"""What Slack says of tokens, scopes and channels."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import Refused, asking
from threadwork.adapters.slack.cards.plan_block import plan_block
from threadwork.adapters.slack.scopes import Scope, wanted
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.run_events import PlanItem

SKEW = 60  # seconds; Slack's signatures are good for 300
REINSTALL = "Add it at api.slack.com/apps under OAuth & Permissions, then install the app again."
DEAD = "Copy it again from api.slack.com/apps: OAuth & Permissions, Bot User OAuth Token."
NO_SLACK = "Check the connection to the internet, a proxy, and SLACK_API_URL if it is set."

APP_TOKEN = "slack app token"  # noqa: S105
APP_TOKEN_HINTS = {
    "missing_scope": "It needs the scope connections:write.",
    "not_allowed_token_type": "SLACK_APP_TOKEN takes the app-level token, which begins with xapp-.",
}
NEW_APP_TOKEN = "Make one at api.slack.com/apps: Basic Information, App-Level Tokens, scope connections:write."  # noqa: S105
CHANNEL_HINTS = {
    "not_in_channel": "Say /invite @Threadwork in the channel.",
    "channel_not_found": "Give the id, not the name (C…, at the end of its details); invite the app if it is private.",
    "missing_scope": "See the scopes above.",
    "is_archived": "Unarchive it, or choose another channel.",
}


async def check_token(
    token: str, api_url: str | None, agent: bool, name: str = "slack token", now: Callable[[], datetime] = utc_now
) -> list[CheckResult]:
    """The token itself, each scope, and how far the clocks are apart. `name`: what the token is called."""
    try:
        with asking(about_token=True):
            answer = await web_client(api_url, token).auth_test()
    except Refused as refused:
        return [fail(name, f"Slack does not accept it: {refused.code}.", DEAD)]
    except ChatUnavailable as away:
        return [fail(name, away.detail, NO_SLACK)]
    granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")}
    who = ok(name, f"It speaks as {answer.get('user')} in {answer.get('team')} ({answer.get('team_id')}).")
    scopes = [_scope(scope, granted) for scope in wanted(agent)]
    return [who, *scopes, *_clock(answer.headers, now())]


async def team(token: str, api_url: str | None) -> str:
    """The id of its workspace; empty where Slack does not say."""
    try:
        with asking(about_token=True):
            return str((await web_client(api_url, token).auth_test()).get("team_id") or "")
    except (Refused, ChatUnavailable):
        return ""


async def check_app_token(token: str, api_url: str | None) -> list[CheckResult]:
    """Whether a socket could be opened; none is."""
    try:
        with asking(about_token=True):
            await web_client(api_url).apps_connections_open(app_token=token)
    except Refused as refused:
        hint = APP_TOKEN_HINTS.get(refused.code, NEW_APP_TOKEN)
        return [fail(APP_TOKEN, f"Slack opens no socket for it: {refused.code}.", hint)]
    except ChatUnavailable as away:
        return [fail(APP_TOKEN, away.detail, NO_SLACK)]
    return [ok(APP_TOKEN, "Socket Mode can be used.")]


async def check_channel(token: str, api_url: str | None, channel: str) -> list[CheckResult]:
    """Whether the app is a member, told by whether it may read there: that takes no scope it does not have anyway."""
    name = f"slack channel {channel}"
    try:
        with asking(about_token=True):
            await web_client(api_url, token).conversations_history(channel=channel, limit=1)
    except Refused as refused:
        return [fail(name, f"The app cannot work there: {refused.code}.", CHANNEL_HINTS.get(refused.code, ""))]
    except ChatUnavailable as away:
        return [fail(name, away.detail, NO_SLACK)]
    return [ok(name, "The app is a member.")]


async def check_plan(token: str, api_url: str | None, name: str) -> CheckResult | None:
    """Whether the workspace takes Slack's own plan block. None: Slack does not say."""
    try:
        with asking():
            await web_client(api_url, token).blocks_validate(blocks=[plan_block((PlanItem(text="Look"),))])
    except Refused as refused:
        if refused.code not in ("invalid_blocks", "invalid_message"):
            return None
        return ok(name, "Slack does not take its plan block here yet: plans are lists, and the block is tried daily.")
    except ChatUnavailable:
        return None
    return ok(name, "Plans are shown as Slack's own plan block.")


async def unknown_people(token: str, api_url: str | None, user_ids: set[str]) -> set[str]:
    """Those of the ids that Slack does not know. Of whom it does not tell in time nothing is said."""
    client, unknown = web_client(api_url, token), set[str]()
    for user_id in sorted(user_ids):
        try:
            with asking(about_token=True):
                await client.users_info(user=user_id)
        except Refused as refused:
            if refused.code != "user_not_found":
                break
            unknown.add(user_id)
        except ChatUnavailable:
            break
    return unknown


def _scope(scope: Scope, granted: set[str]) -> CheckResult:
    name = f"slack scope {scope.name}"
    if scope.name in granted:
        return ok(name, f"It {scope.purpose}.")
    return (fail if scope.needed else warn)(name, f"It is missing. With it the app {scope.purpose}.", REINSTALL)


def _clock(headers: Any, now: datetime) -> list[CheckResult]:
    try:
        theirs = parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return []
    apart = abs((now - theirs).total_seconds())
    if apart < SKEW:
        return [ok("slack clock", "This machine's clock agrees with Slack's.")]
    hint = "Set the clock (NTP): Slack's requests count as forged when they seem older than five minutes."
    return [fail("slack clock", f"This machine's clock is {apart:,.0f} seconds off.", hint)]
