"""Mattermost: what it says of the token and channels. A `PlatformDoctor`."""

from collections.abc import AsyncIterator

from examples.mattermost.me import me
from examples.mattermost.posts import PLATFORM
from examples.mattermost.rest import Rest
from examples.mattermost.settings import MattermostSettings
from threadwork.adapters.chat.wiring import DoctorContext
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult, fail, ok
from threadwork.workflows.errors import ThreadworkError


async def check(context: DoctorContext[MattermostSettings], channel: str = "") -> AsyncIterator[CheckResult]:
    """`channel`: the id of one to look at, beside those that are subscribed."""
    settings = context.settings
    token = settings.mattermost_bot_token.get_secret_value()
    if not token:
        yield ok(PLATFORM, "It is not connected: MATTERMOST_BOT_TOKEN is not set.")
        return
    rest = Rest(settings.mattermost_url, token)
    yield await _speaks(rest)
    known = [sink.channel for sink in await context.subscribed()]
    for wanted in dict.fromkeys(filter(None, (channel, *known))):
        yield await _channel(rest, wanted)


async def workspaces(context: DoctorContext[MattermostSettings]) -> list[Workspace]:
    """One server is one workspace, and has no name."""
    return []


async def _speaks(rest: Rest) -> CheckResult:
    try:
        return ok("mattermost token", f"It speaks as {(await me(rest)).username}.")
    except ThreadworkError as error:
        return fail("mattermost token", error.detail, "Check MATTERMOST_URL and MATTERMOST_BOT_TOKEN.")


async def _channel(rest: Rest, channel: str) -> CheckResult:
    name = f"mattermost channel {channel}"
    try:
        await rest.call("GET", f"/channels/{channel}")
    except ThreadworkError as error:
        return fail(name, error.detail, "Add the bot to the channel.")
    return ok(name, "The bot may read it.")
