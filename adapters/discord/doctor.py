"""Discord: what it says of the token, the intents and channels. A `PlatformDoctor`."""

from collections.abc import AsyncIterator

from threadwork.adapters.chat.wiring import DoctorContext
from threadwork.adapters.discord import checks
from threadwork.adapters.discord.settings import DiscordSettings
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult, ok, warn


async def check(context: DoctorContext[DiscordSettings], channel: str = "") -> AsyncIterator[CheckResult]:
    """`channel`: the id of one to look at, beside those that are subscribed."""
    settings = context.settings
    if not settings.discord_bot_token:
        yield ok("discord", "It is not connected: DISCORD_BOT_TOKEN is not set.")
        return
    token, api_url = settings.discord_bot_token.get_secret_value(), settings.discord_api_url
    for variable, address in (("DISCORD_API_URL", api_url), ("DISCORD_GATEWAY_URL", settings.discord_gateway_url)):
        if address:
            hint = f"Unset {variable} unless it is an emulator or a proxy of yours."
            yield warn("discord address", f"{address} is asked instead of Discord.", hint)
    for finding in await checks.check_token(token, api_url):
        yield finding
    known = [sink.thread or sink.channel for sink in await context.subscribed()]
    for wanted in dict.fromkeys(filter(None, (channel, *known))):
        for finding in await checks.check_channel(token, api_url, wanted):
            yield finding


async def workspaces(context: DoctorContext[DiscordSettings]) -> list[Workspace]:
    """The servers that the bot is on."""
    settings = context.settings
    token = settings.discord_bot_token.get_secret_value() if settings.discord_bot_token else ""
    return [("discord", server) for server in await checks.servers(token, settings.discord_api_url)]
