"""What the websocket tells of, each with what is done about it. What is not here is left alone."""

import json
from collections.abc import Awaitable, Callable

import structlog

from examples.mattermost.inbound import messages
from examples.mattermost.inbound.context import Context
from examples.mattermost.inbound.missed import Missed
from examples.mattermost.inbound.socket import Event
from examples.mattermost.me import Me
from examples.mattermost.posts import Post
from threadwork.adapters.chat.background import ODD

log = structlog.get_logger(__name__)


async def deliver(context: Context, missed: Missed, bot: Me, event: Event) -> None:
    handle = EVENTS.get(event["event"])
    if handle is None:
        return
    try:
        await handle(context, missed, bot, event)
    except ODD as error:  # of a shape that Mattermost does not describe
        log.warning("mattermost_event_odd", what=event["event"], why=type(error).__name__)


async def _posted(context: Context, missed: Missed, bot: Me, event: Event) -> None:
    if missed.is_new(post := _post(event)):
        await messages.said(context, bot, post)


async def _edited(context: Context, missed: Missed, bot: Me, event: Event) -> None:
    if missed.is_new(post := _post(event)):
        await messages.edited(context, bot, post)


async def _deleted(context: Context, missed: Missed, bot: Me, event: Event) -> None:
    """The post is told as it was before."""
    post = _post(event)
    if missed.is_new({**post, "delete_at": True}):
        await messages.deleted(context, bot, post)


async def _reacted(context: Context, missed: Missed, bot: Me, event: Event) -> None:
    await messages.reacted(context, bot, event["broadcast"]["channel_id"], json.loads(event["data"]["reaction"]))


def _post(event: Event) -> Post:
    found: Post = json.loads(event["data"]["post"])
    return found


Handle = Callable[[Context, Missed, Me, Event], Awaitable[None]]
EVENTS: dict[str, Handle] = {
    "posted": _posted,
    "post_edited": _edited,
    "post_deleted": _deleted,
    "reaction_added": _reacted,
}
