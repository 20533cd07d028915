"""What commands of the command line have in common: arguments that several take, and how they do their work."""

import asyncio
from collections.abc import Callable, Coroutine
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from threadwork.bot.settings import Settings


def _not_empty(value: str | None) -> str | None:
    """An empty word is a variable of the shell that was not set; it means no task in particular, so none at all."""
    if value is not None and not value.strip():
        raise typer.BadParameter("This is empty.")
    return value


def word(help: str) -> Any:
    return typer.Argument(help=help, show_default=False, callback=_not_empty)


Task = Annotated[str, word("A task's id, or how it alone begins.")]
AnyTask = Annotated[str | None, word("A task's id, or how it alone begins; else the newest open one.")]
OnlyTask = Annotated[str | None, word("A task's id, or how it alone begins; needed where several are open.")]
Approval = Annotated[str | None, word("Number of the approval; without it those that wait are listed.")]
Dollars = Annotated[
    float | None, typer.Option(min=0, help="In dollars.", show_default=False, callback=lambda value: _finite(value))
]
Reason = Annotated[str, typer.Option("--reason", help="Shown in the thread.", show_default=False)]


def _finite(number: float | None) -> float | None:
    if number is not None and not isfinite(number):
        raise typer.BadParameter("Give a number of dollars, such as 0.50.")
    return number


def ended(work: "Callable[[Settings], Coroutine[None, None, int]]") -> NoReturn:
    """Do the work, with the settings, and leave with its exit code."""
    from threadwork.bot import logs
    from threadwork.bot.settings import Settings

    logs.write_to()
    raise typer.Exit(asyncio.run(work(Settings.load())))
