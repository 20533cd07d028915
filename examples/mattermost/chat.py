"""Mattermost behind the port `ChatAdapter`.

A sink is a channel and, of a thread in it, the id of the root post. Each post carries its mark in `props`."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from examples.mattermost import cards
from examples.mattermost.buttons import actions
from examples.mattermost.history import newest_first
from examples.mattermost.me import direct_channel, me
from examples.mattermost.posts import MARK
from examples.mattermost.rest import Rest
from threadwork.workflows.buttons import Button
from threadwork.workflows.cards import Card
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.sinks import Bucket, Found, Part, Sink

ALL = Bucket(key="mattermost:all", per_minute=480, burst=20)  # below the server's default: 10 a second for a token


class MattermostChat:
    """Raises as `Rest` does; `edit` raises `NotFound` for a post that is gone."""

    def __init__(self, rest: Rest, buttons_url: str, secret: str) -> None:
        """`buttons_url`: where Mattermost calls us when a button is clicked; `secret` signs the buttons."""
        self._rest = rest
        self._buttons_url = buttons_url
        self._secret = secret
        self._user_id = ""  # the bot's own, once it was asked for

    def buckets(self, sink: Sink, method: Literal["post", "edit", "delete", "find"]) -> Sequence[Bucket]:
        return Bucket(key=f"mattermost:{sink.channel}:{method}", per_minute=240, burst=10), ALL

    def render(self, task_id: str, card: Card) -> list[Part]:
        return cards.render(task_id, card)

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        """For half a minute the server recognises a repeated post by its `pending_post_id`, and answers with the first
        one, which may say something else. Later the mark tells (`find`)."""
        body = self._body(sink, part, mark)
        channel = await direct_channel(self._rest, sink.channel) if sink.direct else sink.channel
        place = {"channel_id": channel, "root_id": sink.thread, "pending_post_id": _pending(sink, mark)}
        posted = await self._rest.call("POST", "/posts", json={**place, **body})
        if posted["message"] != body["message"]:
            await self.edit(sink, posted["id"], part, mark)
        return str(posted["id"])

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        try:
            await self._rest.call("PUT", f"/posts/{message_id}/patch", json=self._body(sink, part, mark))
        except SinkGone:
            await self._look(sink, message_id)
            raise

    async def delete(self, sink: Sink, message_id: str) -> None:
        try:
            await self._rest.call("DELETE", f"/posts/{message_id}")
        except NotFound:
            return
        except SinkGone:
            try:
                await self._look(sink, message_id)
            except NotFound:
                return
            raise

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Root posts where the sink names no thread, else the replies of its thread."""
        oldest = int(since.timestamp() * 1_000)
        self._user_id = self._user_id or (await me(self._rest)).user_id
        read = newest_first(self._rest, sink.channel, oldest)
        posts = {post["id"]: post async for post in read if _is_card(post, self._user_id, sink, oldest)}
        return sorted(map(_found, posts.values()), key=lambda one: one.at)

    async def _look(self, sink: Sink, message_id: str) -> None:
        """The server forbids the change of a post that is gone, too (server/channels/api4/post.go).

        Raises `NotFound` where the channel is there and the post is not, `SinkGone` where the channel is not."""
        try:
            await self._rest.call("GET", f"/channels/{sink.channel}")
        except NotFound:
            raise SinkGone(f"The Mattermost channel {sink.channel} no longer exists.") from None
        await self._rest.call("GET", f"/posts/{message_id}")

    def _body(self, sink: Sink, part: Part, mark: str) -> dict[str, Any]:
        made = [Button.model_validate(one) for one in part.content["buttons"]]
        row = actions(made, self._buttons_url, self._secret, sink.channel)
        return {
            "message": part.content["message"],
            "props": {MARK: mark, "attachments": [{"actions": row}] if row else []},
        }


def _is_card(post: dict[str, Any], user_id: str, sink: Sink, oldest: int) -> bool:
    """Anybody may write a mark into a post of their own."""
    ours = post["user_id"] == user_id and MARK in post["props"]
    return ours and post["root_id"] == sink.thread and post["create_at"] >= oldest


def _found(post: dict[str, Any]) -> Found:
    at = datetime.fromtimestamp(post["create_at"] / 1_000, UTC)
    return Found(mark=post["props"][MARK], message_id=post["id"], at=at)


def _pending(sink: Sink, mark: str) -> str:
    """The same for the same message. The server keeps it for all channels and users together."""
    return hashlib.sha256(f"{sink.key} {mark}".encode()).hexdigest()
