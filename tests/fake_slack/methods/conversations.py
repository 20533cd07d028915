"""conversations.*: reading channels and threads page by page."""

import re
from typing import Any

from tests.chat_platform.stamps import micros
from tests.fake_slack import shapes
from tests.fake_slack.call import Call
from tests.fake_slack.state import Message

Json = dict[str, Any]
CURSOR = re.compile(r"after:\d+\.\d{6}")
KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def history(call: Call) -> Json:
    """Root messages and broadcast replies, newest first."""
    channel = call.channel(archived=True)
    found = [m for m in _seen(call, channel.id) if not m.thread_ts or m.broadcast]
    return _page(call, found[::-1], newest_first=True)


def replies(call: Call) -> Json:
    """The replies of a thread, oldest first; its root stands first on every page."""
    channel = call.channel(archived=True)
    ts = call.get("ts")
    root = call.world.state.messages.get(ts)
    if root is None or root.channel != channel.id or root.visible_to:
        raise call.refusal("thread_not_found")
    root = call.world.state.messages[root.thread_ts or root.ts]
    under = [m for m in _seen(call, channel.id) if m.thread_ts == root.ts]
    if root.deleted and not under:
        raise call.refusal("thread_not_found")
    page = _page(call, under, newest_first=False)
    top = [] if root.deleted else [shapes.message(call.world.state, root, bool(call.get("include_all_metadata")))]
    return {**page, "messages": [*top, *page["messages"]]}


def _seen(call: Call, channel: str) -> list[Message]:
    oldest, latest = _micros(call, "oldest", 0), _micros(call, "latest", 10**18)
    slack = 1 if call.get("inclusive") else 0
    messages = (m for m in call.world.state.messages.values() if m.channel == channel)
    living = (m for m in messages if not m.deleted and not m.visible_to)
    return [m for m in living if oldest - slack < micros(m.ts) < latest + slack]


def _micros(call: Call, name: str, default: int) -> int:
    given = str(call.get(name, ""))
    if not given:
        return default
    whole, _, rest = given.partition(".")
    return int(whole) * 1_000_000 + int(rest.ljust(6, "0") or 0)


def _page(call: Call, messages: list[Message], newest_first: bool) -> Json:
    limit = call.get("limit", 100)
    if not 1 <= limit <= 1_000:
        raise call.breach("limit must be 1 to 999.", "invalid_limit")
    passed = _passed(call)
    left = [m for m in messages if not passed or (micros(m.ts) < passed if newest_first else micros(m.ts) > passed)]
    page = left[: min(limit, call.world.settings.most)]
    more = len(left) > len(page)
    metadata = bool(call.get("include_all_metadata"))
    return {
        "messages": [shapes.message(call.world.state, m, metadata) for m in page],
        "has_more": more,
        "response_metadata": {"next_cursor": f"after:{page[-1].ts}" if more else ""},
    }


def _passed(call: Call) -> int:
    """The last message that was given out, as a number; 0 at the beginning."""
    cursor = call.get("cursor", "")
    if not cursor:
        return 0
    if not CURSOR.fullmatch(cursor):
        raise call.breach("this cursor was never given out.", "invalid_cursor")
    return micros(cursor.removeprefix("after:"))


def info(call: Call) -> Json:
    state, id_ = call.world.state, call.get("channel")
    found = state.channels.get(id_)
    hidden = found is not None and found.kind != "channel" and call.team.bot_user not in found.members
    if found is None or found.gone or call.team.id not in found.teams or hidden:
        raise call.refusal("channel_not_found")
    return {"channel": shapes.channel(found, call.team)}


def members(call: Call) -> Json:
    """People and bots of a channel; a private one is shown to its members alone."""
    found = call.world.state.channels.get(call.get("channel"))
    hidden = found is not None and found.kind != "channel" and call.team.bot_user not in found.members
    if found is None or found.gone or call.team.id not in found.teams or hidden:
        raise call.refusal("channel_not_found")
    start, limit = int(call.get("cursor", "") or 0), int(call.get("limit", 100))
    if not 1 <= limit <= 999:
        raise call.breach("limit must be 1 to 999.", "invalid_limit")
    page = found.members[start : start + limit]
    more = start + len(page) < len(found.members)
    return {
        "members": list(page),
        "response_metadata": {"next_cursor": str(start + len(page)) if more else ""},
    }


def listed(call: Call) -> Json:
    kinds = {KINDS.get(kind.strip(), "") for kind in call.get("types", "public_channel").split(",")}
    if "" in kinds:
        raise call.breach("types names what there is not.", "invalid_types")
    found = [
        c for c in call.world.state.channels.values() if call.team.id in c.teams and c.kind in kinds and not c.gone
    ]
    seen = [c for c in found if c.kind == "channel" or call.team.bot_user in c.members]
    living = [c for c in seen if not (call.get("exclude_archived") and c.is_archived)]
    start = int(call.get("cursor", "0") or 0)
    page = living[start : start + call.get("limit", 100)]
    more = start + len(page) < len(living)
    return {
        "channels": [shapes.channel(c, call.team) for c in page],
        "response_metadata": {"next_cursor": str(start + len(page)) if more else ""},
    }


def opened(call: Call) -> Json:
    users = [user for user in call.get("users", "").split(",") if user]
    if len(users) > 1:
        raise call.refusal("too_many_users")
    if not users:
        channel = call.channel()
    elif (found := call.world.state.direct(call.team.id, users[0])) is None:
        raise call.refusal("user_not_found")
    else:
        channel = found
    return {"channel": shapes.channel(channel, call.team) if call.get("return_im") else {"id": channel.id}}


METHODS = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.list": listed,
    "conversations.members": members,
    "conversations.open": opened,
}
