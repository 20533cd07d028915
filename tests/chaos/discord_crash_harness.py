"""Real processes around the fake Discord: bots and workers that can be killed."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.chaos.crash_harness import CrashHarness, answers
from tests.chat_platform.client import ChatPlatform
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import Actor
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter, TaskRecord

START = 60.0  # seconds for a process to be there


class DiscordCrashHarness(CrashHarness):
    """As the other harness; what `CrashHarness` does on its platform is done in Discord."""

    def __init__(self, client: Client, discord: FakeDiscord, folder: Path) -> None:
        super().__init__(client, ChatPlatform(discord.url), folder)
        self.discord = discord
        self._credentials = {
            "DISCORD_BOT_TOKEN": discord.bot_token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "DISCORD_SHARDS": "1",
        }

    def worker(
        self, crash_at: str | None = None, pause: float = 0.05, pictures: bool = False
    ) -> subprocess.Popen[bytes]:
        story = {"CHAOS_JOURNAL": str(self.journal), "CHAOS_PAUSE": str(pause)}
        story |= {"CHAOS_PICTURES": "1"} if pictures else {}
        return self._spawn("tests.chaos.worker", crash_at, self._credentials | story)

    async def holder_and_second(self) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
        """Two bots: the first holds the gateway, the other stands by."""
        holder, _ = await self._bot()
        await self.sees(lambda: self.discord.connections() == 1 and self.discord.commands())
        second, port = await self._bot()
        await answers(port)
        return holder, second

    async def _bot(self) -> tuple[subprocess.Popen[bytes], int]:
        port = free_port()
        process = self._spawn("bot", None, self._credentials | {"THREADWORK_HTTP": f"127.0.0.1:{port}"}, "bot")
        return process, port

    async def begin(self, channel: str, goal: str = "Mind the notes.") -> Actor:
        """A task in a channel, without any bot."""
        sink = Sink(platform="discord", workspace=self.discord.guild, channel=channel)
        return await self.harness.start(goal, sink=sink)

    async def tasks(self) -> list[TaskRecord]:
        return await self.harness.store.tasks.list(TaskFilter(limit=500))

    async def sees(self, look: Callable[[], Any], within: float = START) -> None:
        """Looks block, and whoever waits shares this loop."""
        async with asyncio.timeout(within):
            while not await asyncio.to_thread(look):
                await asyncio.sleep(0.1)
