"""Names of the people and roles that a message calls: Discord sends people's along."""

from typing import Any

from adapters.discord.origin import Json, shown


def names_in(message: Json) -> dict[str, str]:
    """By id."""
    return {str(user["id"]): _name(user) for user in message.get("mentions") or ()}


def calls(message: Json, bot_user: str) -> bool:
    """Whether the message names the bot: in its words, or by answering one of the bot's messages."""
    return any(str(user.get("id")) == bot_user for user in message.get("mentions") or ())


def is_person(message: Json) -> bool:
    """Not we, no other bot and no webhook. Robots that call each other would never end."""
    author: dict[str, Any] = message.get("author") or {}
    return bool(author.get("id")) and not author.get("bot") and not message.get("webhook_id")


def _name(user: Json) -> str:
    return shown(user, user.get("member")) or str(user["id"])
