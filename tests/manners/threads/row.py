"""One line as a platform sends it, the thread that it is said in, and what must come of it."""

from dataclasses import dataclass
from typing import Any

from threadwork.workflows.manners import FollowUps

Json = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A task of Ann's and its thread."""

    approvals: tuple[str, ...] = ()  # that wait and were shown there: the effect of each
    options: tuple[str, ...] | None = None  # of the question that waits; None: none does
    ended: int | None = None  # minutes ago; None: it is at work
    mode: FollowUps | None = None
    joined: bool = False  # people talked there before the task came
    since: bool = False  # somebody else has said something after the card, or the end
    second: "Setting | None" = None  # a newer task in the same thread
    direct: bool = False  # said below the thread, in a conversation with the bot alone


SETTINGS = {
    "at work": Setting(),
    "waits": Setting(approvals=("changes",)),
    "waits, and others have spoken": Setting(approvals=("changes",), since=True),
    "two wait": Setting(approvals=("changes", "changes")),
    "waits for what destroys": Setting(approvals=("destructive",)),
    "waits, follow-ups off": Setting(approvals=("changes",), mode="off"),
    "asks": Setting(options=()),
    "offers": Setting(options=("staging", "production")),
    "asks, by mentions": Setting(options=(), mode="mentions"),
    "by mentions": Setting(mode="mentions"),
    "off": Setting(mode="off"),
    "ended now": Setting(ended=0),
    "ended now, and others have spoken": Setting(ended=0, since=True),
    "ended long ago": Setting(ended=61),
    "ended in a thread of people": Setting(ended=0, joined=True),
    "asks, and a newer one is at work": Setting(options=(), second=Setting()),
    "at work, and a newer one has ended": Setting(second=Setting(ended=0)),
    "direct, asks": Setting(options=(), direct=True),
    "direct, at work": Setting(direct=True),
}


@dataclass(frozen=True)
class Row:
    """`said` has the fields of the fake's `deliver`, which makes the payload and its envelope of them.

    `becomes`: `nothing`; a control word; `approve 1`, `deny 1: why`; `list`, `asks again`, `did you mean`; `go on?`,
    `the answer?` (held until its author presses); `answer`, `follow-up`, `start`; `replies are off`, `has ended`."""

    name: str
    report: str  # whence its shape or its habit is: "owner/name#1", or a page; "control of" a reported one
    said: Json
    becomes: str
    when: str = "at work"  # of `SETTINGS`
    reads: str = ""  # what the agent is told; empty: not asked
    tells: tuple[str, ...] = ()  # Slack: events that come of it, where they are not the usual ones
    answers: str = ""  # Discord: whose message it answers: bot, bob, robot or webhook
    edits: str = ""  # Discord: the text that it is edited to
