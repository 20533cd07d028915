"""What people wrote, from Discord's markup to plain words: `<#1>` is `#general`, `<@1>` is `@ann`."""

import re
from collections.abc import Callable, Collection, Mapping

from threadwork.adapters.chat.message_parsing import Named, ParsedMessage, without_ending

_TOKEN = re.compile(r"<(?:(@!?|@&|#)(\d{1,20})|a?:(\w{1,32}):\d{1,20})>")


def parse_message(
    text: str,
    names: Mapping[str, str],
    bot_user: str,
    channel_name: Callable[[str], str] = lambda _: "",
    roles: Collection[str] = (),
) -> ParsedMessage:
    """`names`: of people and roles, by id. The bot's own mentions at the beginning, and those of its own `roles`, are
    left out: they only call it."""
    own = f"<@(?:{'|'.join((f'!?{re.escape(bot_user)}', *(f'&{re.escape(role)}' for role in roles)))})>"
    called = re.sub(rf"^(?:\s*{own}[:,]?\s*)+", "", text) if bot_user else text
    named = Named()

    def word(found: re.Match[str]) -> str:
        kind, id_, emoji = found.groups()
        if emoji:
            return f":{emoji}:"
        if kind == "@&":  # a role is nobody in particular
            return f"@{names.get(id_) or id_}"
        if kind != "#":
            return f"@{named.person(names.get(id_) or id_, id_)}"
        name = channel_name(id_) or id_
        named.channel(name, id_)
        return f"#{name}"

    unnamed = without_ending(called, own) if bot_user else ""
    return named.in_words(_TOKEN.sub(word, called).strip(), _TOKEN.sub(word, unnamed).strip())
