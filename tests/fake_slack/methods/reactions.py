"""reactions.*: what the bot adds under a message."""

import re
from typing import Any

from tests.fake_slack.call import Call
from tests.fake_slack.state import Message

NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add(call: Call) -> dict[str, Any]:
    message, name, bot = _message(call), _name(call), call.team.bot_user
    if bot in message.reactions.get(name, ()):
        raise call.refusal("already_reacted")
    who = (*message.reactions.get(name, ()), bot)
    call.world.state.change(message, reactions={**message.reactions, name: who})
    return {}


def remove(call: Call) -> dict[str, Any]:
    message, name, bot = _message(call), _name(call), call.team.bot_user
    if bot not in message.reactions.get(name, ()):
        raise call.refusal("no_reaction")
    who = {**message.reactions, name: tuple(user for user in message.reactions[name] if user != bot)}
    call.world.state.change(message, reactions={name: users for name, users in who.items() if users})
    return {}


def _message(call: Call) -> Message:
    if not call.get("channel") or not call.get("timestamp"):
        raise call.breach("channel and timestamp are needed.", "no_item_specified")
    message = call.message(call.channel(), call.get("timestamp"))
    call.touched(message)
    return message


def _name(call: Call) -> str:
    name = call.get("name")
    if not NAME.fullmatch(name):
        raise call.breach(f"{name!r} is no name of an emoji.", "invalid_name")
    return str(name)


METHODS = {"reactions.add": add, "reactions.remove": remove}
