"""People and channels that are named in a command, as the platform resolved them."""

import re

from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import MessageSource

_PERSON = re.compile(r"<@!?(\w+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>")


def with_ids(source: MessageSource, text: str) -> str:
    """The text with ids in place of names, which may have blanks in them. The longest are replaced first."""
    known = [("@", name, f"<@{id_}>") for name, id_ in source.people]
    known += [("#", name, f"<#{id_}>") for name, id_ in source.channels]
    for sign, name, token in sorted(known, key=lambda one: len(one[1]), reverse=True):
        text = text.replace(f"{sign}{name}", token)
    return text


def person_id(source: MessageSource, written: str) -> str:
    """Raises `Rejected`."""
    if written.lower().lstrip("@") == "me":
        return source.by.user_id
    found = _PERSON.fullmatch(written)
    if found is None:
        raise Rejected(f"I do not know {written[:60]}.", "Pick the person from the list that opens as you type @.")
    return found[1]


def channel_id(source: MessageSource, written: str) -> str:
    """Raises `Rejected`."""
    if written.lower() == "here":
        return source.sink.channel
    found = _CHANNEL.fullmatch(written)
    if found is None:
        raise Rejected(f"I cannot find {written[:60]}.", "Pick the channel from the list that opens as you type #.")
    return found[1]


def channel_name(source: MessageSource, channel: str) -> str:
    """As it was named in what was said, `#general`; empty where it was not."""
    return next((f"#{name.lstrip('#')}" for name, id_ in source.channels if id_ == channel), "")
