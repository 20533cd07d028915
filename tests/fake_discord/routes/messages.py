"""Messages of a channel: post, edit, delete, read."""

import time
from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.answers import malformed, refused
from tests.fake_discord.call import Call
from tests.fake_discord.posting import changed, posted
from tests.fake_discord.seed_data import FORUM, Channel
from tests.fake_discord.shapes import message
from tests.fake_discord.state import REPLY, Message

Json = dict[str, Any]
SYSTEM = (18, 21)  # types of messages that nobody wrote


def create_message(call: Call) -> Json:
    channel = call.channel()
    _may_post(call, channel)
    if earlier := _same_nonce(call, channel):
        return message(call.world.state, earlier, nonce=True)
    if channel.archived:
        _reopen(call, channel)
    made = posted(call, call.body, channel.id, nonce=str(call.get("nonce", "")), **_reply(call, channel))
    if call.get("enforce_nonce") and made.nonce:
        call.world.state.nonces[made.nonce] = made.id, time.monotonic()
    if channel.is_thread and seed_data.BOT not in channel.joined:
        call.world.state.alter(channel, joined=(*channel.joined, seed_data.BOT))
    return message(call.world.state, made, nonce=True)


def update_message(call: Call) -> Json:
    channel = call.channel()
    found = call.message(channel)
    call.open(channel)
    if found.author != seed_data.BOT:
        raise refused(50_005)
    if found.type in SYSTEM:
        raise refused(50_021)
    return message(call.world.state, changed(call, found, call.body))


def delete_message(call: Call) -> None:
    channel = call.channel()
    found = call.message(channel)
    call.open(channel)
    if found.author != seed_data.BOT:
        call.needs(channel, "manage_messages")
    call.touched(found.id)
    call.world.events.deleted(call.world.state.change(found, deleted_at=time.time()))


def get_message(call: Call) -> Json:
    channel = call.channel()
    call.needs(channel, "read_message_history")
    return message(call.world.state, call.message(channel))


def list_messages(call: Call) -> list[Json]:
    """Newest first, whatever was asked for; `after` begins right behind that message."""
    channel = call.channel()
    limit, marks = call.number_of("limit", 50), {"before", "after", "around"} & call.query.keys()
    if len(marks) > 1:
        raise malformed(f"{call.name}: only one of {', '.join(sorted(marks))}.")
    if not 1 <= limit <= 100:
        raise malformed(f"{call.name}: limit is from 1 to 100.")
    seen = call.world.state.seen(channel.id)
    mark = call.number_of(next(iter(marks)), 0) if marks else 0
    if "after" in marks:
        page = [m for m in seen if int(m.id) > mark][:limit]
    elif "around" in marks:
        page = sorted(seen, key=lambda m: abs(int(m.id) - mark))[:limit]
    else:
        page = [m for m in seen if not mark or int(m.id) < mark][-limit:]
    return [message(call.world.state, m) for m in sorted(page, key=lambda m: -int(m.id))]


def trigger_typing_indicator(call: Call) -> None:
    call.needs(call.channel(), "send_messages")


def _may_post(call: Call, channel: Channel) -> None:
    if channel.type == FORUM:
        raise refused(50_008)
    call.needs(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if call.get("embeds"):
        call.needs(channel, "embed_links")
    if call.files:
        call.needs(channel, "attach_files")
    if channel.direct and call.world.state.users[channel.user].deaf:
        raise refused(50_007)


def _same_nonce(call: Call, channel: Channel) -> Message | None:
    """With `enforce_nonce`: the message that was posted with it in the last minutes, deleted or not."""
    if not call.get("enforce_nonce"):
        return None
    if not call.get("nonce"):
        raise malformed(f"{call.name}: enforce_nonce needs a nonce.")
    found, at = call.world.state.nonces.get(str(call.get("nonce")), ("", 0.0))
    if not found or time.monotonic() - at > call.world.settings.nonce_seconds:
        return None
    earlier = call.world.state.messages[found]
    if earlier.channel != channel.id:
        call.note(f"{call.name}: the nonce belongs to a message in {earlier.channel}, which is the answer.")
    call.touched(found)
    return earlier


def _reply(call: Call, channel: Channel) -> Json:
    reference = call.get("message_reference")
    if not reference:
        return {}
    call.needs(channel, "read_message_history", code=160_002)
    named = str(reference["message_id"])
    found = call.world.state.messages.get(named)
    there = found and found.channel == channel.id and not found.deleted and not found.visible_to
    if not there and reference.get("fail_if_not_exists", True):
        told = {"message_reference": {"_errors": [{"code": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
                                                   "message": "Unknown message"}]}}  # fmt: skip
        raise malformed(f"{call.name}: message_reference names no message of the channel.", told)
    return {"type": REPLY, "refers_to": named} if there else {}


def _reopen(call: Call, thread: Channel) -> None:
    """A post opens an archived thread again, unless it is locked."""
    if thread.locked:
        call.needs(thread, "manage_threads", code=160_005)
    call.world.events.thread("THREAD_UPDATE", call.world.state.alter(thread, archived=False))


TABLE = {
    "create_message": create_message,
    "update_message": update_message,
    "delete_message": delete_message,
    "get_message": get_message,
    "list_messages": list_messages,
    "trigger_typing_indicator": trigger_typing_indicator,
}
