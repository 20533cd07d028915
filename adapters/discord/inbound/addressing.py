"""Whom a message is said to: the bot by its mention, somebody else, or whoever reads the thread."""

import re
from collections.abc import Collection

from threadwork.adapters.chat.message_parsing import addressing, spoken
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.adapters.discord.inbound.people import calls

REPLY = 19  # type of a message that answers another
_CALLED = re.compile(r"<@[!&]?(\d{1,20})>")
_ROLE = re.compile(r"<@&\d{1,20}>")
_LINK = re.compile(r"\[[^\[\]\n]{0,300}\]\(https?://[^\s)]{1,2000}\)|https?://\S+")
_ADDRESSED = addressing(r"<@[!&]?\d{1,20}>|@(?:here|everyone)\b")


def names_a_role(message: Json) -> bool:
    return _ROLE.search(message.get("content") or "") is not None


def mentions(message: Json, bot_user: str, roles: Collection[str] = ()) -> bool:
    """Whether it calls the bot outside of code, quotations and links, or answers it with a ping.

    `roles`: the bot's own. Code and links Discord leaves alone itself, quotations it does not."""
    called = set(_CALLED.findall(_LINK.sub("", spoken(message.get("content") or ""))))
    if called & set(roles) or (bot_user in called and calls(message, bot_user)):
        return True
    written = re.search(rf"<@!?{re.escape(bot_user)}>", message.get("content") or "")
    return calls(message, bot_user) and (written is None or bool(answered(message, bot_user)))


def answered(message: Json, bot_user: str) -> str:
    """The id of ours that it answers; empty: it answers none."""
    before = message.get("referenced_message") or {}
    return str(before["id"]) if before and author_of(before) == bot_user else ""


def is_to_others(message: Json, own_name: str, bot_user: str) -> bool:
    """It begins by addressing somebody else, or answers what another person or app said. Of one that calls the bot not
    asked.

    `own_name`: typed plainly, and not picked from Discord's list, it means the bot as well."""
    found = _ADDRESSED.match(spoken(message.get("content") or ""))
    if found:
        return not found["plain"] or found["plain"].rstrip(".-").lower() != own_name.lower()
    before = message.get("referenced_message") or {}
    somebody = bool(author_of(before)) and not before.get("webhook_id")  # an alert is spoken about, and not to
    return message.get("type") == REPLY and somebody and author_of(before) not in (author_of(message), bot_user)


def author_of(message: Json) -> str:
    return str((message.get("author") or {}).get("id") or "")
