"""Posts as Mattermost describes them, and what they are to us."""

import re
from typing import Any

from threadwork.workflows.sinks import Sink

PLATFORM = "mattermost"
MARK = "threadwork_mark"
ROBOTS = ("from_webhook", "from_bot", "from_plugin")  # props of what no person wrote

Post = dict[str, Any]


def is_theirs(post: Post, bot_user: str) -> bool:
    """A person may have written it: it is none of ours, of a webhook, or of Mattermost itself (`system_…`)."""
    robot = any(str((post.get("props") or {}).get(mark)) == "true" for mark in ROBOTS)
    return not robot and not post.get("type") and post["user_id"] != bot_user


def message_key(post: Post) -> str:
    """Ids of posts have no order, so the moment stands before: milliseconds, in 13 digits."""
    return f"{post['create_at']:013d}-{post['id']}"


def moment(post: Post) -> str:
    return f"{post['channel_id']}:{message_key(post)}"


def place(post: Post) -> Sink:
    """One server is one workspace, and has no name: people and channels are its own, whichever teams they are in."""
    return Sink(platform=PLATFORM, channel=post["channel_id"], thread=post.get("root_id") or "")


def calls(text: str, username: str) -> bool:
    return re.search(rf"(?<![\w.@-])@{re.escape(username)}(?![\w-])", text, re.I) is not None


def called_off(text: str, username: str) -> str:
    """Without the bot's name at the beginning: it only calls it."""
    return re.sub(rf"^(?:\s*@{re.escape(username)}(?![\w-])[:,]?\s*)+", "", text, flags=re.I).strip()
