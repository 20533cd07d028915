"""Threads: opened on a message or without one, listed, joined."""

from typing import Any

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.answers import malformed, refused
from tests.fake_discord.call import Call
from tests.fake_discord.opening import opened, opened_on
from tests.fake_discord.posting import posted
from tests.fake_discord.seed_data import FORUM, NEWS, PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel

Json = dict[str, Any]


def create_thread_from_message(call: Call) -> Json:
    channel = _parent(call, TEXT, NEWS)
    root = call.message(channel)
    call.needs(channel, "create_public_threads", "read_message_history")
    if root.id in call.world.state.channels:
        raise refused(160_004)
    made = opened_on(call.world, root, _name(call), seed_data.BOT, call.get("auto_archive_duration", 1440))
    return shapes.channel(call.world.state, made)


def create_thread(call: Call) -> Json:
    channel = _parent(call, TEXT, NEWS, FORUM)
    type_ = call.get("type", PUBLIC_THREAD if channel.type == FORUM else PRIVATE_THREAD)
    call.needs(channel, "create_private_threads" if type_ == PRIVATE_THREAD else "create_public_threads")
    if channel.type == FORUM and not call.get("message"):
        raise malformed(f"{call.name}: a post in a forum needs a message.")
    made = opened(call.world, channel, _name(call), seed_data.BOT, type_, call.get("auto_archive_duration", 1440))
    if channel.type == FORUM:
        posted(call, call.body["message"], made.id, id=made.id)
    return shapes.channel(call.world.state, made)


def get_active_guild_threads(call: Call) -> Json:
    return _listed(call, call.world.state.threads(guild=call.guild(), archived=False))


def list_public_archived_threads(call: Call) -> Json:
    channel = call.channel()
    call.needs(channel, "read_message_history")
    found = call.world.state.threads(parent=channel.id, archived=True)
    return _listed(call, [one for one in found if one.type != PRIVATE_THREAD])


def join_thread(call: Call) -> None:
    _joins(call, seed_data.BOT)


def add_thread_member(call: Call) -> None:
    _joins(call, call.path["user_id"])


def leave_thread(call: Call) -> None:
    thread = _thread(call)
    call.world.state.alter(thread, joined=tuple(one for one in thread.joined if one != seed_data.BOT))


def delete_thread_member(call: Call) -> None:
    thread = _thread(call)
    call.needs(thread, "manage_threads")
    call.world.state.alter(thread, joined=tuple(one for one in thread.joined if one != call.path["user_id"]))


def list_thread_members(call: Call) -> list[Json]:
    thread = _thread(call)
    return [shapes.thread_member(thread, one) for one in thread.joined]


def get_thread_member(call: Call) -> Json:
    thread = _thread(call)
    if call.path["user_id"] not in thread.joined:
        raise refused(10_007)
    return shapes.thread_member(thread, call.path["user_id"])


def _joins(call: Call, user: str) -> None:
    thread = _thread(call)
    call.open(thread)
    if (thread.guild, user) not in call.world.state.members:
        raise refused(10_007)
    if user not in thread.joined:
        call.world.state.alter(thread, joined=(*thread.joined, user))


def _thread(call: Call) -> Channel:
    found = call.channel()
    if not found.is_thread:
        raise refused(50_024)
    return found


def _parent(call: Call, *types: int) -> Channel:
    found = call.channel()
    if found.type not in types:
        raise refused(50_024)
    return found


def _name(call: Call) -> str:
    name = str(call.get("name", ""))
    if not 1 <= len(name.strip()) <= 100:
        raise malformed(f"{call.name}: a name has 1 to 100 characters.")
    return name


def _listed(call: Call, threads: list[Channel]) -> Json:
    joined = [shapes.thread_member(one, seed_data.BOT) for one in threads if seed_data.BOT in one.joined]
    shown = [shapes.channel(call.world.state, one) for one in threads]
    return {"threads": shown, "members": joined, "has_more": False}


TABLE = {
    "create_thread_from_message": create_thread_from_message,
    "create_thread": create_thread,
    "get_active_guild_threads": get_active_guild_threads,
    "list_public_archived_threads": list_public_archived_threads,
    "join_thread": join_thread,
    "leave_thread": leave_thread,
    "add_thread_member": add_thread_member,
    "delete_thread_member": delete_thread_member,
    "list_thread_members": list_thread_members,
    "get_thread_member": get_thread_member,
}
