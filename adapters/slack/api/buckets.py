"""How fast Slack may be called."""

from collections.abc import Sequence
from typing import Literal

from threadwork.workflows.sinks import Bucket, Sink

Method = Literal["post", "edit", "delete", "find"]

CHANNEL = 60  # messages a minute in one channel; "short bursts" more are taken
WORKSPACE = 240  # messages a minute in a workspace: Slack says "several hundred"
TIER = 50  # calls a minute, for each method and workspace: tier 3
BURST = 0.2  # share of a minute's calls that may go at once


def buckets(sink: Sink, method: Method, look_ups: float = TIER) -> Sequence[Bucket]:
    """The limits of a call, by docs.slack.dev/apis/web-api/rate-limits. `look_ups`: reads a minute.

    `chat.postMessage` has a tier of its own (a message a second and channel, several hundred a minute and workspace);
    update, delete, history and replies are of tier 3. Slack names no burst: a burst and what flows in during a minute
    are together what the tier allows, so that no minute has more."""
    called = method_called(sink, method)
    if method == "post":
        channel = Bucket(key=f"slack:{sink.workspace}:{sink.channel}", per_minute=CHANNEL, burst=4)
        return (channel, _tier(sink, called, WORKSPACE))
    return (_tier(sink, called, look_ups if method == "find" else TIER),)


def method_called(sink: Sink, method: Method) -> str:
    """Slack's name for it. Root messages are in the history alone, what hangs under them in the replies alone."""
    if method == "find":
        return "conversations.replies" if sink.thread else "conversations.history"
    return {"post": "chat.postMessage", "edit": "chat.update", "delete": "chat.delete"}[method]


def _tier(sink: Sink, called: str, per_minute: float) -> Bucket:
    burst = int(per_minute * BURST)
    return Bucket(key=f"slack:{sink.workspace}:{called}", per_minute=per_minute - burst, burst=max(1, burst))
