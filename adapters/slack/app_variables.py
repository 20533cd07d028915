"""What `.env` needs of a new app, and where each of it is found."""

from typing import Any, NamedTuple

from threadwork.adapters.slack.app_creation import CreatedApp
from threadwork.adapters.slack.oauth import INSTALL, RETURN
from threadwork.workflows.slash_name import AGENT

BASIC = "Basic Information"


class AppVariable(NamedTuple):
    """One line of `.env`."""

    name: str
    where: str  # a page of the app's, and what to do there
    value: str = ""  # empty: only people can fetch it


def variables(manifest: dict[str, Any], made: CreatedApp | None = None) -> list[AppVariable]:
    """`made`: as Slack answered; None: nothing is known yet. No more than this manifest's app needs."""
    settings = manifest["settings"]
    found = []
    if settings["token_rotation_enabled"]:  # several workspaces: each installs it, and brings its own token
        found.append(AppVariable("SLACK_CLIENT_ID", BASIC, made.client_id if made else ""))
        found.append(AppVariable("SLACK_CLIENT_SECRET", BASIC, made.client_secret if made else ""))
    else:
        found.append(AppVariable("SLACK_BOT_TOKEN", "OAuth & Permissions, once it is installed (xoxb-…)"))
    if settings["socket_mode_enabled"]:
        where = f"{BASIC}, App-Level Tokens: generate one with the scope connections:write (xapp-…)"
        found.append(AppVariable("SLACK_APP_TOKEN", where))
    else:
        found.append(AppVariable("SLACK_SIGNING_SECRET", BASIC, made.signing_secret if made else ""))
    if "agent_view" in manifest["features"]:
        found.append(AppVariable("SLACK_AGENT", "true, as it is declared an agent", "true"))
    if (called := manifest["features"]["slash_commands"][0]["command"]) != AGENT:
        found.append(AppVariable("SLACK_COMMAND", f"{called}, as its slash command is called", called))
    return found


def install_page(manifest: dict[str, Any], made: CreatedApp) -> str:
    """Where it is installed: at the bot's own address by each workspace, else at Slack's by whoever made it."""
    returns = manifest["oauth_config"].get("redirect_urls")
    return str(returns[0]).replace(RETURN, INSTALL) if returns else made.page("install-on-team")
