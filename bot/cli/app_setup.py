"""`slack create` and `discord invite`: how the app comes to be, and onto a server."""

from pathlib import Path
from typing import Any

from threadwork.bot.cli import env_file
from threadwork.bot.cli.browser import show
from threadwork.bot.cli.run import tell
from threadwork.bot.settings import Settings
from threadwork.workflows.errors import Rejected


async def create_in_slack(settings: Settings, manifest: dict[str, Any], write: Path | None, browser: bool) -> int:
    """With a configuration token by the API, else by a link. `write`: the file that takes what is known by then.

    Raises `Rejected` and `ChatUnavailable`."""
    from threadwork.adapters.slack.app_creation import create_app, creation_link
    from threadwork.adapters.slack.app_variables import install_page, variables

    token, made = settings.slack_config_token, None
    if token is None:
        tell("Open this link, choose the workspace, then Next and Create: all is filled in.\n")
        show(creation_link(manifest), browser)
    else:
        made = await create_app(token.get_secret_value(), settings.slack_api_url, manifest)
        several = manifest["settings"]["token_rotation_enabled"]
        when = "Once the bot runs, each workspace installs it here" if several else "Install it here"
        tell(f"The app is made: {made.page()}\n\n{when}:\n")
        show(install_page(manifest, made), browser and not several)
    wanted = variables(manifest, made)
    tell("\nThen copy from its pages into .env:\n")
    tell("\n".join(f"  {one.name:<20}  {one.where}" for one in wanted))
    if write:
        _append(write, {one.name: one.value for one in wanted})
    tell("\nthreadwork doctor says what is still missing.")
    return 0


def _append(path: Path, values: dict[str, str]) -> None:
    """Secrets are not repeated on the screen."""
    added = env_file.append(path, values)
    filled, empty = ([name for name in added if bool(values[name]) is full] for full in (True, False))
    left = [name for name in values if name not in added]
    told = (
        (filled, "{path} now has {names}."),
        (empty, "{path} has an empty line for {names}: fill it in."),
        (left, "{path} keeps {names} as before: see that it is this app's."),
    )
    tell("\n" + "\n".join(text.format(path=path, names=", ".join(names)) for names, text in told if names))


async def invite_to_discord(settings: Settings, browser: bool) -> int:
    """Raises `Rejected` and `ChatUnavailable`."""
    from threadwork.adapters.discord.invitation import application, switches
    from threadwork.adapters.discord.manifest import invitation, purposes

    token = settings.discord_bot_token
    if token is None:
        hint = "Set DISCORD_BOT_TOKEN in .env: at discord.com/developers/applications, under Bot, Reset Token."
        raise Rejected("It is not known which app.", hint)
    app = await application(token.get_secret_value(), settings.discord_api_url)
    tell("Open this link and choose the server:\n")
    show(invitation(str(app["id"])), browser)
    tell("\n".join(("\nWith it the bot", *purposes(), "", *switches(app))))
    return 0
