"""What was said in a channel, read afterwards."""

from collections.abc import AsyncIterator, Sequence

from examples.mattermost.posts import Post
from examples.mattermost.rest import Rest

PAGE = 200  # posts; what the server gives at most
MAX_SINCE = 1_000  # posts that `since` gives at most


async def newest_first(rest: Rest, channel: str, oldest: int) -> AsyncIterator[Post]:
    """Page by page, at least until `oldest` (milliseconds); some twice. A page begins behind a post, so what is said
    meanwhile moves nothing."""
    before = ""
    while True:
        params = {"per_page": PAGE, **({"before": before} if before else {})}
        page = await rest.call("GET", f"/channels/{channel}/posts", params=params)
        posts = [page["posts"][one] for one in page["order"]]
        for post in posts:
            yield post
        if len(posts) < PAGE or posts[-1]["create_at"] < oldest:
            return
        before = _overlap(posts)


async def changed_since(rest: Rest, channel: str, since: int) -> list[Post]:
    """Posts that were made, edited or deleted after `since` (milliseconds), by when they were made.

    Of more than a thousand the server gives any thousand, in no order and without a next page
    (`GetPostsSince`, server/channels/store/sqlstore/post_store.go): then those made since are read page by page, and
    what became of older ones is not known."""
    page = await rest.call("GET", f"/channels/{channel}/posts", params={"since": since})
    posts = [page["posts"][one] for one in page["order"]]
    if len(posts) >= MAX_SINCE:
        read = {one["id"]: one async for one in newest_first(rest, channel, since)}
        posts = [one for one in read.values() if one["create_at"] > since]
    return sorted(posts, key=lambda post: (post["create_at"], post["id"]))


async def thread(rest: Rest, root: str) -> list[Post]:
    """The root and its replies, oldest first. Raises `NotFound`, and `SinkGone` where the bot may not read it."""
    page = await rest.call("GET", f"/posts/{root}/thread")
    return sorted(page["posts"].values(), key=lambda post: (post["create_at"], post["id"]))


def _overlap(posts: Sequence[Post]) -> str:
    """The post behind which the next page begins: the last one that is newer than the very last. The server compares
    milliseconds, and several posts may share one."""
    last = posts[-1]
    return str(next((one["id"] for one in reversed(posts) if one["create_at"] > last["create_at"]), last["id"]))
