"""`manifest`: what a chat platform is told of the app."""

import json
import sys

from threadwork.bot.settings import Settings
from threadwork.workflows.errors import Rejected


def slack(url: str, name: str, agent: bool, oauth: bool, command: str) -> None:
    """As JSON on stdout. Raises `Rejected`."""
    from threadwork.adapters.slack.manifest import manifest

    sys.stdout.write(json.dumps(manifest(url, name, agent, oauth, command), indent=2, ensure_ascii=False) + "\n")


def discord(application: str) -> None:
    """Link and switches on stdout. `application`: the app's id; empty: as the token tells. Raises `Rejected`."""
    from threadwork.adapters.discord.manifest import application_of, manifest

    token = None if application else Settings.load().discord_bot_token
    known = application or application_of(token.get_secret_value() if token else "")
    if not known:
        raise Rejected("It is not known which app.", "Set DISCORD_BOT_TOKEN in .env, or give --app-id.")
    sys.stdout.write(manifest(known) + "\n")
