"""People and channels that are named in a command, as the platform resolved them."""

import re

from workflows.errors import Rejected
from workflows.inbound import Origin

_PERSON = re.compile(r"<@!?(\w+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>")


def with_ids(origin: Origin, text: str) -> str:
    """The text with ids in place of names, which may have blanks in them. The longest are replaced first."""
    known = [("@", name, f"<@{id_}>") for name, id_ in origin.people]
    known += [("#", name, f"<#{id_}>") for name, id_ in origin.channels]
    for sign, name, token in sorted(known, key=lambda one: len(one[1]), reverse=True):
        text = text.replace(f"{sign}{name}", token)
    return text


def person_id(origin: Origin, written: str) -> str:
    """Raises `Rejected`."""
    if written.lower().lstrip("@") == "me":
        return origin.by.user_id
    found = _PERSON.fullmatch(written)
    if found is None:
        raise Rejected(f"I do not know {written[:60]}.", "Pick the person from the list that opens as you type @.")
    return found[1]


def channel_id(origin: Origin, written: str) -> str:
    """Raises `Rejected`."""
    if written.lower() == "here":
        return origin.sink.channel
    found = _CHANNEL.fullmatch(written)
    if found is None:
        raise Rejected(f"I cannot find {written[:60]}.", "Pick the channel from the list that opens as you type #.")
    return found[1]
