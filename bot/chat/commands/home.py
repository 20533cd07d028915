"""`home`: what is the person's own, in one picture."""

from threadwork.adapters.wording.card_words import amount
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.home import home
from threadwork.bot.chat.words import quoted
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Home, Item, Response
from threadwork.workflows.slash_name import SLASH


async def handle(context: Context, word: str, rest: str) -> Response:
    """With a text and items for platforms that do not draw it.

    Raises `Rejected` where others may read along, and for words that are a goal."""
    if rest.strip():
        raise Rejected(
            f"`{SLASH} home` takes no words.", f"To start a task write `{SLASH} run {quoted(f'home {rest}')}`."
        )
    if context.aloud:
        raise Rejected("What is yours is shown to you alone.", f"Type `{SLASH} home`.")
    found = await home(context.ports, context.threads, context.source.by, context.source)
    return Response(text=_text(found), items=_items(found), home=found)


def _text(found: Home) -> str:
    spent = f"Spent: {amount(found.spent_day, 'usd')} in 24 hours, {amount(found.spent_week, 'usd')} in 7 days."
    own = "Waiting for you, running, and ended lately:" if _items(found) else "No task of yours is running."
    return f"{spent}\n{own}"


def _items(found: Home) -> tuple[Item, ...]:
    waiting = (*(pending.where for pending in found.approvals), *found.questions)
    return (*waiting, *found.running, *(ended.where for ended in found.ended))
