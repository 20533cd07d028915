"""The part of the terminal that changes: where a task stands, its plan, and what it is writing."""

from datetime import datetime, timedelta
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from threadwork.adapters.terminal.words import one_line
from threadwork.adapters.wording.card_words import children, clean, playing, spent, step, tightest
from threadwork.workflows.cards import StatusCard, ThreadView
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.values import Status

STATES: dict[Status, tuple[str, str]] = {
    Status.QUEUED: ("starting", "yellow"),
    Status.RUNNING: ("working", "green"),
    Status.PAUSED: ("paused", "yellow"),
    Status.WAITING_APPROVAL: ("waits for your approval", "magenta"),
    Status.WAITING_ANSWER: ("waits for your answer", "magenta"),
    Status.WAITING_BUDGET: ("waits for more budget", "magenta"),
    Status.COMPLETED: ("done", "green"),
    Status.FAILED: ("failed", "red"),
    Status.CANCELLED: ("stopped", "yellow"),
}
SIGNS = {"todo": ("○", "dim"), "doing": ("▸", "bold"), "done": ("✓", "green")}
TAIL = 6  # lines of what is being written
BAR = 12  # cells of the spending bar
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def live(view: ThreadView, text: str, now: datetime, width: int, height: int) -> RenderableType:
    """At most `height` lines of `width` cells: first the head, then what is newest of the rest.

    `text` is what the model is writing, so far."""
    status = view.status
    if status.status.ended:
        return head(status, now, width)
    fixed = [head(status, now, width), *doing(status, now)]
    room = max(0, height - len(fixed))
    shown = _plan(status.plan, room)
    return Group(*_cut([fixed[0], *shown, *fixed[1:]], width), *_tail(text, width, room - len(shown)))


def head(status: StatusCard, now: datetime, width: int = 80) -> Text:
    """`● working · step 3 of 50 · $0.01 of $1.00 · 0:42`; a verbose agent's has a bar, where there is room."""
    word, style = STATES[status.status]
    if status.status is Status.COMPLETED and status.reason not in ("", "goal_achieved"):
        word, style = status.reason.replace("_", " "), "yellow"
    parts = [Text.assemble(("● ", style), (word, f"bold {style}"))]
    if status.iteration:
        parts.append(Text(step(status.iteration, status.max_iterations)))
    wide = status.verbosity == "verbose" and width >= 72 + len(playing(status.model))
    parts.append(spending(status, BAR if wide else 0))
    if status.started_at:
        parts.append(Text(elapsed((status.ended_at or now) - status.started_at)))
    if status.status is Status.PAUSED and status.reason:
        parts.append(one_line(status.reason, "dim"))
    return Text(" · ", style="dim").join(parts)


def spending(status: StatusCard, cells: int = BAR) -> Text:
    """What is spent, of what, and a bar of `cells` cells where there is a limit."""
    _, used, limit = tightest(status)
    if limit is None:
        return Text(spent(status))
    share = min(1.0, used / limit) if limit else 1.0
    full = round(share * cells)
    style = "red" if share >= 0.8 else "yellow" if share >= 0.5 else "green"
    bar = Text.assemble(" ", ("━" * full, style), ("─" * (cells - full), "dim")) if cells else Text()
    return Text.assemble(spent(status), bar)


def doing(status: StatusCard, now: datetime) -> list[Text]:
    """What it does right now, and what those do that it delegated to: a line each, or none."""
    below = [Text.assemble("    ", one_line(line, "dim")) for line in children(status)]
    if not status.doing or status.status is not Status.RUNNING:
        return below
    frame = SPINNER[int(now.timestamp() * 8) % len(SPINNER)]
    return [Text.assemble((f"  {frame} ", "cyan"), one_line(status.doing, "cyan")), *below]


def plan(items: tuple[PlanItem, ...]) -> list[Text]:
    """The plan as a checklist."""
    return [Text.assemble("  ", (SIGNS[item.state][0], SIGNS[item.state][1]), " ", _item(item)) for item in items]


def elapsed(span: timedelta) -> str:
    """`0:42`, `12:05`, `3:00:10` or `2 d 3 h`."""
    if span.days > 0:
        return f"{span.days} d {span.seconds // 3_600} h"
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _item(item: PlanItem) -> Text:
    return one_line(item.text, {"done": "dim", "doing": "bold"}.get(item.state, ""))


def _plan(items: tuple[PlanItem, ...], room: int) -> list[Text]:
    """The whole plan, or the part of it around what is being done."""
    lines = plan(items)
    if len(lines) <= room:
        return lines
    at = next((n for n, item in enumerate(items) if item.state != "done"), 0)
    start = max(0, min(at - 1, len(lines) - room))
    return lines[start : start + room]


def _tail(text: str, width: int, room: int) -> list[Text]:
    """The last lines of a text that is being written."""
    if room <= 0 or not text.strip():
        return []
    room, wide = min(room, TAIL), max(2, width - 4)
    newest = Text("\n".join(clean(text).strip().splitlines()[-room:]), style="dim")
    folded = newest.wrap(Console(file=StringIO(), width=wide), wide)
    return [Text.assemble(("  │ ", "dim"), line, no_wrap=True, overflow="crop") for line in folded[-room:]]


def _cut(lines: list[Text], width: int) -> list[Text]:
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines
