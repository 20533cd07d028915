"""`/agent …`, as Mattermost posts it: a form."""

import re
from collections.abc import Sequence
from hashlib import sha256

from examples.mattermost.people import person
from examples.mattermost.posts import PLATFORM
from threadwork.workflows.inbound import MessageSource, SlashCommand
from threadwork.workflows.sinks import Sink

Form = dict[str, list[str]]


def slash_command(form: Form, name: str, direct: bool) -> SlashCommand:
    """`name`: whose it is. `direct`: of a conversation with one person. Raises `LookupError` for what is no command."""
    channels, people = _named(form, "channel_mentions"), _named(form, "user_mentions")
    source = MessageSource(
        by=person(form["user_id"][0], name),
        key=f"command:{short(form['trigger_id'][0])}",
        sink=Sink(platform=PLATFORM, channel=form["channel_id"][0], thread=form.get("root_id", [""])[0]),
        direct=direct,
        channels=channels,
        people=people,
    )
    return SlashCommand(source=source, text=_text(form.get("text", [""])[0], [name for name, _ in channels]))


def short(trigger_id: str) -> str:
    """A trigger's id is signed, and longer than a key may be."""
    return sha256(trigger_id.encode()).hexdigest()


def _named(form: Form, field: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(form.get(field, ()), form.get(f"{field}_ids", ()), strict=False))


def _text(text: str, channels: Sequence[str]) -> str:
    """Mattermost writes `~name` for a channel, where others write `#name`."""
    return re.sub(r"(?<!\S)~([\w.-]+)", lambda found: f"#{found[1]}" if found[1] in channels else found[0], text)
