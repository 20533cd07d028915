"""Words of people and models in Discord's Markdown, where they must neither call anybody nor look like ours.

They stand in embeds only. Nothing in an embed pings, and an address in it is not fetched for a preview: what a model
writes could else carry a secret away in an address that Discord opens by itself."""

import re
from collections.abc import Iterable, Sequence

from threadwork.adapters.wording.card_words import JOINER, clean, defused, one_line
from threadwork.adapters.wording.link_hosts import unmasked
from threadwork.adapters.wording.link_words import honest

# Mentions of people, roles and channels, custom emoji, times, commands, guild pages and sounds.
_TOKEN = re.compile(r"<(?=(?:@[!&]?|#)\d+>|a?:\w+:\d+>|t:-?\d+(?::\w)?>|/[^<>\n]{1,100}:\d+>|id:\w+>|sound:)")
_CHANNEL = re.compile(r"(?:the Discord channel |\bdiscord:(?:\d{15,20}/)?)(\d{15,20})(?:#\d{15,20})?\b")
_ADDRESS_OR_MARKUP = re.compile(r"(https?://[\w\-./?=&%+,;:#]+)|([\\`*_~|<\[])|^([ \t]*)([>#+-])", re.M)


def markdown(text: str) -> str:
    """Markdown as it is, but for what Discord would take for a mention, and links that mislead. It may be longer
    than what came in."""
    return defused(_TOKEN.sub("<" + JOINER, honest(clean(text))))


def escaped(text: str) -> str:
    """A text that is no Markdown, so that it shows as it stands; addresses stay links."""
    return defused(_ADDRESS_OR_MARKUP.sub(_escape, unmasked(clean(text))))


def bold(text: str) -> str:
    """Line by line, as emphasis does not reach over an empty one."""
    lines = (escaped(line.strip()) for line in clean(text).split("\n") if line.strip())
    return "\n".join(f"**{line}**" for line in lines) or "…"


def struck(text: str) -> str:
    return f"~~{escaped(text)}~~"


def mono(text: str) -> str:
    return f"`{one_line(text).replace('`', 'ˋ') or '…'}`"


def code(text: str) -> str:
    """A block of code that nothing in the text can end."""
    return f"```\n{text.replace('``', f'`{JOINER}`')}\n```"


def quote(text: str) -> str:
    return "\n".join(f"> {escaped(line)}" for line in text.split("\n"))


def person(member: str) -> str:
    """Who may decide: users and roles of Discord by name, others as they are written."""
    if not is_known(member):
        return escaped(one_line(member))
    kind, _, last = member.rpartition(":")
    return f"<@&{last}>" if kind == "role" else f"<@{last}>"


def is_known(member: str) -> bool:
    """Whether Discord shows a name for it."""
    kind, _, last = member.rpartition(":")
    return bool(re.fullmatch(r"\d{15,20}", last)) and (kind in ("", "role") or kind.startswith("discord:"))


def channels(text: str) -> str:
    """Channels of Discord by name, where a text names them by id; it is escaped already."""
    return _CHANNEL.sub(r"<#\1>", text)


def link(url: str, label: str) -> str:
    """A link with a label of ours; empty for what is no address."""
    return f"[{label}]({url})" if re.fullmatch(r"https?://[^\s()<>\\]{1,400}", url) else ""


def fitted(lines: Iterable[str], limit: int, more: str = "…") -> str:
    """As many whole lines as fit into so many characters, and a sign where some are left out."""
    all_lines = list(lines)
    kept: Sequence[str] = all_lines
    while len(shown := "\n".join((*kept, more) if len(kept) < len(all_lines) else kept)) > limit:
        kept = kept[:-1]
    return shown


def _escape(found: re.Match[str]) -> str:
    address, markup, indent, opener = found.groups()
    return str(address or (f"\\{markup}" if markup else f"{indent}\\{opener}"))
