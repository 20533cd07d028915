"""What people wrote, from Slack's markup to plain words: `<#C1|general>` is `#general`, `<@U1|ann>` is `@ann`."""

import html
import re
from collections.abc import Callable, Mapping

from workflows.values import Value

_TOKEN = re.compile(r"<([^<>\n]{1,3000})>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,30})>")  # without a name in it


class Spoken(Value):
    text: str
    channels: tuple[tuple[str, str], ...] = ()  # name and id of those named in it
    people: tuple[tuple[str, str], ...] = ()


def people_in(text: str) -> tuple[str, ...]:
    """Ids of people whose names are not in the text itself."""
    return tuple(dict.fromkeys(_USER.findall(text)))


def spoken(text: str, names: Mapping[str, str] | None = None, bot_user: str = "") -> Spoken:
    """`names`: of people, by id. The bot's own mentions at the beginning are left out: they only call it."""
    called = re.sub(rf"^(?:\s*<@{re.escape(bot_user)}(?:\|[^<>]*)?>[:,]?\s*)+", "", text) if bot_user else text
    named = _Named()
    words = _TOKEN.sub(lambda found: _word(found[1], names or {}, named), called)
    text = html.unescape(words).strip()
    return Spoken(text=text, channels=tuple(named.channels.items()), people=tuple(named.people.items()))


class _Named:
    """Ids by name, as they are found."""

    def __init__(self) -> None:
        self.channels: dict[str, str] = {}
        self.people: dict[str, str] = {}


def _word(token: str, names: Mapping[str, str], named: _Named) -> str:
    """Called names may stand behind the bar: `#C1|general`."""
    inner, _, label = token.partition("|")
    reader = READERS.get(inner[:1])
    return reader(inner[1:], label, names, named) if reader else _link(inner, label)


def _channel(id_: str, label: str, names: Mapping[str, str], named: _Named) -> str:
    name = html.unescape(label) or id_
    named.channels[name] = id_
    return f"#{label or id_}"


def _user(id_: str, label: str, names: Mapping[str, str], named: _Named) -> str:
    name = label or html.escape(names.get(id_, id_), quote=False)
    named.people[html.unescape(name)] = id_
    return f"@{name}"


def _special(command: str, label: str, names: Mapping[str, str], named: _Named) -> str:
    """`!here`, `!subteam^S1|@group`, `!date^…|fallback`."""
    return label or "@" + command.partition("^")[0]


def _link(address: str, label: str) -> str:
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return bare if not label or label in address else f"{label} ({bare})"


Reader = Callable[[str, str, Mapping[str, str], _Named], str]
READERS: dict[str, Reader] = {"#": _channel, "@": _user, "!": _special}
