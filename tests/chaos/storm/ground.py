"""The processes of the storm: servers, bots and workers, as they run for a team."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.chaos.storm.model import StormModel
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.sql.migrate import migrate
from threadwork.bot.embedded import servers
from threadwork.bot.embedded.child import Child, Running
from threadwork.bot.embedded.ports_in_use import free_port

QUEUE = "storm"
OURS = ("worker-0", "worker-1", "bot-0", "bot-1")
START = 120.0  # seconds for all of them to be there
CONFIG = """
agents:
  default: &default
    model: openai/gpt-4o-mini
    tools: {{ask: ["storm.write"]}}
    budget: {{usd: 5, tokens: 10000000, iterations: 500}}
    model_timeout: 8s
    tool_timeout: 10s
  small:
    model: openai/gpt-4o-mini
    budget: {{usd: 5, tokens: 4500, iterations: 100}}
    model_timeout: 8s
    max_output_tokens: 2000
mcpServers:
  storm: {{command: "{python}", args: ["{recorder}", "{ran}"], trust_annotations: true}}
"""


class Processes:
    """All that may be killed and frozen, by name."""

    def __init__(self, folder: Path, slack: FakeSlack, model: StormModel) -> None:
        self.folder = folder
        self.database = folder / "storm.db"
        self.url = f"sqlite:///{self.database}"
        self.ran = folder / "ran.txt"
        self.ran.touch()
        migrate(self.url)
        config = folder / "threadwork.yaml"
        recorder = Path(__file__).with_name("recorder.py")
        config.write_text(CONFIG.format(python=sys.executable, recorder=recorder, ran=self.ran))
        port, redis = free_port(), free_port()
        self.temporal = f"127.0.0.1:{port}"
        children = [servers.temporal(folder, port, free_port(), "default"), servers.valkey(folder, redis)]
        ours = self._environment(slack, model, redis)
        for name in OURS:
            program = [str(Path(sys.executable).with_name("threadwork")), name.partition("-")[0]]
            more = {"THREADWORK_HTTP": f"127.0.0.1:{free_port()}", "THREADWORK_HOME": str(folder / name)}
            children.append(Child(name, program, env=ours | more))
        self._running = {child.name: Running(child, folder) for child in children if child}

    def _environment(self, slack: FakeSlack, model: StormModel, redis: int) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TEMPORAL_SERVER_URL": self.temporal,
            "TEMPORAL_TASK_QUEUE": QUEUE,
            "DATABASE_URL": self.url,
            "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "THREADWORK_CONFIG": str(self.folder / "threadwork.yaml"),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            **model.environment,
        }

    @property
    def names(self) -> list[str]:
        return list(self._running)

    async def start(self, name: str) -> None:
        await self._running[name].spawn()

    async def start_all(self) -> None:
        async with asyncio.timeout(START):
            for name in self.names:
                await self.start(name)
                if name not in OURS:
                    await self._ready(name)
            await asyncio.gather(*map(self._ready, OURS))

    async def _ready(self, name: str) -> None:
        while not await self._running[name].is_ready():
            await asyncio.sleep(0.1)

    async def kill(self, name: str) -> None:
        self._running[name].kill()
        if process := self._running[name].process:
            await process.wait()

    def send(self, name: str, what: signal.Signals) -> None:
        if process := self._running[name].process:
            with suppress(ProcessLookupError):
                process.send_signal(what)

    async def heal(self) -> list[str]:
        """Thaw all and start what is not there; returns what had ended by itself."""
        ended = []
        for name, running in self._running.items():
            self.send(name, signal.SIGCONT)
            if running.process is None or running.process.returncode is not None:
                ended.append(name)
                await self.start(name)
        return ended

    async def close(self) -> None:
        for name in reversed(self.names):
            self.send(name, signal.SIGCONT)
            await self._running[name].stop(10)
