"""Everything of ours around a fake Slack and a fake Discord at once."""

import asyncio
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.app_harness import Ours
from tests.discord_harness import DiscordLooks, discord_reaches, discord_settings
from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import SlackLooks, slack_reaches, slack_settings


class AppHarness(Ours):
    """Ours, with both."""

    def __init__(
        self, client: Client, slack: FakeSlack, discord: FakeDiscord, folder: Path, script: Any, **more: Any
    ) -> None:
        """`more`: as for `Ours`, ports included."""
        super().__init__(client, folder, script, slack_settings(slack) | discord_settings(discord), **more)
        self.slack, self.discord = slack, discord
        self.in_slack, self.in_discord = SlackLooks(slack), DiscordLooks(discord)

    async def connected(self) -> None:
        await asyncio.gather(slack_reaches(self.slack, self.urls), discord_reaches(self.discord))
