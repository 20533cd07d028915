"""Which workspace's installation a delivery is about, where several are in one channel.

Slack tells of what happens there once for each of them, or once for a single one: `authorizations` holds one, and not
always that of the bot that was spoken to (bolt-python#1107, bolt-js#2008). What people may do hangs on the
installation, so it is found by what was said or pressed, and not by who was told of it first."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from slack_bolt.authorization import AuthorizeResult

from threadwork.adapters.slack.inbound.payload import PLATFORM, Payload, Reach
from threadwork.adapters.slack.modals.views import unpacked
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import ChatViews
from threadwork.workflows.sinks import Sink

Json = Mapping[str, Any]
Bots = Mapping[str, Sequence[str]]  # our bot users, each with the workspaces in which it is ours
_CALLED = re.compile(r"<@([UW][A-Z0-9]{1,30})[|>]")


async def one_alone() -> Bots:
    """One workspace installed the app: there is nothing to choose from."""
    return {}


async def stranger(team_id: str | None) -> AuthorizeResult | None:
    return None


class Homes(NamedTuple):
    """`bots`: of every installation. `identity`: of one of them, with its token."""

    bots: Callable[[], Awaitable[Bots]] = one_alone
    identity: Callable[[str | None], Awaitable[AuthorizeResult | None]] = stranger

    async def of(self, payload: Payload, views: ChatViews) -> Payload:
        """The delivery as the installation knows it that it is about. Raises what the database raises."""
        bots = await self.bots()
        if {team for teams in bots.values() for team in teams} <= {payload.team}:
            return payload
        ours = payload.model_copy(update={"bots": frozenset(bots)})
        team = await _team(ours, bots, views)
        known = await self.identity(team) if team != payload.team else None
        return ours.seen_by(known) if known else ours


async def _team(payload: Payload, bots: Bots, views: ChatViews) -> str:
    """Of the task in whose thread it is; else of the bot that was called, or whose message it is about."""
    about = _about(payload)
    if not about.channel or about.channel.startswith("D"):  # a conversation with one bot alone
        return payload.team
    if about.thread:
        teams = sorted({team for those in bots.values() for team in those})
        sink = Sink(platform=PLATFORM, workspace=payload.team, channel=about.channel, thread=about.thread)
        if home := await views.workspace(sink, teams):
            return home
    ours = [bot for bot in about.bots if bot in bots]
    if payload.bot_user in ours and not payload.body.get("is_ext_shared_channel"):
        return payload.team  # the others may not even be there; within an organisation either will do
    teams = list(bots[ours[0]]) if ours else []
    return payload.team if payload.team in teams or not teams else teams[0]


class _About(NamedTuple):
    channel: str = ""
    thread: str = ""
    bots: tuple[str, ...] = ()  # users that may be bots of ours: the first that is one is meant


def _about(payload: Payload) -> _About:
    """Raises what a payload of another shape makes it raise."""
    return _event(payload.event) if payload.event else _interaction(payload.body)


def _event(event: Json) -> _About:
    item = event.get("item") or {}
    said = event.get("message") or event.get("previous_message") or event
    called = _CALLED.findall(str(said.get("text") or ""))
    authors = (said.get("parent_user_id"), event.get("item_user"))
    return _About(
        str(event.get("channel") or item.get("channel") or ""),
        str(said.get("thread_ts") or item.get("ts") or ""),
        tuple(str(user) for user in (*called, *authors) if user),
    )


def _interaction(body: Json) -> _About:
    """A press on a message, a form that was opened from one; commands are given to one bot."""
    if view := body.get("view"):
        reach = _opened_at(view, str((body.get("user") or {}).get("id") or ""))
        return _About(reach.channel, reach.thread)
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") if isinstance(body.get("channel"), dict) else ""
    thread = message.get("thread_ts") or container.get("thread_ts") or message.get("ts") or ""
    author = (str(message["user"]),) if message.get("user") else ()
    return _About(str(channel or container.get("channel_id") or ""), str(thread), author)


def _opened_at(view: Json, user: str) -> Reach:
    packed = str(view.get("private_metadata") or "")
    try:
        return Reach.unpacked(user, unpacked(packed)[0] if view.get("type") == "modal" else packed)
    except Rejected:
        return Reach(user=user)
