"""Tool servers of the protocol's own makers, in Python and in TypeScript, over stdio and over HTTP."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.worker_harness import WorkerHarness, agent, call, done
from threadwork.activities.tool_calls.elicitation import DECLINE, OPENED, answer, asking
from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.model import says
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolPolicy, ToolSpec
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Hint
from threadwork.workflows.models import ToolOutput
from threadwork.workflows.servers import ServerSpec

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

INSTALL = Path(__file__).parents[2] / ".ci" / "mcp-servers"
LONG, SHORT = "every.trigger-long-running-operation", {"duration": 1, "steps": 2}


def left_out(why: str) -> None:
    """Where everything must be there it is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


@pytest.fixture(scope="module")
def commands() -> Path:
    """The folder of their commands; they are installed once."""
    if not (shutil.which("node") and shutil.which("npm")):
        left_out("node and npm are missing")
    installed = subprocess.run([INSTALL], capture_output=True, text=True, timeout=180, check=False)
    if installed.returncode:
        left_out(f"npm did not install the tool servers: {installed.stderr[-300:]}")
    return Path(installed.stdout.strip())


class Tools:
    """The tools of some servers, as they were discovered."""

    def __init__(self, box: McpToolBox, found: dict[str, ToolSpec]) -> None:
        self.box, self.found = box, found

    async def call(self, name: str, **arguments: object) -> ToolOutput:
        output = await self.box.call(self.found[name], arguments, 30)
        assert not output.is_error, output.text
        return output

    async def answered(self, name: str, said: str, **arguments: object) -> ToolOutput:
        """The call goes on with what a person answers."""
        output = await self.call(name, **arguments)
        assert output.asked is not None, output.text
        kept = asking(output.asked, None)
        kept.answers = {key: answer(params, said) for key, params in kept.requests.items()}
        return await self.box.call(self.found[name], arguments, 30, kept.given)


@asynccontextmanager
async def discovered(**servers: ServerSpec) -> AsyncIterator[Tools]:
    box = McpToolBox(servers, dict(os.environ))
    try:
        discovery = await box.discover(None)
        assert discovery.problems == ()
        assert {tool.name.partition(".")[0] for tool in discovery.tools} == set(servers)
        yield Tools(box, {tool.name: tool for tool in discovery.tools})
    finally:
        await box.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class OverHttp:
    """server-everything behind a URL; may be killed and started again."""

    def __init__(self, commands: Path) -> None:
        self._command, self._port = commands / "mcp-server-everything", free_port()
        self.spec = ServerSpec(url=f"http://127.0.0.1:{self._port}/mcp")
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "PORT": str(self._port)}
        self._process = subprocess.Popen(
            [str(self._command), "streamableHttp"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        listening_by = time.monotonic() + 30
        while time.monotonic() < listening_by:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("server-everything does not listen")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def over_http(commands: Path) -> Iterator[OverHttp]:
    server = OverHttp(commands)
    try:
        yield server
    finally:
        server.kill()


async def everything_is_there(tools: Tools) -> None:
    assert (await tools.call("every.echo", message="hello")).text == "Echo: hello"
    assert "5" in (await tools.call("every.get-sum", a=2, b=3)).text
    weather = await tools.call("every.get-structured-content", location="New York")
    assert "Cloudy" in weather.text
    picture = await tools.call("every.get-tiny-image")
    assert [file.media_type for file in picture.files] == ["image/png"]
    assert picture.files[0].content.startswith(b"\x89PNG")
    accepted = await tools.answered("every.trigger-elicitation-request", "Name: Ann\ncheck: yes\ninteger: 7")
    assert "- Name: Ann\n- Agreed to terms: true\n- Favorite Integer: 7" in accepted.text
    assert "User declined" in (await tools.answered("every.trigger-elicitation-request", DECLINE)).text
    page = await tools.answered("every.trigger-url-elicitation", OPENED, url="https://bank.example/login")
    assert '"action": "accept"' in page.text
    needed = await tools.call("every.trigger-url-elicitation", url="https://bank.example/x", errorPath=True)
    assert needed.asked is not None
    assert needed.asked.over
    assert needed.asked.requests["0"]["url"] == "https://modelcontextprotocol.io"
    told: list[str] = []
    ran = await tools.box.call(tools.found[LONG], SHORT, 30, progress=told.append)
    assert "completed" in ran.text
    assert told[0].startswith("50 %")


async def test_the_whole_protocol_over_stdio(commands: Path) -> None:
    spec = ServerSpec(command=str(commands / "mcp-server-everything"))
    async with discovered(every=spec) as tools:
        await everything_is_there(tools)


async def test_the_whole_protocol_over_http(commands: Path) -> None:
    with over_http(commands) as server:
        async with discovered(every=server.spec) as tools:
            await everything_is_there(tools)


async def test_files_memory_time_and_a_repository_of_git(commands: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one line")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    servers = {
        "files": ServerSpec(command=str(commands / "mcp-server-filesystem"), args=(str(tmp_path),)),
        "memory": ServerSpec(
            command=str(commands / "mcp-server-memory"), env={"MEMORY_FILE_PATH": str(tmp_path / "memory.jsonl")}
        ),
        "time": ServerSpec(command=sys.executable, args=("-m", "mcp_server_time", "--local-timezone", "UTC")),
        "git": ServerSpec(command=sys.executable, args=("-m", "mcp_server_git", "--repository", str(tmp_path))),
    }
    async with discovered(**servers) as tools:
        assert "one line" in (await tools.call("files.read_text_file", path=str(tmp_path / "a.txt"))).text
        await tools.call("files.write_file", path=str(tmp_path / "b.txt"), content="two")
        assert (tmp_path / "b.txt").read_text() == "two"
        ann = {"name": "Ann", "entityType": "person", "observations": ["likes tea"]}
        await tools.call("memory.create_entities", entities=[ann])
        assert "likes tea" in (await tools.call("memory.read_graph")).text
        assert "Tokyo" in (await tools.call("time.get_current_time", timezone="Asia/Tokyo")).text
        assert "a.txt" in (await tools.call("git.git_status", repo_path=str(tmp_path))).text
        assert not tools.found["git.git_reset"].read_only


# --- killed in the middle of a call ------------------------------------------------------------------


class Moving(MemoryBus):
    """Tells when a call is known to be at work: its server said how far it is."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = asyncio.Event()
        self.told: list[str] = []

    async def publish(self, hint: Hint) -> None:
        if hint.chunk and hint.chunk.progress:
            self.told.append(hint.chunk.progress)
            self.moved.set()
        await super().publish(hint)


@pytest.mark.parametrize(("repeatable", "outcome"), [(True, "error"), (False, "unknown")])
@pytest.mark.parametrize("way", ["stdio", "http"])
async def test_a_server_killed_in_the_middle_of_a_call_is_back_for_the_next(
    commands: Path, temporal: Client, tmp_path: Path, way: str, repeatable: bool, outcome: str
) -> None:
    long = says("", call(LONG.replace(".", "__"), duration=60, steps=200))
    story = [long, says("", call("every__echo", message="again")), done()]
    with over_http(commands) if way == "http" else nullcontext() as server:
        spec = server.spec if server else written_down(commands, tmp_path)
        box = McpToolBox({"every": spec.model_copy(update={"trust_annotations": repeatable})}, dict(os.environ))
        moving, policy = Moving(), agent(tools=ToolPolicy(allow=("every.*",)))
        harness = WorkerHarness(temporal, story, agent=policy, tools=box, bus=moving)
        try:
            async with harness.workers():
                task = await harness.start()
                await asyncio.wait_for(moving.moved.wait(), 60)
                if server:
                    server.kill()
                    server.start()
                else:
                    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
                assert (await task.result())["reason"] == "goal_achieved"
        finally:
            await box.close()
    assert moving.told[0].startswith(f"{LONG} ")
    events = await task.events()
    assert [e.data["outcome"] for e in events if e.type == EventType.TOOL_CALL_FAILED] == [outcome]
    completed = [e.data["output_preview"] for e in events if e.type == EventType.TOOL_CALL_COMPLETED]
    assert "Echo: again" in completed


def written_down(commands: Path, folder: Path) -> ServerSpec:
    """Over stdio, its process id in a file."""
    run = f'echo $$ > "{folder}/pid"; exec "{commands}/mcp-server-everything"'
    return ServerSpec(command="sh", args=("-c", run))
