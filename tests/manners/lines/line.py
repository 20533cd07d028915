"""One line as a platform sends it, and what is handed on."""

from dataclasses import dataclass, field
from typing import Any

from threadwork.workflows.inbound import Attachment, IncomingMessage, ThreadMessage

Json = dict[str, Any]
Told = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """`said` and what stands `before` it have the fields of the fake's `deliver`."""

    name: str
    reports: tuple[str, ...]  # where it was reported: "owner/name#1", a page; "control of" a reported one
    said: Json
    expect: Told | None  # fields of what is handed on, as `told` has them; None: nothing is
    before: tuple[Json, ...] = ()  # the thread that it is said in, its root first
    channel: str = ""  # else one in which people talk
    tells: tuple[str, ...] = ("app_mention", "message")  # Slack: events that come of it
    edits: str = ""  # Discord: the text that it is edited to once it stands there
    places: dict[str, str] = field(default_factory=dict)  # Discord: `thread` and `reply_to` by what stands before


def told(said: IncomingMessage, earlier: tuple[ThreadMessage, ...]) -> Told:
    """In words that a row can name: messages as (who, what, files), whatever the time, which must be there."""
    return {
        "text": said.text,
        "mentioned": said.mentioned,
        "to_others": said.to_others,
        "answers": bool(said.answers),
        "files": [_file(one) for one in said.files],
        "about": [_message(one) for one in said.about],
        "earlier": [_message(one) for one in earlier],
    }


def _message(one: ThreadMessage) -> tuple[Any, ...]:
    assert one.at is not None, one
    return (one.name, one.text, *(_file(file) for file in one.files))


def _file(one: Attachment) -> tuple[str, str | None]:
    return one.name, one.text
