"""Lists on a terminal: tasks, and what runs where."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.terminal import amount
from adapters.terminal_live import STATES
from adapters.terminal_words import one_line
from workflows.tasks import TaskRecord


def task_table(tasks: Sequence[TaskRecord], now: datetime) -> RenderableType:
    """One row a task, as they come."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Task", no_wrap=True, overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Agent", no_wrap=True)
    table.add_column("Goal", ratio=1, no_wrap=True, overflow="ellipsis")
    for name in ("Iteration", "Spent", "Age"):
        table.add_column(name, justify="right", no_wrap=True)
    for task in tasks:
        table.add_row(
            one_line(task.task_id),
            state(task),
            one_line(task.agent),
            one_line(task.goal),
            str(task.iteration),
            amount(task.usd, "usd"),
            age(now - task.created_at),
        )
    return table


def state(task: TaskRecord) -> Text:
    """The state in words; how it ended where that was not with an answer."""
    word, style = STATES[task.status]
    if task.reason and task.reason not in ("goal_achieved", "cancelled", "failed"):
        word, style = task.reason.value.replace("_", " "), "yellow"
    return Text(word, style=style)


def age(span: timedelta) -> str:
    """`5 s`, `12 min`, `3 h` or `2 d`."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def greeting(places: Sequence[tuple[str, str, str]], notes: Sequence[str]) -> RenderableType:
    """What runs (name, address, remark), and sentences beneath."""
    grid = Table.grid(padding=(0, 2))
    for name, address, remark in places:
        grid.add_row(Text(name, style="dim"), one_line(address, "bold"), one_line(remark, "dim"))
    lines = [Text(), *(one_line(note) for note in notes)] if notes else []
    return Panel(Group(grid, *lines), title="Threadwork is up", title_align="left", border_style="cyan", expand=False)
