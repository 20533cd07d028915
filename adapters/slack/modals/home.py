"""What is a person's own, in one picture: the app's Home, and the same as a message that one person sees."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, InteractiveElement, PlainTextObject
from slack_sdk.models.views import View

from threadwork.adapters.slack.cards.approval_card import asked
from threadwork.adapters.slack.cards.blocks import (
    BLOCKS,
    WEIGHT,
    Block,
    actions,
    bold,
    code,
    context,
    cut,
    header,
    mono,
    quote,
    rich,
    section,
    weighed,
    when,
)
from threadwork.adapters.slack.cards.text import fallback
from threadwork.adapters.slack.modals.responses import Link, address, item, line, more, prose_of, told
from threadwork.adapters.slack.modals.views import Window
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import amount, excerpt, one_line
from threadwork.adapters.wording.decision_words import NEVER_EXPIRES, PRIVATE, tool_name
from threadwork.adapters.wording.plain_words import plain
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.inbound import Ended, Home, Pending, Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import EVENT_PREVIEW

START = "home:start"  # how the action ids of the buttons begin that open the form for a task; value: the agent
# Of each kind, so that all stay within a view's 100 blocks: at most three blocks each, two of questions and tasks.
APPROVALS, QUESTIONS, RUNNING, ENDED = 10, 5, 10, 5
AGENTS, SUGGESTED = 10, 3  # agents that are described, and those with a button of their own
DESCRIPTION = 150  # characters of an agent's
SPARE = 1_000  # characters for what stands below the last group
_OURS = re.compile(r":h[aqre]\d+")  # how the action ids of buttons of this picture end

Group = list[Block]  # blocks that stand together, or not at all


def home(home: Home, link: Link) -> Window:
    """The view for `views.publish`. What begins with `home:start` opens the form; the others are presses."""
    blocks = [block for group in _groups(home, link) for block in group]
    made: Window = View(type="home", blocks=[*blocks, *_bottom(home)]).to_dict()
    return made


def home_message(home: Home, link: Link, said: Response | None = None) -> dict[str, Any]:
    """`{"text", "blocks"}` for an ephemeral message: as much as a message takes. `said`: what a click came to."""
    bottom, shown = _bottom(home), [prose_of(told(said))] if said else []
    room = WEIGHT - SPARE - weighed([*shown, *bottom])
    for group in _groups(home, link):
        if (room := room - weighed(group)) < 0 or len(shown) + len(group) + len(bottom) > BLOCKS:
            break
        shown += group
    text = fallback(told(said) if said else "What runs, what waits for you, and what ended lately.")
    return {"text": text, "blocks": [*shown, *bottom]}


def is_of_home(action_id: str) -> bool:
    """Whether a button is one of this picture, wherever that is shown."""
    return bool(_OURS.search(action_id))


def _groups(home: Home, link: Link) -> Iterator[Group]:
    yield _top(home)
    yield from _waiting(home, link)
    yield from _running(home, link)
    yield from _ended(home.ended, link)


def _top(home: Home) -> Group:
    """The form is opened for the usual agent, which is the first one; a button each for the next."""
    named = [name for name, _ in home.agents[1 : 1 + SUGGESTED]]
    usual = home.agents[0][0] if home.agents else None
    label = PlainTextObject(text="Start a task")
    start = ButtonElement(text=label, action_id=START, value=usual, style="primary")
    row: list[InteractiveElement] = [start, *(_ask(name, at) for at, name in enumerate(named, 1))]
    made: Block = ActionsBlock(elements=row).to_dict()
    return [made]


def _ask(name: str, at: int) -> ButtonElement:
    label = PlainTextObject(text=cut(f"Ask {one_line(name)}"))
    return ButtonElement(text=label, action_id=f"{START}:{at}", value=name)


def _waiting(home: Home, link: Link) -> Iterator[Group]:
    if not (home.approvals or home.questions):
        return
    yield [header("Waiting for you")]
    for at, pending in enumerate(home.approvals[:APPROVALS], 1):
        yield _pending(pending, link, f":ha{at}")
    for at, asks in enumerate(home.questions[:QUESTIONS], 1):
        yield item(asks, link, f":hq{at}")
    shown = len(home.approvals[:APPROVALS]) + len(home.questions[:QUESTIONS])
    yield context(*more(len(home.approvals) + len(home.questions), shown))


def _running(home: Home, link: Link) -> Iterator[Group]:
    if not home.running:
        nothing = section("No task of yours is running. Start one here, or type ", mono(f"{SLASH} run"), " and a goal.")
        yield [rich(nothing)]
        return
    yield [header("Your tasks")]
    for at, task in enumerate(home.running[:RUNNING], 1):
        yield item(task, link, f":hr{at}")
    yield context(*more(len(home.running), len(home.running[:RUNNING])))


def _ended(ended: Sequence[Ended], link: Link) -> Iterator[Group]:
    if ended:
        yield [header("Ended lately")]
    for at, one in enumerate(ended[:ENDED], 1):
        answer = [rich(quote(plain(one.answer)))] if one.answer.strip() else []
        yield [line(one.where.text), *answer, *actions(one.where.buttons, f":he{at}", address(one.where, link))]


def _bottom(home: Home) -> list[Block]:
    """Whom the person may ask, and what they spent."""
    day, week = amount(home.spent_day, "usd"), amount(home.spent_week, "usd")
    spent = f"Spent in the last 24 hours: {day}, in the last 7 days: {week}. {SLASH} help lists what you can type."
    if not home.agents:
        return context(spent)
    lines = [(bold(one_line(name) or "?"), f"{_about(about)}\n") for name, about in home.agents[:AGENTS]]
    told = [part for made in lines for part in made]
    return [header("Agents you may ask"), rich(section(*told)), *context(spent)]


def _about(description: str) -> str:
    return f": {one_line(excerpt(description, DESCRIPTION))}" if description.strip() else ""


def _pending(pending: Pending, link: Link, suffix: str) -> Group:
    """Allow stands here only where all that will run is shown."""
    card, whole = pending.card, len(pending.card.arguments) < EVENT_PREVIEW
    goal = excerpt(pending.task.goal, 150, 1)
    ends = ("\nExpires ", when(card.expires_at)) if card.expires else (f"\n{NEVER_EXPIRES}",)
    about = asked(card, f"\nTool: {tool_name(card)}\nFor: {goal}", *ends)
    row = [button for button in buttons(pending.task.task_id, card) if button.press.verb in _offered(whole)]
    return [
        rich(about, code(_arguments(card, whole))),
        *_rest(whole),
        *actions(row, suffix, address(pending.where, link)),
    ]


def _arguments(card: ApprovalCard, whole: bool) -> str:
    if card.private:
        return PRIVATE
    return arguments(card.arguments) if whole else excerpt(arguments(card.arguments), EVENT_PREVIEW, 8)


def _offered(whole: bool) -> tuple[str, ...]:
    return ("approve", "look", "deny") if whole else ("deny",)


def _rest(whole: bool) -> list[Block]:
    return [] if whole else context("This is not all of it: open the thread to see the whole and to approve.")
