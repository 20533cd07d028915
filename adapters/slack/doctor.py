"""Slack: the settings as they fit together, and what Slack says of tokens, scopes, people and channels.

A `PlatformDoctor`."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from threadwork.adapters.chat.wiring import DoctorContext
from threadwork.adapters.slack import checks
from threadwork.adapters.slack.api.installations import Installations
from threadwork.adapters.slack.settings import RULES, SlackSettings
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.slack_installations import SqlInstallations
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.sinks import Sink

TOKEN, PEOPLE, PLAN = "slack token", "slack people", "slack plans"
FULL_TIER = 50  # look-ups a minute that Slack allows an app of one's own workspace
FEW = 20  # look-ups a minute below which they queue


Context = DoctorContext[SlackSettings]


async def check(context: Context, channel: str = "") -> AsyncIterator[CheckResult]:
    """`channel`: the id of one to look at, beside those that are subscribed."""
    settings = context.settings
    if not RULES.connected(settings):
        yield ok("slack", "It is not connected: SLACK_BOT_TOKEN is not set.")
        return
    for finding in _settings(context):
        yield finding
    if token := settings.slack_app_token:
        for finding in await checks.check_app_token(token.get_secret_value(), settings.slack_api_url):
            yield finding
    held = await _tokens(context)
    if not held:
        hint = "Open /slack/install at the bot's public address."
        yield warn("slack installations", "No workspace has installed the app yet.", hint)
    known = await context.subscribed()
    for name, secret in held.items():
        async for finding in _token(context, name, secret, _wanted(settings, name, channel, known)):
            yield finding


def _wanted(settings: SlackSettings, name: str, channel: str, subscribed: Sequence[Sink]) -> Iterable[str]:
    """The channels that one token can see; a file may leave the workspace out."""
    team = name.removeprefix(f"{TOKEN} ")
    theirs = (one.channel for one in subscribed if settings.slack_bot_token or one.workspace in ("", team))
    return dict.fromkeys(filter(None, (channel, *theirs)))


async def _token(context: Context, name: str, token: str | None, channels: Iterable[str]) -> AsyncIterator[CheckResult]:
    settings = context.settings
    if token is None:
        yield fail(name, "Slack no longer renews its token.", "Install the app there again: /slack/install")
        return
    for finding in await checks.check_token(token, settings.slack_api_url, settings.slack_agent, name):
        yield finding
    if plans := await checks.check_plan(token, settings.slack_api_url, f"{PLAN} {name.removeprefix(TOKEN)}".strip()):
        yield plans
    async for finding in _people(context, token, name.removeprefix(TOKEN).strip()):
        yield finding
    for channel in channels:
        for finding in await checks.check_channel(token, settings.slack_api_url, channel):
            yield finding


async def _people(context: Context, token: str, team: str) -> AsyncIterator[CheckResult]:
    """Of the workspace that the token is for: ids change when a workspace joins an organisation."""
    name = f"{PEOPLE} {team}".strip()
    asked = {key: one for key, one in (await context.people()).items() if team in ("", one.workspace)}
    ids = {one.user_id for one in asked.values()}
    unknown = await checks.unknown_people(token, context.settings.slack_api_url, ids)
    gone = sorted(key for key, one in asked.items() if one.user_id in unknown)
    if asked and not gone:
        told = f"Slack knows all {len(asked)} people of threadwork.yaml, of recent tasks and of linked accounts."
        yield ok(name, told)
    if not gone:
        return
    hint = f"If an id changed: threadwork people move {gone[0]} NEW, and write the new one in threadwork.yaml too."
    yield warn(name, f"Slack does not know {', '.join(gone[:5])}{' and others' if len(gone) > 5 else ''}.", hint)


def _settings(context: Context) -> list[CheckResult]:
    found = (*(look(context.settings) for look in LOOKS), _encryption(context))
    return [finding for finding in found if finding]


def _transport(settings: SlackSettings) -> CheckResult:
    if settings.slack_app_token:
        return ok("slack transport", "Socket Mode: no public address is needed.")
    hint = "Copy Signing Secret from Basic Information; Slack's Request URL is https://…/slack/events"
    secret = settings.slack_signing_secret
    length = len(secret.get_secret_value()) if secret else 0
    if length != 32:
        return warn("slack signing secret", f"Slack's have 32 characters; this one has {length}.", hint)
    return ok("slack signing secret", "It is set. Slack's requests are accepted at /slack/events.")


def _lookups(settings: SlackSettings) -> CheckResult:
    allowed = settings.slack_lookups_per_minute
    name, variable = "slack look-ups", "SLACK_LOOKUPS_PER_MINUTE"
    if allowed < FEW:
        told = f"{allowed} a minute: look-ups queue, so after a crash it is slow to find which cards were posted."
        return warn(name, told, f"Set {variable}={FULL_TIER} for an app of your own workspace or the Marketplace.")
    if settings.slack_client_id:
        told = f"{allowed} a minute are assumed. An app that is sold outside the Marketplace has 1."
        return warn(name, told, f"Set {variable}=1 for such an app: look-ups then queue.")
    return ok(name, f"{allowed} a minute.")


def _address(settings: SlackSettings) -> CheckResult | None:
    if settings.slack_api_url is None:
        return None
    hint = "Unset SLACK_API_URL unless it is your emulator or proxy."
    return warn("slack address", f"{settings.slack_api_url} is used instead of Slack.", hint)


def _encryption(context: Context) -> CheckResult | None:
    if not context.settings.slack_client_id or context.seal.has_key:
        return None
    hint = "Set THREADWORK_ENCRYPTION_KEY; tokens of later installations are encrypted."
    return warn("slack installations", "Their tokens are stored unencrypted.", hint)


LOOKS: tuple[Callable[[SlackSettings], CheckResult | None], ...] = (_transport, _lookups, _address)


async def _tokens(context: Context) -> dict[str, str | None]:
    """Name of the finding and token, of each workspace."""
    settings = context.settings
    if settings.slack_bot_token:
        return {TOKEN: settings.slack_bot_token.get_secret_value()}
    database = Database(context.database)
    rows = SqlInstallations(database, context.seal)
    secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
    installations = Installations(rows, settings.slack_client_id or "", secret, settings.slack_api_url)
    try:
        return {f"{TOKEN} {team}": await installations.bot_token(team) for team in await rows.teams()}
    finally:
        await installations.close()
        await database.close()


async def workspaces(context: Context) -> list[Workspace]:
    """Of every token that is held."""
    held = [token for token in (await _tokens(context)).values() if token]
    teams = [await checks.team(token, context.settings.slack_api_url) for token in held]
    return [("slack", team) for team in teams if team]
