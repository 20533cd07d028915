"""Lists on a terminal: tasks, and what runs where."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from threadwork.adapters.terminal.live import STATES
from threadwork.adapters.terminal.words import one_line
from threadwork.adapters.wording.card_words import amount
from threadwork.workflows.tasks import TaskRecord

NARROW = 90  # columns below which a list leaves out what matters least
GAP = 3  # columns between two columns
MIN_GOAL_WIDTH = 12  # columns that a goal keeps in any case


def task_table(tasks: Sequence[TaskRecord], now: datetime, width: int = 100) -> RenderableType:
    """One row a task, as they come, in at most `width` columns; it is the goal that gives way."""
    headings = ("Task", "State", "Spent", "Age") if width < NARROW else tuple(CELLS)
    rows = [[CELLS[heading](task, now) for heading in headings] for task in tasks]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    goal_width = max(MIN_GOAL_WIDTH, width - sum(widths) - GAP * len(headings))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in (*headings, "Goal"):
        table.add_column(heading, no_wrap=True, justify="right" if heading in NUMBERS else "left")
    for task, row in zip(tasks, rows, strict=True):
        goal = one_line(task.goal)
        goal.truncate(goal_width, overflow="ellipsis")
        table.add_row(*row, goal)
    return table


CELLS: dict[str, Callable[[TaskRecord, datetime], Text]] = {
    "Task": lambda task, now: one_line(task.task_id),
    "State": lambda task, now: state(task),
    "Agent": lambda task, now: one_line(task.agent),
    "Iteration": lambda task, now: Text(str(task.iteration)),
    "Spent": lambda task, now: Text(amount(task.usd, "usd")),
    "Age": lambda task, now: Text(age(now - task.created_at)),
}
NUMBERS = ("Iteration", "Spent", "Age")


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


def greeting(places: Sequence[tuple[str, str, str]], notes: Sequence[str], warning: str = "") -> RenderableType:
    """What runs (name, address, remark), and sentences beneath."""
    widest = max((len(name) for name, _, _ in places), default=0)
    rows = [_place(name.ljust(widest + 2), address, remark) for name, address, remark in places]
    lines = [Text(), *(one_line(note) for note in notes)] if notes else []
    lines += [Text(), one_line(warning, "bold red")] if warning else []
    return Panel(Group(*rows, *lines), title="Threadwork is up", title_align="left", border_style="cyan", expand=False)


def _place(name: str, address: str, remark: str) -> Text:
    place = Text.assemble((name, "dim"), one_line(address, "bold"))
    return place.append("  ").append_text(one_line(remark, "dim")) if remark else place
