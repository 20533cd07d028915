"""The app as Discord knows it: what is to be switched before the bot is invited."""

from threadwork.adapters.discord.api.errors import translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.checks import CONTENT, DEAD, NO_DISCORD
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.adapters.discord.manifest import INTENT, PUBLIC, bot_page
from threadwork.workflows.errors import ChatUnavailable, Rejected, SinkGone

HEARS = "it hears replies in a task's thread; without it Discord refuses the connection"


async def application(token: str, api_url: str | None) -> Json:
    """The token's own app: `id`, `flags`, `bot_public` and more. Raises `Rejected` and `ChatUnavailable`."""
    rest = Rest(token, api_url)
    try:
        with translated(""):
            found: Json = await rest.call("GET", "/applications/@me")
            return found
    except SinkGone:
        raise Rejected("Discord does not accept the bot's token.", DEAD) from None
    except ChatUnavailable as away:
        raise ChatUnavailable(away.detail, NO_DISCORD) from None
    finally:
        await rest.close()


def switches(app: Json) -> list[str]:
    """Lines that say what is on, and what to do about what should not be so."""
    page, on = bot_page(str(app["id"])), bool(int(app.get("flags") or 0) & CONTENT)
    told = [f"{INTENT} is on: {HEARS}."] if on else [f"Switch {INTENT} on, at {page}", f"  {HEARS}"]
    if app.get("bot_public") is not False:
        told += [f"Switch {PUBLIC} off, at {page}", "  else anybody may invite it to a server of their own"]
        told += ["  (first set Install Link to None, under Installation)"]
    if app.get("interactions_endpoint_url"):
        told += ["Empty Interactions Endpoint URL, under General Information: commands come through the gateway"]
    return told
