"""Everything of ours around a fake Mattermost, put together by what puts the processes together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client

from examples.mattermost import wiring
from tests.app_harness import Ours, found, until_so
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.server import BOT
from threadwork.bot import platforms
from threadwork.bot.api import guard
from threadwork.bot.platforms import Platform, PlatformModule
from threadwork.workflows import platforms as told

TOWN = "C1"
PUBLIC = "https://bot.test"  # where Mattermost reaches the bot, as far as it knows


@dataclass(frozen=True)
class Example(Platform):
    """The row of a platform whose module stands in the examples."""

    @property
    def module(self) -> PlatformModule:
        return cast(PlatformModule, wiring)


def connect(monkeypatch: pytest.MonkeyPatch, fake: FakeMattermost) -> None:
    """Give it its rows and its settings."""
    row = Example("mattermost", lambda settings: True, lambda channel: True)
    monkeypatch.setattr(platforms, "PLATFORMS", (row,))
    monkeypatch.setitem(told.ROWS, "mattermost", wiring.ROW)
    monkeypatch.setattr(guard, "SIGNED", (*guard.SIGNED, "/mattermost/"))
    given = {
        "url": fake.url,
        "bot_token": fake.token,
        "command_token": fake.command_token,
        "button_secret": "secret",
        "public_url": PUBLIC,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"MATTERMOST_{name.upper()}", value)


class AppHarness(Ours):
    """Ours, with Mattermost alone, and what people see there."""

    def __init__(self, client: Client, fake: FakeMattermost, folder: Path, script: Any, **more: Any) -> None:
        super().__init__(client, folder, script, {}, **more)
        self.fake = fake

    async def connected(self) -> None:
        self.fake.reached_at = self.urls[-1]
        await until_so(lambda: len(self.fake.sockets.open) >= len(self.urls))

    async def seen(self, *words: str, channel: str = TOWN) -> dict[str, Any]:
        """Wait for a post of ours with all these words on it; the newest of them."""

        def look() -> list[dict[str, Any]]:
            posts = [one for one in list(self.fake.posts.values()) if one["user_id"] == BOT and not one["delete_at"]]
            here = [one for one in posts if one["channel_id"] == channel]
            return [one for one in here if all(word in readable(one) for word in words)]

        return (await found(look, f"No post says {words}", self._everything))[-1]

    async def told(self, user: str, *words: str) -> dict[str, Any]:
        """Wait until the bot has written this to the person."""
        return await self.seen(*words, channel=f"direct-{user}")

    async def sure(self, user: str, post: dict[str, Any], label: str, **given: str) -> str:
        """Press a button that opens a dialog, and send that. What is wrong with it; empty: nothing."""
        assert await self.fake.click(user, post, label) == ""
        return await self.fake.submit(user, self.fake.dialogs[-1], **given)

    def _everything(self) -> str:
        return "\n".join(f"[{one['channel_id']} {one['root_id']}] {readable(one)}" for one in self.fake.posts.values())


def readable(post: dict[str, Any]) -> str:
    attachments = (post["props"] or {}).get("attachments", [])
    buttons = " ".join(f"[{action['name']}]" for one in attachments for action in one["actions"])
    return f"{post['message']} {buttons}"
