"""A person's own page, and answers that only one person sees."""

from collections.abc import Callable, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, PlainTextObject
from slack_sdk.models.views import View

from threadwork.adapters.slack.cards.approval_card import asked
from threadwork.adapters.slack.cards.blocks import (
    LINE,
    WEIGHT,
    Block,
    actions,
    code,
    context,
    cut,
    header,
    mono,
    mrkdwn,
    prose,
    rich,
    section,
    weighed,
    when,
)
from threadwork.adapters.slack.cards.text import fallback, markdown
from threadwork.adapters.slack.cards.text import mrkdwn as translated
from threadwork.adapters.slack.modals.views import Window
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import amount, excerpt
from threadwork.adapters.wording.decision_words import NEVER_EXPIRES, PRIVATE, tool_name
from threadwork.workflows.buttons import buttons
from threadwork.workflows.inbound import Home, Item, Pending, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import EVENT_PREVIEW

Link = Callable[[Sink, str], str]  # address of a message (sink, message id); empty: not known
START = "home:start"  # action id of the button that opens the form for a task
RUNNING = 15  # tasks shown
APPROVALS = 15  # approvals shown
ITEMS = 15  # lines of an answer
ITEM = 600  # characters of a line
ANSWER = 5_000  # characters of an answer to one person
SPARE = 200  # characters for the line that counts the rest


def home(home: Home, link: Link) -> Window:
    """The view for `views.publish`. The button `home:start` opens the form; the others are presses."""
    blocks = [*_top(home), *_approvals(home, link), *_running(home, link)]
    made: Window = View(type="home", blocks=blocks).to_dict()
    return made


def response(response: Response, link: Link) -> dict[str, Any]:
    """`{"text", "blocks"}` for an ephemeral message, in one message."""
    warning = "⚠️ " if response.tone == "warning" else ""
    said = warning + (excerpt(response.text, ANSWER) or "…")
    text = prose(cut(markdown(said), ANSWER))
    return {"text": fallback(said), "blocks": [text, *_items(response.items, link, WEIGHT - ANSWER - SPARE)]}


def _items(items: Sequence[Item], link: Link, room: int) -> list[Block]:
    """As many items as there is room for, in characters, and how many there are more."""
    shown: list[list[Block]] = []
    for at, item in enumerate(items[:ITEMS], 1):
        made = _item(item, link, f":{at}")
        if (room := room - weighed(made)) < 0:
            break
        shown.append(made)
    return [block for made in shown for block in made] + context(*_more(len(items), len(shown)))


def _top(home: Home) -> list[Block]:
    start = ButtonElement(text=PlainTextObject(text="Start a task"), action_id=START, style="primary")
    row: Block = ActionsBlock(elements=[start]).to_dict()
    return [rich(section(f"Spent in the last seven days: {amount(home.spent_week, 'usd')}")), row]


def _approvals(home: Home, link: Link) -> list[Block]:
    if not home.approvals:
        return []
    shown = enumerate(home.approvals[:APPROVALS], 1)
    waiting = [block for at, pending in shown for block in _pending(pending, link, f":a{at}")]
    return [header("Waiting for you"), *waiting, *context(*_more(len(home.approvals), APPROVALS))]


def _running(home: Home, link: Link) -> list[Block]:
    if not home.running:
        return [
            rich(section("No task of yours is running. Start one here, or type ", mono("/agent run"), " and a goal."))
        ]
    shown = enumerate(home.running[:RUNNING], 1)
    tasks = [block for at, item in shown for block in _item(item, link, f":r{at}")]
    return [header("Your tasks"), *tasks, *context(*_more(len(home.running), RUNNING))]


def _pending(pending: Pending, link: Link, suffix: str) -> list[Block]:
    """Approve stands here only where all that will run is shown."""
    card, whole = pending.card, len(pending.card.arguments) < EVENT_PREVIEW
    goal = excerpt(pending.task.goal, 150, 1)
    ends = ("\nExpires ", when(card.expires_at)) if card.expires else (f"\n{NEVER_EXPIRES}",)
    about = asked(card, f"\nTool: {tool_name(card)}\nFor: {goal}", *ends)
    row = [button for button in buttons(pending.task.task_id, card) if button.press.verb in _offered(whole)]
    shown = (
        PRIVATE
        if card.private
        else arguments(card.arguments)
        if whole
        else excerpt(arguments(card.arguments), EVENT_PREVIEW, 8)
    )
    return [rich(about, code(shown)), *_rest(whole), *actions(row, suffix, _address(pending.where, link))]


def _offered(whole: bool) -> tuple[str, ...]:
    return ("approve", "deny") if whole else ("deny",)


def _rest(whole: bool) -> list[Block]:
    return [] if whole else context("This is not all of it: open the thread to see the whole and to approve.")


def _item(item: Item, link: Link, suffix: str) -> list[Block]:
    return [mrkdwn(_line(item.text)), *actions(item.buttons, suffix, _address(item, link))]


def _line(text: str) -> str:
    made = translated(excerpt(text, ITEM))
    return made if len(made) <= LINE else translated(excerpt(text, ITEM // 6))


def _address(item: Item, link: Link) -> str:
    return link(item.sink, item.message_id) if item.sink and item.message_id else ""


def _more(number: int, shown: int) -> tuple[str, ...]:
    return (f"… and {number - shown} more. Type /agent list to see all.",) if number > shown else ()
