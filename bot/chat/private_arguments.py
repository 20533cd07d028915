"""Arguments that are for those who may decide alone: who that is, and how they are told."""

from threadwork.adapters.wording import argument_words, card_words
from threadwork.adapters.wording.decision_words import EFFECTS, tool_title
from threadwork.bot.chat import windows
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import about, short
from threadwork.bot.chat.rights import Rights
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.buttons import Button, Click, Verb
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.values import Principal

SHOWN = 1_200  # characters where there is no window; what is longer is seen in part, and not allowed there
NOT_YOURS = "Its arguments are shown to those alone who may decide."
GONE = "Nothing is left to decide here: somebody was faster, it was withdrawn, or its time ran out."
LOOK_FIRST = "Its arguments are private. Look at them, then decide. Nothing is allowed yet."


async def check_may_look(ports: BotDependencies, by: Principal, card: ApprovalCard) -> None:
    """Raises `Rejected` unless they may decide on the call, or the arguments are for everybody."""
    if card.private and not await Rights(by, ports.directory).among(card.approvers):
        raise Rejected(NOT_YOURS)


async def shown(context: Context, press: Click) -> Response:
    """The arguments to one person alone, where the platform has no window for them. Raises `Rejected`."""
    card = await windows.card(context.ports, context.threads, press)
    if not isinstance(card, ApprovalCard):
        raise Rejected(GONE)
    await check_may_look(context.ports, context.source.by, card)
    task = await context.ports.tasks.get(press.task_id)
    whole = argument_words.arguments(card.arguments) or "no arguments"
    fits = len(whole) <= SHOWN and "```" not in whole
    code = whole if fits else card_words.excerpt(whole, SHOWN).replace("```", "'''")
    text = f"Allow {tool_title(card)}? {EFFECTS[card.effect]}\n```\n{code}\n```\nNothing is decided yet."
    way = f"for “{short(task.goal)}”" if fits else "This is only a part: the whole is too long to be shown here."
    row = (_button(press, "approve", "Allow once"), _button(press, "deny", "Deny"))
    return Response(text=text, items=(about(task, way).model_copy(update={"buttons": row if fits else row[1:]}),))


def _button(press: Click, verb: Verb, label: str) -> Button:
    style = {"approve": "primary", "deny": "danger"}[verb]
    return Button.model_validate({"label": label, "style": style, "press": press.model_copy(update={"verb": verb})})
