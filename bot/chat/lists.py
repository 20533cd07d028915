"""Lists of tasks and approvals, a line each."""

import re
from collections.abc import Iterable, Sequence

from threadwork.adapters.wording import card_words
from threadwork.adapters.wording.argument_words import arguments_in_a_line
from threadwork.adapters.wording.card_words import amount, one_line
from threadwork.adapters.wording.decision_words import PRIVATE, tool_title, written_since
from threadwork.bot.chat.places import offers
from threadwork.bot.intake.outcome_words import MAX_GOAL
from threadwork.workflows.buttons import Verb, buttons
from threadwork.workflows.inbound import Item, MessageSource, Response
from threadwork.workflows.tasks import TaskRecord, WaitingApproval
from threadwork.workflows.values import Status, preview

MAX_SHOWN = 10  # tasks in a list
MAX_ARGUMENTS = 120  # characters of a call's arguments in a line
APPROVING: tuple[Verb, ...] = ("approve", "approve_task", "always")  # without another look at what will run
MARKUP = re.compile(r"\*\*|~~|`|\]\(|  ")  # what a list might show otherwise than it will run

STATES: dict[Status, str] = {status: words.lower() for status, (_, words) in card_words.STATES.items()}


def short(text: str, limit: int = MAX_GOAL) -> str:
    """The head of a text, on one line."""
    return preview(one_line(text), limit)


def task_line(task: TaskRecord, shows_person: bool = False) -> str:
    who = f" · {task.by.shown}" if shows_person else ""
    return f"**{short(task.goal)}** · {STATES[task.status]}{who} · {amount(task.usd, 'usd')} · `{task.task_id}`"


def task_item(task: TaskRecord, shows_person: bool = False) -> Item:
    return about(task, task_line(task, shows_person))


def about(task: TaskRecord, text: str) -> Item:
    """A line with the way to the task's thread."""
    root = task.sink.thread if task.sink else ""
    return Item(text=text, sink=task.sink, message_id=root)


def task_list(title: str, tasks: Sequence[TaskRecord], nothing: str, shows_person: bool = False) -> Response:
    """`nothing`: what is said of an empty list."""
    if not tasks:
        return Response(text=nothing)
    more = " The newest are shown." if len(tasks) > MAX_SHOWN else ""
    return Response(text=f"{title}{more}", items=tuple(task_item(task, shows_person) for task in tasks[:MAX_SHOWN]))


def which_one(tasks: Sequence[TaskRecord], command: str) -> Response:
    """For a command that names no task where several might be meant."""
    text = f"Which one? Write `{command} <task>` with the beginning of its id."
    return Response(text=text, tone="warning", items=tuple(task_item(task) for task in tasks[:MAX_SHOWN]))


def approval_item(waiting: WaitingApproval, source: MessageSource | None = None) -> Item:
    """It can be approved here only where all that will run is shown. `source`: who is told where."""
    card, task = waiting.card, waiting.task
    shown = PRIVATE if card.private else preview(arguments_in_a_line(card.arguments), MAX_ARGUMENTS)
    text = (
        f"**{tool_title(card)}** {shown}\nfor “{short(task.goal)}” by {task.by.shown}"
        f" · approval `{card.approval_id}` of `{task.task_id}`"
    )
    text += f"\n{written_since(card.since)}" if card.since else ""
    hidden = APPROVING if shown.endswith("…") or MARKUP.search(shown) else ()
    row = tuple(button for button in buttons(task.task_id, card) if button.press.verb not in hidden)
    return about(task, text).model_copy(update={"buttons": row if offers(task, source) else ()})


def always_item(waiting: WaitingApproval, source: MessageSource | None = None) -> Item:
    """The same, to be allowed for good: where that may be, by one button."""
    item = approval_item(waiting, source)
    row = tuple(one.model_copy(update={"menu": False}) for one in item.buttons if one.press.verb == "always")
    why = "" if row else f"\n{ON_ITS_CARD if waiting.card.always else NOT_ALWAYS}"
    return item.model_copy(update={"text": f"{item.text}{why}", "buttons": row})


ON_ITS_CARD = "This is not all that it would run with: choose it on the card, in the thread."
NOT_ALWAYS = "It cannot be allowed for good. Allow it once, or for this task, on its card."


def approval_list(waiting: Iterable[WaitingApproval], source: MessageSource | None = None, how: str = "") -> Response:
    """`how`: what else is said above the list."""
    items = tuple(approval_item(one, source) for one in waiting)
    if not items:
        return Response(text="No approval waits for you.")
    more = f" The first {MAX_SHOWN} are shown." if len(items) > MAX_SHOWN else ""
    count = "An approval waits" if len(items) == 1 else f"{len(items)} approvals wait"
    return Response(text=f"{count} for you.{more}{how}", items=items[:MAX_SHOWN])
