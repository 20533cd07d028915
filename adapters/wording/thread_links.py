"""Addresses of messages and threads, for people who are told of a task elsewhere, on another platform perhaps."""

from threadwork.workflows.platform_registry import ROWS
from threadwork.workflows.sinks import Sink

OPEN = "Open the thread"  # what such a link says


def thread_link(sink: Sink | None) -> str:
    """Empty where the thread is not known yet, or has no address."""
    return message_link(sink, sink.thread) if sink else ""


def message_link(sink: Sink, message_id: str) -> str:
    """Of a message in the sink's channel; empty for none, and where messages have no addresses."""
    row = ROWS.get(sink.platform) if message_id else None
    return row.link(sink.workspace, sink.channel, message_id) if row else ""
