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

SPACING = 30  # columns between the columns, and for headings that are wider than what is under them


def task_table(tasks: Sequence[TaskRecord], now: datetime, width: int = 100) -> RenderableType:
    """One row a task, as they come, in at most `width` columns; it is the goal that gives way."""
    table = Table("Task", "State", "Agent", "Goal", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("Iteration", "Spent", "Age"):
        table.add_column(name, justify="right")
    rows = [_row(task, now) for task in tasks]
    room = max(12, width - max((sum(map(len, row)) for row in rows), default=0) - SPACING)
    for task, row in zip(tasks, rows, strict=True):
        goal = one_line(task.goal)
        goal.truncate(room, overflow="ellipsis")
        table.add_row(*row[:3], goal, *row[3:])
    for column in table.columns:
        column.no_wrap = True
    return table


def _row(task: TaskRecord, now: datetime) -> tuple[Text, ...]:
    """Everything but the goal."""
    return (
        one_line(task.task_id),
        state(task),
        one_line(task.agent),
        Text(str(task.iteration)),
        Text(amount(task.usd, "usd")),
        Text(age(now - task.created_at)),
    )


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
    widest = max((len(name) for name, _, _ in places), default=0)
    rows = [_place(name.ljust(widest + 2), address, remark) for name, address, remark in places]
    lines = [Text(), *(one_line(note) for note in notes)] if notes else []
    return Panel(Group(*rows, *lines), title="Threadwork is up", title_align="left", border_style="cyan", expand=False)


def _place(name: str, address: str, remark: str) -> Text:
    place = Text.assemble((name, "dim"), one_line(address, "bold"))
    return place.append("  ").append_text(one_line(remark, "dim")) if remark else place
