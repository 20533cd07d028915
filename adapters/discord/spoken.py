"""What people wrote, from Discord's markup to plain words: `<#1>` is `#general`, `<@1>` is `@ann`."""

import re
from collections.abc import Callable, Mapping

from workflows.values import Value

_TOKEN = re.compile(r"<(?:(@!?|@&|#)(\d{1,20})|a?:(\w{1,32}):\d{1,20})>")


class Spoken(Value):
    text: str
    channels: tuple[tuple[str, str], ...] = ()  # name and id of those named in it
    people: tuple[tuple[str, str], ...] = ()


def spoken(
    text: str, names: Mapping[str, str], bot_user: str, channel_name: Callable[[str], str] = lambda _: ""
) -> Spoken:
    """`names`: of people and roles, by id. The bot's own mentions at the beginning are left out: they only call it."""
    called = re.sub(rf"^(?:\s*<@!?{re.escape(bot_user)}>[:,]?\s*)+", "", text) if bot_user else text
    channels: dict[str, str] = {}
    people: dict[str, str] = {}

    def word(found: re.Match[str]) -> str:
        kind, id_, emoji = found.groups()
        if emoji:
            return f":{emoji}:"
        if kind != "#":
            name = names.get(id_) or id_
            people[name] = id_
            return f"@{name}"
        name = channel_name(id_) or id_
        channels[name] = id_
        return f"#{name}"

    plain = _TOKEN.sub(word, called).strip()
    return Spoken(text=plain, channels=tuple(channels.items()), people=tuple(people.items()))
