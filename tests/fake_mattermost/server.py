"""The REST API of a Mattermost with two channels and one bot. What it refuses, and how, is what the server's
`server/channels/api4/post.go` and `app/post.go` do."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import web

from tests.chat_platform.answers import Answer
from tests.chat_platform.faults import Faults, after, before

REQUESTS = json.loads((Path(__file__).parents[1] / "contracts/mattermost/requests.json").read_text(encoding="utf-8"))
FORBIDDEN = "api.context.permissions.app_error"
NO_POST = "app.post.get.app_error"
DEDUPLICATED = 30_000  # milliseconds for which a pending id is known
BOT = "user-bot"
MAX_SINCE = 1_000  # posts
METHODS = {"POST": "post", "PUT": "edit", "DELETE": "delete", "GET": "find"}


class Refusal(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


@dataclass
class Mattermost:
    token: str = "bot-token"
    members: set[str] = field(default_factory=lambda: {"C1", "C2"})  # channels that the bot is in
    channels: set[str] = field(default_factory=lambda: {"C1", "C2"})
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    now: int = 0  # milliseconds, of the last post

    def now_ms(self) -> int:
        return int(time.time() * 1_000)

    def tick(self, now: int) -> int:
        """No two changes share a millisecond."""
        self.now = max(now, self.now + 1)
        return self.now

    def channel(self, channel: str) -> dict[str, Any]:
        last = max((one["update_at"] for one in self.posts.values() if one["channel_id"] == channel), default=0)
        return {"id": channel, "type": "D" if channel.startswith("direct-") else "O", "last_post_at": last}

    def direct(self, user: str) -> str:
        """The channel of the bot and the user."""
        channel = f"direct-{user}"
        self.channels.add(channel)
        self.members.add(channel)
        return channel

    def stands(self, post_id: str) -> dict[str, Any]:
        post = self.posts.get(post_id)
        if post is None or post["delete_at"]:
            raise Refusal(404, NO_POST)
        return post

    def allowed(self, channel: str) -> None:
        if channel not in self.members:
            raise Refusal(403, FORBIDDEN)

    def own(self, post_id: str) -> dict[str, Any]:
        """To be changed. What is gone may not be changed: 403, not 404."""
        try:
            post = self.stands(post_id)
        except Refusal:
            raise Refusal(403, FORBIDDEN) from None
        self.allowed(post["channel_id"])
        return post

    def create(self, body: dict[str, Any], now: int, by: str = BOT) -> dict[str, Any]:
        self.allowed(body["channel_id"])
        known = self.posts.get(self.pending.get(body.get("pending_post_id", ""), ""))
        if known and now - known["create_at"] < DEDUPLICATED:
            if known["delete_at"]:
                raise Refusal(500, "api.post.deduplicate_create_post.failed_to_get")
            return known
        if root := body.get("root_id", ""):
            self._root(root)
        return self._kept(body, root, now, by)

    def _root(self, post_id: str) -> None:
        root = self.posts.get(post_id)
        if root is None or root["delete_at"] or root["root_id"]:
            raise Refusal(400, "api.post.create_post.root_id.app_error")

    def _kept(self, body: dict[str, Any], root: str, now: int, by: str) -> dict[str, Any]:
        at, post_id = self.tick(now), f"p{len(self.posts):025}"
        times = {"create_at": at, "update_at": at, "edit_at": 0, "delete_at": 0}
        made = {"id": post_id, "user_id": by, "root_id": root, "original_id": "", "type": "", **times}
        self.posts[post_id] = {**made, "channel_id": body["channel_id"], "message": body["message"]}
        self.posts[post_id]["props"] = body.get("props", {})
        if pending := body.get("pending_post_id"):
            self.pending[pending] = post_id
        return self.posts[post_id]

    def patch(self, post_id: str, body: dict[str, Any]) -> dict[str, Any]:
        post = self.own(post_id)
        now = self.tick(self.now_ms())
        post.update(body, update_at=now, edit_at=now)
        return post

    def delete(self, post_id: str, now: int) -> None:
        """With a root its replies go, too."""
        self.own(post_id)
        for post in self.posts.values():
            if post_id in (post["id"], post["root_id"]):
                post["delete_at"] = post["update_at"] = now

    def page(self, channel: str, per_page: int, before_id: str) -> dict[str, Any]:
        """Newest first."""
        self.allowed(channel)
        here = [one for one in reversed(self.posts.values()) if one["channel_id"] == channel and not one["delete_at"]]
        edge = self.posts[before_id]["create_at"] if before_id else None
        shown = [one for one in here if edge is None or one["create_at"] < edge][: min(per_page, 200)]
        return {"order": [one["id"] for one in shown], "posts": {one["id"]: one for one in shown}}

    def changed_since(self, channel: str, since: int) -> dict[str, Any]:
        """Any thousand, deleted ones and texts of before among them; their roots beside, in no order."""
        self.allowed(channel)
        here = [one for one in self.posts.values() if one["channel_id"] == channel and one["update_at"] > since]
        shown = here[:MAX_SINCE]
        roots = (self.posts[one["root_id"]] for one in shown if one["root_id"])
        known = {one["id"]: one for one in (*roots, *shown)}
        return {"order": [one["id"] for one in reversed(shown)], "posts": known}

    def thread(self, root: str) -> dict[str, Any]:
        self.stands(root)
        shown = [one for one in self.posts.values() if root in (one["id"], one["root_id"]) and not one["delete_at"]]
        return {"order": [one["id"] for one in shown], "posts": {one["id"]: one for one in shown}}

    def checked(self, kind: str, body: Any) -> Any:
        try:
            jsonschema.validate(body, REQUESTS[kind])
        except jsonschema.ValidationError as error:
            self.objections.append(f"{kind}: {error.message}")
            raise Refusal(400, "api.context.invalid_body_param.app_error") from None
        for attachment in body.get("props", {}).get("attachments", []) if isinstance(body, dict) else ():
            self.objections += [one["id"] for one in attachment["actions"] if not one["id"].isalnum()]
        return body


def refused(refusal: Refusal) -> web.Response:
    return web.json_response({"id": refusal.error, "status_code": refusal.status}, status=refusal.status)


def instead(answer: Answer, request: web.Request) -> web.Response:
    """What a fault answers. Its 429 says so in the two headers, and in no JSON."""
    if answer.cut and request.transport:
        request.transport.abort()
    wait = str(answer.retry_after)
    headers = {} if answer.retry_after is None else {"Retry-After": wait, "X-RateLimit-Reset": wait}
    return web.Response(status=answer.status, text="limit exceeded", headers=headers)


async def struck(fake: Mattermost, request: web.Request, handled: Any) -> web.StreamResponse:
    method = "who" if request.path.startswith("/api/v4/users") else METHODS[request.method]
    due = fake.faults.due(method, "")
    fake.calls.append(method)
    if (answer := await before(due)) is not None:
        return instead(answer, request)
    response: web.StreamResponse = await handled()
    answer = await after(due)
    return response if answer is None else instead(answer, request)
