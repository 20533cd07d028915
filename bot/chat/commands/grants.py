"""`grants [revoke <id>]`: what was allowed for good."""

import re

from threadwork.bot.chat import grants
from threadwork.bot.chat.context import Context
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH

MAX_SHOWN = 10  # of a list
_REVOKE = re.compile(r"(?:revoke|remove|end)\s+`?(?P<id>t[a-z2-7]{1,40}\.\d{1,9})`?", re.I)
NONE = "No tool is allowed for good that you could take back. *Always allow* on an approval does that."


async def handle(context: Context, word: str, rest: str) -> Response:
    """Raises `Rejected` for other words, and `NotFound` for an id that is none."""
    if found := _REVOKE.fullmatch(rest.strip()):
        return await grants.revoked(context, found["id"].lower())
    if rest.strip().lower() not in ("", "list"):
        usage = f"Write `{SLASH} grants`, or `{SLASH} grants revoke <id>`."
        raise Rejected(f"`{SLASH} grants` takes no other word.", usage)
    if context.aloud:
        return Response(text=f"Others can read this. Type `{SLASH} grants`, or write to me directly.", tone="warning")
    return await _list(context)


async def _list(context: Context) -> Response:
    standing = await grants.grants_of(context.ports, context.source.by)
    if not standing:
        return Response(text=NONE)
    items = [await grants.item(context.ports, one) for one in standing[:MAX_SHOWN]]
    more = " The newest are shown." if len(standing) > MAX_SHOWN else ""
    numbered = tuple(
        one.model_copy(update={"text": f"{one.text} · `{of.grant_id}`"})
        for one, of in zip(items, standing, strict=False)
    )
    count = "One tool is" if len(standing) == 1 else f"{len(standing)} tools are"
    return Response(text=f"{count} allowed for good.{more}", items=numbered)
