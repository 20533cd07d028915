"""Real processes around the fake Slack: bots and workers that can be killed."""

import asyncio
import subprocess
from pathlib import Path

from temporalio.client import Client

from tests.chaos.crash_harness import CrashHarness, answers
from tests.chat_platform.client import ChatPlatform
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import Transport
from tests.worker_harness import Actor
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter, TaskRecord

START = 60.0  # seconds for a process to be there


class SlackCrashHarness(CrashHarness):
    """As the other harness; what `CrashHarness` does on its platform is done in Slack."""

    def __init__(self, client: Client, slack: FakeSlack, folder: Path, transport: Transport = "socket") -> None:
        super().__init__(client, ChatPlatform(slack.url), folder)
        self.slack = slack
        self._credentials = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            **({"SLACK_APP_TOKEN": slack.app_token} if transport == "socket" else {}),
        }
        self._transport = transport

    def worker(
        self, crash_at: str | None = None, pause: float = 0.05, pictures: bool = False
    ) -> subprocess.Popen[bytes]:
        story = {"CHAOS_JOURNAL": str(self.journal), "CHAOS_PAUSE": str(pause)}
        story |= {"CHAOS_PICTURES": "1"} if pictures else {}
        return self._spawn("tests.chaos.worker", crash_at, self._credentials | story)

    async def bots(self, *crash_points: str | None) -> list[subprocess.Popen[bytes]]:
        """A bot for each, side by side, as soon as Slack reaches them all."""
        ports = [free_port() for _ in crash_points]
        given = [self._credentials | {"THREADWORK_HTTP": f"127.0.0.1:{port}"} for port in ports]
        bots = [self._spawn("bot", crash, more, "bot") for crash, more in zip(crash_points, given, strict=True)]
        async with asyncio.timeout(START):
            if self._transport == "socket":
                while await asyncio.to_thread(self.slack.sockets) < len(bots):
                    await asyncio.sleep(0.1)
            else:
                await asyncio.gather(*(answers(port) for port in ports))
                self.slack.change(request_urls=[f"http://127.0.0.1:{port}/slack/events" for port in ports])
        return bots

    async def begin(self, channel: str) -> Actor:
        """A task in a channel, without any bot."""
        return await self.harness.start("Mind the notes.", sink=Sink(platform="slack", workspace="T1", channel=channel))

    async def tasks(self) -> list[TaskRecord]:
        return await self.harness.store.tasks.list(TaskFilter(limit=500))
