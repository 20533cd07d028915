"""Everything of ours around a fake Mattermost, put together by what puts the processes together."""

import sys
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from examples.mattermost import doctor, settings, wiring
from examples.mattermost.settings import MattermostSettings
from tests import app_harness
from tests.app_harness import Ours, found, until_so
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.server import BOT
from threadwork.bot import open_platforms
from threadwork.bot import settings as bot_settings
from threadwork.bot.api import guard
from threadwork.bot.platform_protocols import PlatformDoctor, PlatformWiring
from threadwork.bot.settings import Settings
from threadwork.workflows.platform_registry import ROWS

TOWN = "C1"
PUBLIC = "https://bot.test"  # where Mattermost reaches the bot, as far as it knows
WIRED: PlatformWiring = wiring  # mypy sees that they fit
LOOKED_AT: PlatformDoctor = doctor


class ExampleSettings(MattermostSettings, Settings):
    """The bot's, with those of the example."""


def connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give it its row and its settings, and its folder the name by which those of platforms are found."""
    for name, module in {"wiring": WIRED, "doctor": LOOKED_AT, "settings": settings}.items():
        monkeypatch.setitem(sys.modules, f"threadwork.adapters.mattermost.{name}", module)
    for reader in (open_platforms, bot_settings):
        monkeypatch.setattr(reader, "PLATFORMS", (wiring.ROW,))
    monkeypatch.setitem(ROWS, "mattermost", wiring.ROW)
    monkeypatch.setattr(guard, "SIGNED", (*guard.SIGNED, "/mattermost/"))
    monkeypatch.setattr(app_harness, "Settings", ExampleSettings)


def given(fake: FakeMattermost) -> dict[str, Any]:
    """Settings by which it is connected."""
    return {
        "mattermost_url": fake.url,
        "mattermost_bot_token": fake.token,
        "mattermost_command_token": fake.command_token,
        "mattermost_button_secret": "secret",
        "mattermost_public_url": PUBLIC,
    }


class AppHarness(Ours):
    """Ours, with Mattermost alone, and what people see there."""

    def __init__(self, client: Client, fake: FakeMattermost, folder: Path, script: Any, **more: Any) -> None:
        super().__init__(client, folder, script, given(fake), **more)
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
