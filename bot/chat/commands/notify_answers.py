"""What people are told of subscribed channels."""

from collections.abc import Mapping, Sequence

from threadwork.bot.chat.lists import short
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.subscriptions import Subscription

KIND_WORDS = {
    "failed": "failures",
    "approval": "approvals that wait",
    "question": "questions",
    "budget": "budgets used up",
    "completed": "completions",
    "stopped": "stops",
    "escalated": "approvals that nobody decided",
    "everything": "everything",
}
MAX_NAMES = 5  # of agents, people or channels in a line
NOBODY: Mapping[str, str] = {}


def subscribed(subscription: Subscription, names: Mapping[str, str]) -> Response:
    """`names`: of people and channels, by id, as they were just named."""
    what = _what(subscription, names)
    return Response(
        text=f"This channel now gets: {what}.\n{_NEVER}\n`{SLASH} notify off` ends it, `{SLASH} notify list` shows it."
    )


_NEVER = "Tasks in private channels, in direct messages and in other workspaces or servers are left out."


def unsubscribed(ended: Sequence[Subscription], left: Sequence[Subscription]) -> Response:
    of_file = [one for one in left if one.source == "file"]
    of_others = [one for one in left if one.source != "file"]
    lines = [_ENDED if ended and not of_others else _PARTLY if ended else "Nobody has subscribed this channel."]
    if of_others:
        lines += ["It is about agents that you may not run:", *map(_line, of_others)]
    if of_file:
        lines += ["threadwork.yaml subscribes it still; whoever keeps that file can change it:", *map(_line, of_file)]
    return Response(text="\n".join(lines))


_ENDED = "This channel gets no more updates on new tasks."
_PARTLY = "Ended what you may end. Something is left that others asked for."


def subscriptions(here: Sequence[Subscription], dead: Sequence[Subscription]) -> Response:
    """`dead`: of other channels."""
    lines = ["This channel gets:", *map(_line, here)] if here else [f"This channel gets no updates. {_how()}"]
    if dead:
        lines += ["Channels that no longer take messages:", *(f"{_line(one)} ({one.sink.address})" for one in dead)]
    return Response(text="\n".join(lines))


def _how() -> str:
    return f"`{SLASH} notify on` starts them, for failures, approvals and budgets."


def _line(one: Subscription) -> str:
    source = " (by threadwork.yaml)" if one.source == "file" else f" (by {short(one.by.shown)})" if one.by else ""
    failed = f" · has stopped: {short(one.failure, 200)}" if one.failure else ""
    return f"• {_what(one)}{source}{failed}"


def _what(one: Subscription, names: Mapping[str, str] = NOBODY) -> str:
    kinds = ", ".join(KIND_WORDS[kind] for kind in one.on)
    people, channels = ([names.get(id_, id_) for id_ in ids] for ids in (one.requesters, one.channels))
    return f"{kinds}{_of('agent', one.agents)}{_of('tasks of', people)}{_of('tasks in', channels)}"


def _of(what: str, names: Sequence[str]) -> str:
    if "*" in names:
        return ""
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f" · {what} {', '.join(short(name) for name in names[:MAX_NAMES])}{more}"
