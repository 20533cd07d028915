"""What people wrote, from Slack's markup to plain words: `<#C1|general>` is `#general`, `<@U1|ann>` is `@ann`."""

import html
import re
from collections.abc import Callable, Mapping

from threadwork.adapters.chat.message_parsing import Named, ParsedMessage, without_ending

_TOKEN = re.compile(r"<([^<>\n]{1,3000})>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,30})>")  # without a name in it


def people_in(text: str) -> tuple[str, ...]:
    """Ids of people whose names are not in the text itself."""
    return tuple(dict.fromkeys(_USER.findall(text)))


def parse_message(text: str, names: Mapping[str, str] | None = None, bot_user: str = "") -> ParsedMessage:
    """`names`: of people, by id. The bot's own mentions at the beginning are left out: they only call it."""
    own = rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>"
    called = re.sub(rf"^(?:\s*{own}[:,]?\s*)+", "", text) if bot_user else text
    named = Named()

    def words(said: str) -> str:
        return html.unescape(_TOKEN.sub(lambda found: _word(found[1], names or {}, named), said)).strip()

    return named.in_words(words(called), words(without_ending(called, own)) if bot_user else "")


def _word(token: str, names: Mapping[str, str], named: Named) -> str:
    """Called names may stand behind the bar: `#C1|general`."""
    inner, _, label = token.partition("|")
    reader = READERS.get(inner[:1])
    return reader(inner[1:], label, names, named) if reader else _link(inner, label)


def _channel(id_: str, label: str, names: Mapping[str, str], named: Named) -> str:
    name = html.unescape(label) or id_
    named.channel(name, id_)
    return f"#{label or id_}"


def _user(id_: str, label: str, names: Mapping[str, str], named: Named) -> str:
    name = html.unescape(label) or names.get(id_, id_)
    return f"@{html.escape(named.person(name, id_), quote=False)}"


def _special(command: str, label: str, names: Mapping[str, str], named: Named) -> str:
    """`!here`, `!subteam^S1|@group`, `!date^…|fallback`."""
    return label or "@" + command.partition("^")[0]


def _link(address: str, label: str) -> str:
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return bare if not label or label in address else f"{label} ({bare})"


Reader = Callable[[str, str, Mapping[str, str], Named], str]
READERS: dict[str, Reader] = {"#": _channel, "@": _user, "!": _special}
