"""`link [code|list|off]`: accounts of several platforms that are one person's."""

import re
from collections.abc import Awaitable, Callable

from threadwork.bot.chat.commands import link_answers
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.words import Words
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH

# With its hyphen, which phones may lengthen: without it a goal's word may look the same.
_CODE = re.compile(r"`?[A-Za-z0-9]{4}[-‐‑–—][A-Za-z0-9]{4}`?")


async def handle(context: Context, word: str, rest: str) -> Response:
    """Raises `Rejected` for a code that cannot be used."""
    act = ACTS.get(rest.strip().lower())
    return await act(context) if act else await _join(context, rest)


def is_meant(words: Words) -> bool:
    """Whether a message to the bot is this command, rather than a goal that begins with the word."""
    return words.word == "link" and (words.rest.lower() in ACTS or _CODE.fullmatch(words.rest) is not None)


def not_here() -> Response:
    text = f"Others can read this. Type `{SLASH} link`, or write to me directly: the answer is for you alone."
    return Response(text=text, tone="warning")


async def _offer(context: Context) -> Response:
    """A code is for one person's eyes."""
    if context.aloud:
        return not_here()
    return link_answers.offered(await context.ports.people.offer(context.source.by))


async def _join(context: Context, code: str) -> Response:
    """Also where others can read it: a code that was used is worth nothing to them."""
    return link_answers.joined(await context.ports.people.join(context.source.by, code))


async def _list(context: Context) -> Response:
    return (
        not_here() if context.aloud else link_answers.accounts(await context.ports.people.accounts(context.source.by))
    )


async def _off(context: Context) -> Response:
    before = await context.ports.people.accounts(context.source.by)
    await context.ports.people.leave(context.source.by)
    return link_answers.parted(before)


ACTS: dict[str, Callable[[Context], Awaitable[Response]]] = {"": _offer, "list": _list, "off": _off}
