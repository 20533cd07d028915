"""The command line. What a command needs is loaded when it runs, so that `--help` is there at once."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from threadwork.bot.cli import config

if TYPE_CHECKING:
    from threadwork.bot.settings import Settings

app = typer.Typer(
    name="threadwork",
    help="Durable AI agents that work in your chat threads.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

manifest_app = typer.Typer(help="Print how to set the app up on a chat platform.", no_args_is_help=True)
app.add_typer(manifest_app, name="manifest")
people_app = typer.Typer(help="What is stored about people (for operators).", no_args_is_help=True)
app.add_typer(people_app, name="people")
mcp_app = typer.Typer(help="Tool servers (for operators).", no_args_is_help=True)
app.add_typer(mcp_app, name="mcp")
app.add_typer(config.app, name="config")

PROCESSES = (["bot"], ["worker"])  # their stderr is a log, for whoever has to find out
TRACEBACK = "THREADWORK_TRACEBACK"  # set: a mistake of ours is told in full


def _not_empty(value: str | None) -> str | None:
    """An empty word is a variable of the shell that was not set; it means no task in particular, so none at all."""
    if value is not None and not value.strip():
        raise typer.BadParameter("This is empty.")
    return value


def _word(help: str) -> Any:
    return typer.Argument(help=help, show_default=False, callback=_not_empty)


Task = Annotated[str, _word("A task's id, or how it alone begins.")]
AnyTask = Annotated[str | None, _word("A task's id, or how it alone begins; else the newest open one.")]
OnlyTask = Annotated[str | None, _word("A task's id, or how it alone begins; needed where several are open.")]
Approval = Annotated[str | None, _word("Number of the approval; without it those that wait are listed.")]
Dollars = Annotated[
    float | None, typer.Option(min=0, help="In dollars.", show_default=False, callback=lambda value: _finite(value))
]
Reason = Annotated[str, typer.Option("--reason", help="Shown in the thread.", show_default=False)]


def main() -> None:
    """The console script `threadwork`. Exit codes: 0 done, 1 not, 2 bad usage, 130 stopped by a person."""
    from threadwork.workflows.errors import ThreadworkError

    os.umask(0o077)  # what we write is for its owner: conversations are private
    if any(_is_broken(argument) for argument in sys.argv):
        _give_up("An argument is not valid UTF-8 text.", "Write it again, or set the terminal to UTF-8.", code=2)
    try:
        app(prog_name="threadwork")
    except ThreadworkError as error:
        _give_up(error.detail, error.hint)
    except Exception as error:
        if os.environ.get(TRACEBACK) or sys.argv[1:2] in PROCESSES:
            raise
        _give_up(f"Something went wrong in Threadwork: {error or type(error).__name__}", f"Where: set {TRACEBACK}=1.")


def _give_up(*lines: str, code: int = 1) -> NoReturn:
    print("\n".join(line for line in lines if line), file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _is_broken(argument: str) -> bool:
    """Bytes that are no UTF-8 reach Python as halves of characters."""
    return any("\ud800" <= character <= "\udfff" for character in argument)


def _finite(number: float | None) -> float | None:
    if number is not None and not isfinite(number):
        raise typer.BadParameter("Give a number of dollars, such as 0.50.")
    return number


def _ended(work: "Callable[[Settings], Coroutine[None, None, int]]") -> NoReturn:
    """Do the work, with the settings, and leave with its exit code."""
    from threadwork.bot import logs
    from threadwork.bot.settings import Settings

    logs.write_to()
    raise typer.Exit(asyncio.run(work(Settings.load())))


# --- everything, or one process of it ----------------------------------------------------------------


@app.command()
def up() -> None:
    """Run everything on this machine: servers, worker, bot; and talk with agents here."""
    from threadwork.bot.cli.up import up

    _ended(up)


@app.command()
def bot() -> None:
    """Run the bot process: chat connections and HTTP."""
    from threadwork.bot.cli.serve import bot

    _ended(bot)


@app.command()
def worker() -> None:
    """Run a worker process: workflows, models and tools."""
    from threadwork.bot.cli.serve import worker

    _ended(worker)


@app.command()
def migrate() -> None:
    """Create or upgrade the tables of the database."""
    from threadwork.bot.cli.serve import migrate

    _ended(migrate)


@app.command("notes-server")
def notes_server(folder: Annotated[str, typer.Argument(help="Where the notes are.")]) -> None:
    """Serve the notes in a folder to agents, over stdin and stdout (an MCP server)."""
    from threadwork.adapters.tools.notes_server import run

    run(folder)


# --- setting up --------------------------------------------------------------------------------------


@app.command()
def doctor(
    channel: Annotated[str, typer.Option(help="A Slack or Discord channel's id.", show_default=False)] = "",
    call: Annotated[bool, typer.Option("--call", help="Test each model; costs a few tokens.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A list of {name, state, detail, hint}.")] = False,
) -> None:
    """Check servers, configuration, models, tools, Slack and Discord, and say how to fix what is wrong."""
    from threadwork.bot.cli.doctor import doctor

    raise typer.Exit(asyncio.run(doctor(channel, call, as_json)))


@manifest_app.command("slack")
def manifest_slack(
    url: Annotated[str, typer.Option(help="Where Slack reaches the bot; else Socket Mode.", show_default=False)] = "",
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Threadwork",
    agent: Annotated[bool, typer.Option("--agent", help="Declare it an agent.")] = False,
    oauth: Annotated[bool, typer.Option("--oauth", help="Several workspaces install it; needs --url.")] = False,
) -> None:
    """Print the manifest of the Slack app, for api.slack.com/apps: Create New App, From a manifest."""
    from threadwork.bot.cli import manifest
    from threadwork.workflows.errors import Rejected

    try:
        manifest.slack(url, name, agent, oauth)
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


# --- tasks -------------------------------------------------------------------------------------------


@app.command()
def run(
    goal: Annotated[str, typer.Argument(help="What the agent should achieve.")],
    agent: Annotated[str | None, typer.Option(help="One of threadwork.yaml.", show_default=False)] = None,
    model: Annotated[
        str | None, typer.Option(help="One of threadwork.yaml, or any LiteLLM name.", show_default=False)
    ] = None,
    budget: Dollars = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve everything, take every first option.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One event per line on stdout, nothing else.")] = False,
) -> None:
    """Give an agent a goal and see it through."""
    from threadwork.bot.cli import run as run_commands

    _ended(lambda settings: run_commands.run(settings, goal, agent, model, budget, yes, as_json))


@app.command()
def watch(task: AnyTask = None) -> None:
    """See a task through that was ordered before."""
    from threadwork.bot.cli import run as run_commands

    _ended(lambda settings: run_commands.watch(settings, task))


@app.command()
def tasks(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    parent: Annotated[str | None, typer.Option(metavar="TASK", help="Those that this task delegated.")] = None,
) -> None:
    """List tasks, newest first."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.list_tasks(settings, only_open, limit, parent))


