"""`threadwork grants`: what was allowed for good."""

from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.card_words import clean
from threadwork.bot.cli.reach import connected
from threadwork.bot.cli.run import tell
from threadwork.bot.client.api import GrantEntry
from threadwork.bot.settings import Settings

NONE = "No tool is allowed for good."


async def grants(settings: Settings, revoke: str | None, ended: bool) -> int:
    """`revoke`: the id of one to take back. `ended`: list those, too, that were taken back or are over."""
    async with connected(settings) as client:
        if revoke:
            tell((await client.revoke_grant(revoke)).detail)
            return 0
        found = await client.grants(ended)
    tell("\n".join(map(_line, found)) or NONE)
    return 0


def _line(entry: GrantEntry) -> str:
    grant = entry.grant
    gone = f"taken back {grant_words.day(grant.revoked_at)}" if grant.revoked_at else grant_words.until(grant)
    parts = (entry.grant_id, grant.tool, f"agent {grant.agent}", grant_words.whose(grant), gone)
    return clean("  ".join(filter(None, (*parts, f"by {grant_words.givers(grant)}"))))
