"""Commands of the command line that are about tasks, and about the person whose they are."""

from typing import Annotated

import typer

from threadwork.bot.cli.arguments import AnyTask, Approval, Dollars, OnlyTask, Reason, Task, ended
from threadwork.workflows.grants import GrantScope
from threadwork.workflows.platform_registry import titles

app = typer.Typer()


@app.command()
def run(
    goal: Annotated[str, typer.Argument(help="What the agent should achieve.")],
    agent: Annotated[str | None, typer.Option(help="One of threadwork.yaml.", show_default=False)] = None,
    model: Annotated[
        str | None, typer.Option(help="One of threadwork.yaml, or any LiteLLM name.", show_default=False)
    ] = None,
    budget: Dollars = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Allow everything, take every first option.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One event per line on stdout, nothing else.")] = False,
) -> None:
    """Give an agent a goal and see it through."""
    from threadwork.bot.cli import run as run_commands

    ended(lambda settings: run_commands.run(settings, goal, agent, model, budget, yes, as_json))


@app.command()
def watch(
    task: AnyTask = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="In a pipe: go on while it waits for people; else that is exit code 3.")
    ] = False,
) -> None:
    """See a task through that was ordered before."""
    from threadwork.bot.cli import run as run_commands

    ended(lambda settings: run_commands.watch(settings, task, wait))


@app.command()
def tasks(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    parent: Annotated[str | None, typer.Option(metavar="TASK", help="Those that this task delegated.")] = None,
) -> None:
    """List tasks, newest first."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.list_tasks(settings, only_open, limit, parent))


@app.command()
def events(
    task: AnyTask = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")] = False,
) -> None:
    """Print a task's events, one JSON object per line."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.events(settings, task, follow))


@app.command()
def reply(task: Task, text: Annotated[str, typer.Argument(help="What to say.")]) -> None:
    """Say something to a task; one that has ended continues."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.reply(id_, text)))


@app.command()
def answer(task: Task, text: Annotated[str, typer.Argument(help="The answer, or the number of an option.")]) -> None:
    """Answer the question a task waits with."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.answer(settings, task, text))


@app.command()
def approve(
    task: OnlyTask = None,
    approval: Approval = None,
    reason: Reason = "",
    for_task: Annotated[bool, typer.Option("--task", help="This tool, for the rest of the task.")] = False,
    always: Annotated[
        GrantScope | None,
        typer.Option(help="This tool for good: in tasks of who asked, of the channel, or of everybody."),
    ] = None,
    days: Annotated[float | None, typer.Option(min=0.001, help="With --always: for how long.")] = None,
) -> None:
    """Let a tool call run."""
    from threadwork.bot.cli import tasks as tasks_commands
    from threadwork.workflows.grants import GrantWish, Scope

    if (always and for_task) or (days and not always):
        raise typer.BadParameter("Choose --task, or --always with --days or without.")
    scope: Scope | None = "always" if always else "task" if for_task else None
    wish = GrantWish(scope=always, seconds=days and days * 86_400) if always else None
    ended(lambda settings: tasks_commands.decide(settings, task, approval, "approve", reason, scope, wish))


@app.command()
def grants(
    revoke: Annotated[
        str | None, typer.Option(metavar="ID", help="Take this one back: people are asked again.", show_default=False)
    ] = None,
    ended_too: Annotated[bool, typer.Option("--all", help="Also those taken back, or over.")] = False,
) -> None:
    """List what runs without asking because somebody always allowed it, or take one back."""
    from threadwork.bot.cli import grants as grants_commands

    ended(lambda settings: grants_commands.grants(settings, revoke, ended_too))


@app.command()
def deny(task: OnlyTask = None, approval: Approval = None, reason: Reason = "") -> None:
    """Do not let a tool call run."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.decide(settings, task, approval, "deny", reason))


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
    ended(
        lambda settings: tasks_commands.click(
            settings, task, lambda client, id_: client.add_budget(id_, usd, tokens, iterations), certain=True
        )
    )


@app.command()
def pause(task: AnyTask = None, reason: Reason = "") -> None:
    """Let the call in progress finish, then wait."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.pause(id_, reason)))


@app.command()
def resume(task: AnyTask = None, reason: Reason = "") -> None:
    """Go on after a pause."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(lambda settings: tasks_commands.click(settings, task, lambda client, id_: client.resume(id_, reason)))


@app.command()
def stop(task: OnlyTask = None, reason: Reason = "") -> None:
    """End a task."""
    from threadwork.bot.cli import tasks as tasks_commands

    ended(
        lambda settings: tasks_commands.click(
            settings, task, lambda client, id_: client.stop(id_, reason), certain=True
        )
    )


@app.command(help=f"Make your account on {titles('or')} one with this machine's; without a code, get one for it.")
def link(
    what: Annotated[
        str, typer.Argument(help="The code from your other account; or list, or off.", show_default=False)
    ] = "",
) -> None:
    from threadwork.bot.cli import link as link_commands

    ended(lambda settings: link_commands.link(settings, what))