@app.command()
def events(
    task: AnyTask = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")] = False,
) -> None:
    """Print a task's events, one JSON object per line."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.events(settings, task, follow))


@app.command()
def reply(task: Task, text: Annotated[str, typer.Argument(help="What to say.")]) -> None:
    """Say something to a task; one that has ended continues."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.reply(id_, text)))


@app.command()
def answer(task: Task, text: Annotated[str, typer.Argument(help="The answer, or the number of an option.")]) -> None:
    """Answer the question a task waits with."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.answer(settings, task, text))


@app.command()
def approve(
    task: OnlyTask = None,
    approval: Approval = None,
    reason: Reason = "",
    for_task: Annotated[bool, typer.Option("--task", help="This tool, for the rest of the task.")] = False,
) -> None:
    """Let a tool call run."""
    from threadwork.bot.cli import tasks as tasks_commands

    scope: Literal["task"] | None = "task" if for_task else None
    _ended(lambda settings: tasks_commands.decide(settings, task, approval, "approve", reason, scope))


@app.command()
def deny(task: OnlyTask = None, approval: Approval = None, reason: Reason = "") -> None:
    """Do not let a tool call run."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.decide(settings, task, approval, "deny", reason))


@app.command()
def budget(
    task: OnlyTask = None,
    usd: Dollars = None,
    tokens: Annotated[int | None, typer.Option(min=0, show_default=False)] = None,
    iterations: Annotated[int | None, typer.Option(min=0, show_default=False)] = None,
) -> None:
    """Add to what a task may spend."""
    from threadwork.bot.cli import tasks as tasks_commands

    if not (usd or tokens or iterations):
        raise typer.BadParameter("Say how much: --usd, --tokens or --iterations.")
    _ended(
        lambda settings: tasks_commands.click(
            settings, task, lambda client, id_: client.add_budget(id_, usd, tokens, iterations), certain=True
        )
    )


@app.command()
def pause(task: AnyTask = None, reason: Reason = "") -> None:
    """Let the call in progress finish, then wait."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.pause(id_, reason)))


@app.command()
def resume(task: AnyTask = None, reason: Reason = "") -> None:
    """Go on after a pause."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.resume(id_, reason)))


@app.command()
def stop(task: OnlyTask = None, reason: Reason = "") -> None:
    """End a task."""
    from threadwork.bot.cli import tasks as tasks_commands

    _ended(
        lambda settings: tasks_commands.click(
            settings, task, lambda client, id_: client.stop(id_, reason), certain=True
        )
    )


# --- the person --------------------------------------------------------------------------------------


@app.command()
def link(
    what: Annotated[
        str, typer.Argument(help="The code from your other account; or list, or off.", show_default=False)
    ] = "",
) -> None:
    """Make your account on Slack or Discord one with this machine's; without a code, get one for it."""
    from threadwork.bot.cli import link as link_commands

    _ended(lambda settings: link_commands.link(settings, what))


@mcp_app.command("login")
def mcp_login(
    server: Annotated[str, _word("Its name under mcpServers.")],
    port: Annotated[int, typer.Option(help="Port on this machine that the browser returns to; 0: any.")] = 0,
) -> None:
    """Log in to a tool server over HTTP. Workers with the same THREADWORK_HOME use the login."""
    from threadwork.bot.cli import mcp

    _ended(lambda settings: mcp.login(settings, server, port))


@people_app.command("move")
def people_move(
    old: Annotated[str, _word("The old id: platform:workspace:user, such as slack:T0123:U0456.")],
    new: Annotated[str, _word("The new one.")],
) -> None:
    """Move tasks, links and notifications of a person whose id changed on their platform."""
    from threadwork.bot.cli import people

    _ended(lambda settings: people.move(settings, old, new))


if __name__ == "__main__":
    main()
