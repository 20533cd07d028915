"""How the app gets onto a server: an invitation with the least permissions, and what to switch on."""

import base64
import binascii
from urllib.parse import urlencode

from threadwork.adapters.discord.permissions import PERMISSIONS, number
from threadwork.workflows.errors import Rejected

AUTHORIZE = "https://discord.com/oauth2/authorize"
SCOPES = "bot applications.commands"
INTENT = "Message Content Intent"
PUBLIC = "Public Bot"


def manifest(application: str) -> str:
    """As text for people. `application`: the app's id. Raises `Rejected` for what is no id."""
    if not (application.isdigit() and 15 <= len(application) <= 20):
        raise Rejected("An application's id has 15 to 20 digits.", "Copy it from General Information, Application ID.")
    lines = [
        "Invite the bot to a server:",
        invitation(application),
        "",
        f"Switch on, at {bot_page(application)}",
        f"  {INTENT}: it hears replies in threads",
        "Switch off, on the same page",
        f"  {PUBLIC}: else anybody may invite it to a server of their own",
        "  (first set Install Link to None, under Installation)",
        "Leave Interactions Endpoint URL empty: commands come through the gateway.",
        "",
        "With that link it",
        *purposes(),
    ]
    return "\n".join(lines)


def purposes() -> list[str]:
    """What the bot does with each permission, a line each."""
    return [f"  {permission.purpose} ({permission.name})" for permission in PERMISSIONS]


def bot_page(application: str) -> str:
    """Where the bot's switches are."""
    return f"https://discord.com/developers/applications/{application}/bot"


def invitation(application: str) -> str:
    """The link. `application`: the app's id."""
    query = {"client_id": application, "scope": SCOPES, "permissions": number()}
    return f"{AUTHORIZE}?{urlencode(query)}"


def application_of(token: str) -> str:
    """A bot's token begins with its app's id. Empty where this one does not."""
    first = token.partition(".")[0]
    try:
        found = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return found if found.isdigit() else ""
