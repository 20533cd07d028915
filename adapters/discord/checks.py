"""What Discord says of the token, the intents and channels."""

from threadwork.adapters.discord.api.errors import NO_ACCESS, UNKNOWN_CHANNEL, Refused, translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.payload import Json, place_of
from threadwork.adapters.discord.manifest import INTENT, PUBLIC
from threadwork.adapters.discord.permissions import granted, missing
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.errors import ChatUnavailable, ThreadworkError

TOKEN = "discord token"  # noqa: S105
DEAD = "Make a new one at discord.com/developers/applications, under Bot, and set DISCORD_BOT_TOKEN."
NO_DISCORD = "Check the connection to the internet, a proxy, and DISCORD_API_URL if it is set."
CONTENT = 1 << 18 | 1 << 19  # flags of an app that may read messages: verified, or in fewer than 100 servers


async def check_token(token: str, api_url: str | None) -> list[CheckResult]:
    """The token itself, the intent, where interactions go, and who may invite the bot."""
    rest = Rest(token, api_url)
    try:
        with translated(""):
            me, app = await rest.call("GET", "/users/@me"), await rest.call("GET", "/applications/@me")
    except ChatUnavailable as away:
        return [fail(TOKEN, away.detail, NO_DISCORD)]
    except ThreadworkError:
        return [fail(TOKEN, "Discord does not accept it.", DEAD)]
    finally:
        await rest.close()
    who = ok(TOKEN, f"It speaks as {me.get('username')} ({me.get('id')}).")
    return [who, _intent(app), _endpoint(app), _public(app)]


async def servers(token: str, api_url: str | None) -> list[str]:
    """Ids of the servers that the bot is on; none where Discord does not say."""
    rest = Rest(token, api_url)
    try:
        with translated(""):
            return [str(guild["id"]) for guild in await rest.call("GET", "/users/@me/guilds")]
    except ThreadworkError:
        return []
    finally:
        await rest.close()


async def check_channel(token: str, api_url: str | None, channel: str) -> list[CheckResult]:
    """Whether the bot may do there what it must. `channel`: of a channel or a thread."""
    name, rest = f"discord channel {channel}", Rest(token, api_url)
    try:
        with translated(channel):
            return await _channel_results(rest, channel, name)
    except ThreadworkError as error:
        return [fail(name, error.detail, error.hint or NO_DISCORD)]
    finally:
        await rest.close()


async def _channel_results(rest: Rest, channel: str, name: str) -> list[CheckResult]:
    try:
        found = await rest.call("GET", f"/channels/{channel}")
    except Refused as refused:
        if refused.code not in (NO_ACCESS, UNKNOWN_CHANNEL):
            raise
        return [fail(name, "The bot cannot see it.", "Check the id; invite the bot, and give it View Channel there.")]
    guild = str(found.get("guild_id") or "")
    if not guild:
        return [ok(name, "It is a conversation with the bot.")]
    home = place_of(found, guild).channel
    held = await _granted(rest, guild, found if home == str(found["id"]) else await _channel(rest, home))
    lacking = missing(held)
    if not lacking:
        return [ok(name, "The bot has every permission it wants there.")]
    hint = "Give it to the bot's role, in the channel's settings under Permissions."
    return [
        (fail if one.needed else warn)(name, f"{one.name} is missing. With it the bot {one.purpose}.", hint)
        for one in lacking
    ]


async def _channel(rest: Rest, channel: str) -> Json:
    found: Json = await rest.call("GET", f"/channels/{channel}")
    return found


async def _granted(rest: Rest, guild: str, channel: Json) -> int:
    """What the bot may do there."""
    me = await rest.me()
    roles = await rest.call("GET", f"/guilds/{guild}/roles")
    mine = map(str, (await rest.call("GET", f"/guilds/{guild}/members/{me}")).get("roles") or ())
    return granted(guild, me, mine, roles, channel)


def _intent(app: Json) -> CheckResult:
    name = "discord intent"
    if int(app.get("flags") or 0) & CONTENT:
        return ok(name, f"{INTENT} is on.")
    hint = "Switch it on at discord.com/developers/applications, under Bot."
    return fail(name, f"{INTENT} is off: the gateway refuses the bot, and replies in threads would not be heard.", hint)


def _endpoint(app: Json) -> CheckResult:
    name = "discord interactions"
    if not app.get("interactions_endpoint_url"):
        return ok(name, "They come through the gateway.")
    hint = "Empty Interactions Endpoint URL under General Information."
    return fail(name, "Discord sends them to an address instead of the gateway.", hint)


def _public(app: Json) -> CheckResult:
    name = "discord public bot"
    if app.get("bot_public") is False:
        return ok(name, "Only its owner can invite the bot.")
    hint = f"At discord.com/developers/applications: set Install Link to None, then switch {PUBLIC} off, under Bot."
    return warn(name, "Anybody can invite the bot to a server of their own, and start tasks at your expense.", hint)
