"""`link [code|list|off]`: accounts of several platforms that are one person's."""

import re
from collections.abc import Awaitable, Callable

from bot.chat import linked
from bot.chat.commands import SLASH, Words
from bot.chat.request import Request
from workflows.inbound import Response

# With its hyphen, which phones may lengthen: without it a goal's word may look the same.
_CODE = re.compile(r"`?[A-Za-z0-9]{4}[-‐‑–—][A-Za-z0-9]{4}`?")
NOT_HERE = Response(
    text=f"Others can read this. Type `{SLASH} link`, or write to me directly: the answer is for you alone.",
    tone="warning",
)


async def command(request: Request, rest: str) -> Response:
    """Raises `Rejected` for a code that cannot be used."""
    act = ACTS.get(rest.strip().lower())
    return await act(request) if act else await _join(request, rest)


def is_meant(words: Words) -> bool:
    """Whether a message to the bot is this command, rather than a goal that begins with the word."""
    return words.word == "link" and (words.rest.lower() in ACTS or _CODE.fullmatch(words.rest) is not None)


async def _offer(request: Request) -> Response:
    """A code is for one person's eyes."""
    if request.aloud:
        return NOT_HERE
    return linked.offered(await request.ports.people.offer(request.origin.by))


async def _join(request: Request, code: str) -> Response:
    """Also where others can read it: a code that was used is worth nothing to them."""
    return linked.joined(await request.ports.people.join(request.origin.by, code))


async def _list(request: Request) -> Response:
    return NOT_HERE if request.aloud else linked.accounts(await request.ports.people.accounts(request.origin.by))


async def _off(request: Request) -> Response:
    before = await request.ports.people.accounts(request.origin.by)
    await request.ports.people.leave(request.origin.by)
    return linked.parted(before)


ACTS: dict[str, Callable[[Request], Awaitable[Response]]] = {"": _offer, "list": _list, "off": _off}
