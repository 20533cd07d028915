"""Channels, threads as channels, and conversations with one person."""

from typing import Any

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.answers import malformed, refused
from tests.fake_discord.call import Call
from tests.fake_discord.seed_data import Channel

Json = dict[str, Any]
ALTERABLE = ("name", "archived", "locked", "auto_archive_duration")


def get_channel(call: Call) -> Json:
    return shapes.channel(call.world.state, call.channel())


def update_channel(call: Call) -> Json:
    """Of threads: name, archived, locked. Of channels: nothing, a bot like ours may not."""
    channel = call.channel()
    if not channel.is_thread:
        raise refused(50_013)
    changes = {name: call.body[name] for name in ALTERABLE if name in call.body}
    if "name" in changes and not 1 <= len(str(changes["name"]).strip()) <= 100:
        raise malformed(f"{call.name}: a name has 1 to 100 characters.")
    _may_alter(call, channel, changes)
    if "auto_archive_duration" in changes:
        changes["minutes"] = changes.pop("auto_archive_duration")
    made = call.world.state.alter(channel, **changes)
    call.world.events.thread("THREAD_UPDATE", made)
    return shapes.channel(call.world.state, made)


def delete_channel(call: Call) -> Json:
    channel = call.channel()
    if not channel.is_thread:
        raise refused(50_013)
    call.needs(channel, "manage_threads")
    made = call.world.state.alter(channel, gone=True)
    call.world.events.thread("THREAD_DELETE", made)
    return shapes.channel(call.world.state, made)


def create_dm(call: Call) -> Json:
    user = str(call.get("recipient_id", ""))
    state = call.world.state
    if user not in state.users or user == seed_data.BOT:
        raise refused(50_007 if user == seed_data.BOT else 10_013)
    found = state.direct(user)
    if found is None:
        found = Channel(id=state.id(), guild="", type=1, user=user)
        state.channels[found.id] = found
    return shapes.channel(state, found)


def _may_alter(call: Call, thread: Channel, changes: Json) -> None:
    """Whoever may post may open a thread again; the rest is its owner's or a moderator's."""
    opening = changes == {"archived": False}
    if thread.archived and not opening and changes.get("archived") is not False:
        call.open(thread)
    if opening and not thread.locked:
        call.needs(thread, "send_messages_in_threads")
    elif "locked" in changes or thread.locked or thread.owner != seed_data.BOT:
        call.needs(thread, "manage_threads")


TABLE = {
    "get_channel": get_channel,
    "update_channel": update_channel,
    "delete_channel": delete_channel,
    "create_dm": create_dm,
}
