"""Names of the people that a message or a command calls: Discord sends them along."""

from typing import Any

from threadwork.adapters.discord.inbound.payload import Json, shown


def names_in(message: Json) -> dict[str, str]:
    """By id."""
    return {str(user["id"]): _name(user) for user in message.get("mentions") or ()}


def names_of(resolved: Json) -> dict[str, str]:
    """By id: of people whom a command names, as far as Discord sends them along."""
    members = resolved.get("members") or {}
    users: dict[str, Json] = resolved.get("users") or {}
    return {id_: shown(user, members.get(id_)) or id_ for id_, user in users.items()}


def calls(message: Json, bot_user: str) -> bool:
    """Whether the message names the bot: in its words, or by answering one of the bot's messages."""
    return any(str(user.get("id")) == bot_user for user in message.get("mentions") or ())


def is_person(message: Json) -> bool:
    """Not we, no other bot and no webhook. Robots that call each other would never end."""
    author: dict[str, Any] = message.get("author") or {}
    return bool(author.get("id")) and not author.get("bot") and not message.get("webhook_id")


def _name(user: Json) -> str:
    return shown(user, user.get("member")) or str(user["id"])
