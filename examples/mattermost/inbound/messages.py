"""What people say, what becomes of it later, and the sign that means stop."""

from datetime import UTC, datetime

from examples.mattermost.inbound.context import Context
from examples.mattermost.inbound.threads import MattermostThread
from examples.mattermost.me import Me
from examples.mattermost.people import person
from examples.mattermost.posts import Post, called_off, calls, is_theirs, message_key, moment, place
from threadwork.workflows.inbound import Inbound, IncomingMessage, MessageEdit, MessageSource, StopReaction
from threadwork.workflows.sinks import Sink

STOPS = frozenset({"octagonal_sign", "x"})  # 🛑 and ❌, by Mattermost's names


async def said(context: Context, bot: Me, post: Post) -> None:
    """In a channel only what calls the bot is handed on; in threads and direct messages everything."""

    async def make() -> Inbound | None:
        direct = await context.people.is_direct(post["channel_id"])
        mentioned = direct or calls(post["message"], bot.username)
        if not (mentioned or post["root_id"]) or (source := await _source(context, post, moment(post))) is None:
            return None
        return IncomingMessage(
            source=source,
            text=called_off(post["message"], bot.username),
            message_id=post["id"],
            mentioned=mentioned,
            thread=MattermostThread(context, bot, post),
        )

    if is_theirs(post, bot.user_id):
        await context.handle(post["channel_id"], make)


async def edited(context: Context, bot: Me, post: Post) -> None:
    """Mattermost also tells of posts that were pinned, say, where nobody changed a word."""
    if at := post.get("edit_at"):
        text = called_off(post["message"], bot.username)
        await _amended(context, bot, post, f"edit:{post['id']}:{at}", text, _time(at))


async def deleted(context: Context, bot: Me, post: Post) -> None:
    """Nobody is told who took it away."""
    at = _time(post["delete_at"]) if post.get("delete_at") else datetime.now(UTC)
    await _amended(context, bot, post, f"delete:{post['id']}", None, at)


async def _amended(context: Context, bot: Me, post: Post, key: str, text: str | None, at: datetime) -> None:
    async def make() -> Inbound | None:
        source = await _source(context, post, key)
        if source is None:
            return None
        return MessageEdit(source=source, message_id=message_key(post), text=text, at=at)

    if is_theirs(post, bot.user_id):
        await context.handle(post["channel_id"], make)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


async def reacted(context: Context, bot: Me, channel: str, reaction: Post) -> None:
    """`reaction`: as Mattermost describes it; older servers leave the channel to the event."""
    user, post_id, at = reaction["user_id"], reaction["post_id"], reaction["create_at"]

    async def make() -> Inbound | None:
        author = await context.people.who(user)
        if author.robot:
            return None
        source = MessageSource(
            by=person(user, author.name),
            key=f"reaction:{post_id}:{user}:{at}",
            sink=Sink(platform="mattermost", channel=channel),
            direct=await context.people.is_direct(channel),
            moment=f"{channel}:{at:013d}-~",  # behind every post of that millisecond
        )
        return StopReaction(source=source, message_id=post_id)

    if reaction["emoji_name"] in STOPS and user != bot.user_id:
        await context.handle(channel, make)


async def _source(context: Context, post: Post, key: str) -> MessageSource | None:
    """None: another bot wrote it. Bots that call each other would never end."""
    author = await context.people.who(post["user_id"])
    if author.robot:
        return None
    direct = await context.people.is_direct(post["channel_id"])
    return MessageSource(by=person(post["user_id"], author.name), key=key, sink=place(post), direct=direct)
