"""Reactions of the bot, and who else reacted."""

from typing import Any
from urllib.parse import unquote

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.answers import refused
from tests.fake_discord.call import Call

Json = dict[str, Any]


def add_my_message_reaction(call: Call) -> None:
    _react(call, seed_data.BOT, add=True)


def delete_my_message_reaction(call: Call) -> None:
    _react(call, seed_data.BOT, add=False)


def delete_user_message_reaction(call: Call) -> None:
    call.needs(call.channel(), "manage_messages")
    _react(call, call.path["user_id"], add=False)


def list_message_reactions_by_emoji(call: Call) -> list[Json]:
    found = call.message(call.channel())
    users = found.reactions.get(_emoji(call), ())
    return [shapes.user(call.world.state, one) for one in users[: call.number_of("limit", 25)]]


def _react(call: Call, user: str, add: bool) -> None:
    channel = call.channel()
    found, emoji = call.message(channel), _emoji(call)
    call.open(channel)
    if add and not found.reactions.get(emoji):
        call.needs(channel, "add_reactions", "read_message_history")
    users = found.reactions.get(emoji, ())
    if not add and user not in users:
        raise refused(10_014)
    call.touched(found.id)
    rest = tuple(one for one in users if one != user)
    reactions = {**found.reactions, emoji: (*rest, user) if add else rest}
    kept = {name: who for name, who in reactions.items() if who}
    made = call.world.state.change(found, reactions=kept)
    if not add or user not in users:
        call.world.events.reacted(made, user, emoji, removed=not add)


def _emoji(call: Call) -> str:
    """One that everybody has is a character; Discord refuses a name."""
    emoji = unquote(call.path["emoji_name"])
    if emoji.isascii() and ":" not in emoji:
        raise refused(10_014, f"{emoji!r} is no emoji.")
    return emoji


TABLE = {
    "add_my_message_reaction": add_my_message_reaction,
    "delete_my_message_reaction": delete_my_message_reaction,
    "delete_user_message_reaction": delete_user_message_reaction,
    "list_message_reactions_by_emoji": list_message_reactions_by_emoji,
}
