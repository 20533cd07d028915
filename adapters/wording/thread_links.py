"""Addresses of messages and threads, for people who are told of a task elsewhere, on another platform perhaps."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from workflows.sinks import Sink

OPEN = "Open the thread"  # what such a link says


def thread_link(sink: Sink | None) -> str:
    """Empty where the thread is not known yet, or has no address."""
    return message_link(sink, sink.thread) if sink else ""


def message_link(sink: Sink, message_id: str) -> str:
    """Of a message in the sink's channel; empty for none, and where messages have no addresses."""
    link = LINKS.get(sink.platform) if message_id else None
    return link(sink, message_id) if link else ""


def _slack(sink: Sink, message_id: str) -> str:
    """The address that needs no name of the workspace's own."""
    team = {"team": sink.workspace} if sink.workspace else {}
    return f"https://slack.com/app_redirect?{urlencode({'channel': sink.channel, **team, 'message_ts': message_id})}"


def _discord(sink: Sink, message_id: str) -> str:
    """Without a server it is a direct message. The root stands in the channel, whether a thread hangs on it or not."""
    path = (sink.workspace or "@me", sink.channel, message_id)
    known = all(re.fullmatch(r"\d+|@me", part) for part in path)
    return f"https://discord.com/channels/{'/'.join(path)}" if known else ""


LINKS: dict[str, Callable[[Sink, str], str]] = {"slack": _slack, "discord": _discord}
