"""A plan as Slack's own block, which folds and stays as people left it, and as a list where Slack refuses the block.

The SDK has no class for it yet. Slack keeps a plan unfolded over edits only while its `block_id` stays the same."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from threadwork.adapters.chat.status_words import PLAN, checklist
from threadwork.adapters.slack.cards.blocks import Block, Inline, bold, rich, section, struck
from threadwork.adapters.slack.cards.text import literal
from threadwork.adapters.wording.card_words import PLAN_SIGNS, excerpt, one_line
from threadwork.workflows.run_events import PlanItem

BLOCK_ID = "plan"
MAX_TASKS = 50  # of a plan block; documented
ITEM = 100  # characters: fifty of them fit into one message beside everything else
STATUSES = {"todo": "pending", "doing": "in_progress", "done": "complete"}
STATES = {"pending": "todo", "in_progress": "doing", "complete": "done", "error": "doing"}


class Shortened(NamedTuple):
    """Part of a plan; what is left out is counted."""

    done: int
    items: Sequence[PlanItem]
    to_come: int


def shortened(items: Sequence[PlanItem], most: int = MAX_TASKS) -> Shortened:
    """At most so many tasks, those that stand for others counted: the oldest finished ones go first."""
    if len(items) <= most:
        return Shortened(0, items, 0)
    finished = [number for number, item in enumerate(items) if item.state == "done"]
    gone = set(finished[: len(items) - most + 1])
    kept = [item for number, item in enumerate(items) if number not in gone]
    room = most - bool(gone)
    if len(kept) <= room:
        return Shortened(len(gone), kept, 0)
    return Shortened(len(gone), kept[: room - 1], len(kept) - room + 1)


def plan_block(items: Sequence[PlanItem], failed: bool = False) -> Block:
    """`failed`: the task came to its end on what it was doing."""
    short = shortened(items)
    titles = [
        *([(f"{short.done} more done", "complete")] if short.done else []),
        *(
            (_title(item), "error" if failed and item.state == "doing" else STATUSES[item.state])
            for item in short.items
        ),
        *([(f"{short.to_come} more to come", "pending")] if short.to_come else []),
    ]
    tasks = [
        {"type": "task_card", "task_id": str(number), "title": title, "status": status}
        for number, (title, status) in enumerate(titles, 1)
    ]
    return {"type": "plan", "block_id": BLOCK_ID, "title": _heading(items), "tasks": tasks}


def _heading(items: Sequence[PlanItem]) -> str:
    """All that is seen of a plan while it is folded, as it is on a phone."""
    done = sum(item.state == "done" for item in items)
    doing = next((f" · {_title(item)}" for item in items if item.state == "doing"), "")
    return f"{done} of {len(items)} done{doing}"


def as_list(block: Block) -> Block:
    """The same plan in rich text, as every workspace takes it."""
    items = (
        PlanItem.model_validate({"text": task["title"], "state": STATES[task["status"]]}) for task in block["tasks"]
    )
    return rich(section(*plan_lines(tuple(items))))


def plan_lines(items: Sequence[PlanItem], most: int = PLAN) -> list[Inline]:
    """A checklist of at most so many items, around what is being done; the others are counted."""
    made = checklist(items, most)
    above: list[list[Inline]] = [[made.above]] if made.above else []
    below: list[list[Inline]] = [[made.below]] if made.below else []
    return _joined([*above, *map(_line, made.items), *below])


def _title(item: PlanItem) -> str:
    return literal(one_line(excerpt(item.text, ITEM))) or "…"


def _line(item: PlanItem) -> list[Inline]:
    text = one_line(excerpt(item.text, ITEM)) or "…"
    shown = {"done": struck, "doing": bold}.get(item.state)
    return [f"{PLAN_SIGNS[item.state]} ", shown(text) if shown else text]


def _joined(lines: Iterable[list[Inline]]) -> list[Inline]:
    return [part for number, line in enumerate(lines) for part in (["\n"] if number else []) + line]
