"""Groups of commands for whoever sets Threadwork up: apps of the chat platforms, tool servers, people."""

from pathlib import Path
from typing import Annotated

import typer

from threadwork.bot.cli.arguments import ended, word
from threadwork.workflows.slash_name import AGENT

manifest_app = typer.Typer(help="Print how to set the app up on a chat platform.", no_args_is_help=True)
slack_app = typer.Typer(help="The Slack app.", no_args_is_help=True)
discord_app = typer.Typer(help="The Discord app.", no_args_is_help=True)
people_app = typer.Typer(help="What is stored about people (for operators).", no_args_is_help=True)
mcp_app = typer.Typer(help="Tool servers (for operators).", no_args_is_help=True)

SlackUrl = Annotated[
    str, typer.Option("--url", help="Where Slack reaches the bot; else Socket Mode.", show_default=False)
]
AppName = Annotated[str, typer.Option("--name", help="What the app is called.")]
AsAgent = Annotated[
    bool, typer.Option("--agent/--no-agent", help="Declare it an agent, as Slack wants it of new apps.")
]
ByOAuth = Annotated[bool, typer.Option("--oauth", help="Several workspaces install it; needs --url.")]
Called = Annotated[str, typer.Option("--command", help="What its slash command is called.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the link where there is a browser.")]


@manifest_app.command("slack")
def manifest_slack(
    url: SlackUrl = "",
    name: AppName = "Threadwork",
    agent: AsAgent = True,
    oauth: ByOAuth = False,
    command: Called = AGENT,
) -> None:
    """Print the manifest of the Slack app, for api.slack.com/apps: Create New App, From a manifest."""
    from threadwork.bot.cli import manifest
    from threadwork.workflows.errors import Rejected

    try:
        manifest.slack(url, name, agent, oauth, command)
    except Rejected as error:
        raise typer.BadParameter(str(error)) from None


@manifest_app.command("discord")
def manifest_discord(
    app_id: Annotated[str, typer.Option(help="The app's id; else DISCORD_BOT_TOKEN tells.", show_default=False)] = "",
) -> None:
    """Print the link that invites the bot to a server, and what to switch on for it."""
    from threadwork.bot.cli import manifest
    from threadwork.workflows.errors import ThreadworkError

    try:
        manifest.discord(app_id)
    except ThreadworkError as error:
        raise typer.BadParameter(str(error)) from None


@slack_app.command("create")
def slack_create(
    url: SlackUrl = "",
    name: AppName = "Threadwork",
    agent: AsAgent = True,
    oauth: ByOAuth = False,
    command: Called = AGENT,
    write: Annotated[
        Path | None, typer.Option(help="File that takes what .env needs; nothing there is changed.", show_default=False)
    ] = None,
    browser: Browser = True,
) -> None:
    """Make the Slack app: with SLACK_CONFIG_TOKEN by itself, else by a link with everything filled in."""
    from threadwork.adapters.slack.manifest import manifest
    from threadwork.bot.cli import app_setup
    from threadwork.workflows.errors import Rejected

    try:
        wanted = manifest(url, name, agent, oauth, command)
    except Rejected as error:
        raise typer.BadParameter(str(error)) from None
    ended(lambda settings: app_setup.create_in_slack(settings, wanted, write, browser))


@discord_app.command("invite")
def discord_invite(browser: Browser = True) -> None:
    """Print the link that invites the bot of DISCORD_BOT_TOKEN to a server, and what is still to be switched."""
    from threadwork.bot.cli import app_setup

    ended(lambda settings: app_setup.invite_to_discord(settings, browser))


@mcp_app.command("login")
def mcp_login(
    server: Annotated[str, word("Its name under mcpServers.")],
    port: Annotated[int, typer.Option(help="Port on this machine that the browser returns to; 0: any.")] = 0,
) -> None:
    """Log in to a tool server over HTTP. Workers with the same THREADWORK_HOME use the login."""
    from threadwork.bot.cli import mcp

    ended(lambda settings: mcp.login(settings, server, port))


@people_app.command("move")
def people_move(
    old: Annotated[str, word("The old id: platform:workspace:user, such as slack:T0123:U0456.")],
    new: Annotated[str, word("The new one.")],
) -> None:
    """Move tasks, links and notifications of a person whose id changed on their platform."""
    from threadwork.bot.cli import people

    ended(lambda settings: people.move(settings, old, new))
