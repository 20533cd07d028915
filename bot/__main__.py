"""The command line. What a command needs is loaded when it runs, so that `--help` is there at once."""

import asyncio
import os
import sys
from typing import Annotated, NoReturn

import typer

from threadwork.bot.cli import config, operator_commands, task_commands
from threadwork.bot.cli.arguments import ended
from threadwork.workflows.platform_registry import titles

app = typer.Typer(
    name="threadwork",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(task_commands.app)
app.add_typer(operator_commands.manifest_app, name="manifest")
app.add_typer(operator_commands.slack_app, name="slack")
app.add_typer(operator_commands.discord_app, name="discord")
app.add_typer(operator_commands.people_app, name="people")
app.add_typer(operator_commands.mcp_app, name="mcp")
app.add_typer(config.app, name="config")

PROCESSES = (["bot"], ["worker"])  # their stderr is a log, for whoever has to find out
TRACEBACK = "THREADWORK_TRACEBACK"  # set: a mistake of ours is told in full


def _tell_version(asked: bool) -> None:
    if asked:
        from threadwork.bot.version import version

        typer.echo(f"threadwork {version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Durable AI agents that work in your chat threads."""


def main() -> None:
    """The console script `threadwork`. Exit codes: 0 done, 1 not, 2 bad usage, 3 it waits for people, 130 stopped."""
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


# --- everything, or one process of it ----------------------------------------------------------------


@app.command()
def up() -> None:
    """Run everything on this machine: servers, worker, bot; and talk with agents here."""
    from threadwork.bot.cli.up import up

    ended(up)


@app.command()
def bot() -> None:
    """Run the bot process: chat connections and HTTP."""
    from threadwork.bot.cli.serve import bot

    ended(bot)


@app.command()
def worker() -> None:
    """Run a worker process: workflows, models and tools."""
    from threadwork.bot.cli.serve import worker

    ended(worker)


@app.command()
def migrate() -> None:
    """Create or upgrade the tables of the database."""
    from threadwork.bot.cli.serve import migrate

    ended(migrate)


@app.command("notes-server")
def notes_server(folder: Annotated[str, typer.Argument(help="Where the notes are.")]) -> None:
    """Serve the notes in a folder to agents, over stdin and stdout (an MCP server)."""
    from threadwork.adapters.tools.notes_server import run

    run(folder)


# --- setting up --------------------------------------------------------------------------------------


@app.command(help=f"Check servers, configuration, models, tools, {titles('and')}, and say how to fix what is wrong.")
def doctor(
    channel: Annotated[str, typer.Option(help=f"A {titles('or')} channel's id.", show_default=False)] = "",
    call: Annotated[bool, typer.Option("--call", help="Test each model; costs a few tokens.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A list of {name, state, detail, hint}.")] = False,
) -> None:
    from threadwork.bot.cli.doctor import doctor

    raise typer.Exit(asyncio.run(doctor(channel, call, as_json)))


if __name__ == "__main__":
    main()
