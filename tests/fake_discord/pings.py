"""Who is notified by a message: discord.com/developers/docs/resources/message#allowed-mentions-object."""

import re
from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.content import TEXT, nodes
from tests.fake_discord.permissions import may
from tests.fake_discord.state import REPLY, Message, State

Json = dict[str, Any]
CALLED = re.compile(r"<@(?!&)!?(\d+)>|<@&(\d+)>|(@everyone|@here)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def pings(state: State, message: Message) -> list[str]:
    """Ids of people and roles, and `@everyone`. An edit notifies nobody."""
    first, allowed = message.versions[0], message.allowed
    texts = [first.content, *(str(one.get("content") or "") for one in nodes(first.components) if one["type"] == TEXT)]
    found = [match for text in texts for match in CALLED.finditer(CODE.sub("", text))]
    called = [one for match in found if (one := _who(state, message, match, allowed))]
    return list(dict.fromkeys([*called, *_replied(state, message, allowed)]))


def _who(state: State, message: Message, match: re.Match[str], allowed: Json | None) -> str:
    user, role, everyone = match.groups()
    if everyone:
        place = state.channels[message.channel]
        may_all = bool(place.guild) and may(state, place, message.author, "mention_everyone")
        return everyone if may_all and _lets(allowed, "everyone", "") else ""
    if role:
        return role if role in state.roles and _lets(allowed, "roles", role) else ""
    return user if user in state.users and _lets(allowed, "users", user) else ""


def _lets(allowed: Json | None, kind: str, id_: str) -> bool:
    return allowed is None or kind in (allowed.get("parse") or ()) or id_ in map(str, allowed.get(kind) or ())


def _replied(state: State, message: Message, allowed: Json | None) -> list[str]:
    found = state.messages.get(message.refers_to)
    wanted = allowed is None or bool(allowed.get("replied_user"))
    if message.type != REPLY or found is None or not wanted or found.author in (message.author, seed_data.BOT):
        return []
    return [found.author]
