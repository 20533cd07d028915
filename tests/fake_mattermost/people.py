"""What people do in the fake, and how its server passes it on."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from tests.fake_mattermost.server import BOT, Mattermost
from tests.fake_mattermost.sockets import Sockets

ANN, BOB = "user-ann", "user-bob"


def user(user_id: str, name: str, bot: bool = False) -> dict[str, Any]:
    return {"id": user_id, "username": name.lower(), "nickname": name, "is_bot": bot, "roles": "system_user"}


@dataclass
class People(Mattermost):
    users: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            BOT: user(BOT, "Threadwork", bot=True),
            ANN: user(ANN, "Ann"),
            BOB: user(BOB, "Bob"),
        }
    )
    teams: list[str] = field(default_factory=lambda: ["team1"])  # of the bot
    sockets: Sockets = field(default_factory=Sockets)
    command_token: str = "command-token"
    reached_at: str = ""  # where public addresses of the bot lead
    dialogs: list[dict[str, Any]] = field(default_factory=list)  # that were opened, newest last
    triggers: int = 0

    def tell_post(self, event: str, post: dict[str, Any]) -> None:
        if post["channel_id"] in self.members and self.sockets.loop:
            data = {"post": json.dumps(post), "channel_type": self.channel(post["channel_id"])["type"]}
            self.sockets.tell(event, data, post["channel_id"])

    def say(self, by: str, channel: str, text: str, root: str = "", **more: Any) -> dict[str, Any]:
        post = self.create({"channel_id": channel, "message": text, "root_id": root, **more}, self.now_ms(), by)
        self.tell_post("posted", post)
        return post

    def reword(self, post: dict[str, Any], text: str) -> None:
        """What it said before is kept as a deleted post that names this one."""
        now = self.tick(self.now_ms())
        old = {**post, "id": f"h{len(self.posts):025}", "original_id": post["id"], "delete_at": now, "update_at": now}
        self.posts[old["id"]] = old
        post.update(message=text, edit_at=now, update_at=now)
        self.tell_post("post_edited", post)

    def take_back(self, post: dict[str, Any]) -> None:
        before = dict(post)
        post["delete_at"] = post["update_at"] = self.tick(self.now_ms())
        self.tell_post("post_deleted", before)

    def react(self, by: str, post: dict[str, Any], emoji: str) -> None:
        made = {"user_id": by, "post_id": post["id"], "emoji_name": emoji, "create_at": self.tick(self.now_ms())}
        self.sockets.tell("reaction_added", {"reaction": json.dumps(made)}, post["channel_id"])

    async def slash(self, by: str, channel: str, text: str, token: str = "", **more: str) -> httpx.Response:
        form = {
            "token": token or self.command_token,
            "team_id": "team1",
            "channel_id": channel,
            "user_id": by,
            "user_name": self.users[by]["username"],
            "command": "/agent",
            "text": text,
            "trigger_id": self._trigger(by),
            "root_id": "",
            **more,
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._call("https://bot.test/mattermost/command", urlencode(form).encode(), kind)

    async def click(self, by: str, post: dict[str, Any], label: str, **forged: Any) -> str:
        """What the person is told alone. `forged`: what somebody who is not Mattermost puts into the request."""
        actions = [one for attachment in post["props"]["attachments"] for one in attachment["actions"]]
        (wanted,) = [one["integration"] for one in actions if one["name"] == label]
        body = {
            "user_id": by,
            "channel_id": post["channel_id"],
            "post_id": post["id"],
            "trigger_id": self._trigger(by),
            "context": wanted["context"],
            **forged,
        }
        return str((await self._call(wanted["url"], json.dumps(body).encode())).json().get("ephemeral_text", ""))

    async def submit(self, by: str, dialog: dict[str, Any], **submission: str) -> str:
        """What is wrong with it; empty: it closed. The person's program may send what it likes but for `user_id`."""
        body = {
            "type": "dialog_submission",
            "state": dialog["dialog"]["state"],
            "user_id": by,
            "channel_id": "wherever",
            "submission": submission,
        }
        return str((await self._call(dialog["url"], json.dumps(body).encode())).json().get("error", ""))

    def open_dialog(self, body: dict[str, Any]) -> None:
        self.dialogs.append(body)

    async def _call(self, url: str, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.reached_at, timeout=20, verify=False) as client:
            return await client.post(urlsplit(url).path, content=content, headers=headers)

    def _trigger(self, by: str) -> str:
        """As long as a real one."""
        self.triggers += 1
        return base64.b64encode(f"{self.triggers:026}:{by:26}:{self.now:013}:{'s' * 96}".encode()).decode()
