"""The tool box against real servers: a third party's, and one with bad manners."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server import Server
from mcp_types import ListToolsResult, PaginatedRequestParams, Tool

from tests.manners.server import ManneredServer, Reply
from threadwork.adapters.tools import mcp_noise
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.adapters.tools.mcp_session import McpSession
from threadwork.adapters.tools.mcp_transport import Way
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.files import GivenFile
from threadwork.workflows.models import Given
from threadwork.workflows.servers import ServerSpec

TIME = ServerSpec(command=sys.executable, args=("-m", "mcp_server_time", "--local-timezone", "UTC"))
ODD = str(Path(__file__).with_name("odd_mcp_server.py"))
SECRET = "hunter2hunter2"


def odd(folder: Path, **more: Any) -> ServerSpec:
    return ServerSpec(command=sys.executable, args=(ODD, str(folder)), **more)


def script(code: str, **more: Any) -> ServerSpec:
    return ServerSpec(command=sys.executable, args=("-c", code), **more)


def tool(name: str) -> ToolSpec:
    return ToolSpec(name=name)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[McpToolBox]:
    box = McpToolBox({"odd": odd(tmp_path)}, {})
    yield box
    await box.close()


async def problem_of(spec: ServerSpec, environment: dict[str, str] | None = None, **more: Any) -> str:
    box = McpToolBox({"broken": spec}, environment or {}, **more)
    try:
        found = await box.discover(None)
    finally:
        await box.close()
    assert not found.tools
    [problem] = found.problems
    assert "broken" in problem
    return problem


# --- discovery ---------------------------------------------------------------------------------------


async def test_a_server_of_somebody_else_is_discovered_and_called() -> None:
    box = McpToolBox({"time": TIME}, {})
    try:
        found = await box.discover(["time"])
        now = next(tool for tool in found.tools if tool.name == "time.get_current_time")
        assert now.input_schema["required"] == ["timezone"]
        assert now.offered_name == "time__get_current_time"
        output = await box.call(now, {"timezone": "Europe/Berlin"}, 30)
        assert not output.is_error
        assert "Europe/Berlin" in output.text
    finally:
        await box.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_annotations_are_carried_over_with_the_trust_in_them(tmp_path: Path, trusted: bool) -> None:
    box = McpToolBox({"odd": odd(tmp_path, trust_annotations=trusted)}, {})
    found = {tool.name: tool for tool in (await box.discover(None)).tools}
    await box.close()
    assert found["odd.pid"].safe is trusted
    assert found["odd.pid"].description == "The process that answers."
    assert not found["odd.sleep"].read_only
    assert found["odd.sleep"].destructive
    assert found["odd.fail"].repeatable is trusted
    assert not found["odd.fail"].destructive


async def test_a_server_that_does_not_start_takes_no_other_with_it() -> None:
    box = McpToolBox({"broken": ServerSpec(command="no-such-command"), "time": TIME}, {})
    found = await box.discover(None)
    await box.close()
    assert [tool.name for tool in found.tools] == ["time.get_current_time", "time.convert_time"]
    assert len(found.problems) == 1


async def test_only_the_named_servers_are_started(tmp_path: Path) -> None:
    box = McpToolBox({"odd": odd(tmp_path), "time": TIME}, {})
    found = await box.discover(["time", "other"])
    await box.close()
    assert all(tool.name.startswith("time.") for tool in found.tools)
    assert found.problems == ("There is no tool server other. mcpServers declares: odd, time.",)
    assert not (tmp_path / "pids").exists()


async def test_every_page_of_tools_is_read() -> None:
    async def page(_: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        number = int((params and params.cursor) or 0)
        tools = [Tool(name=f"tool{number}", input_schema={"type": "object"})]
        return ListToolsResult(tools=tools, next_cursor=str(number + 1) if number < 4 else None)

    session = McpSession("paged", Way("paged", TIME, {}))
    async with Client(Server("paged", on_list_tools=page)) as client:
        session._client = client
        assert [tool.name for tool in await session.tools(5)] == [f"tool{number}" for number in range(5)]


async def test_a_command_that_is_not_there_is_one_sentence() -> None:
    problem = await problem_of(ServerSpec(command="no-such-command"))
    assert "no-such-command was not found. Check its command" in problem


async def test_a_folder_that_is_not_there_is_not_blamed_on_the_command(tmp_path: Path) -> None:
    problem = await problem_of(ServerSpec(command=sys.executable, cwd=str(tmp_path / "gone")))
    assert f"{tmp_path / 'gone'} was not found" in problem


async def test_a_server_that_crashes_is_quoted_without_the_values_of_variables() -> None:
    spec = script("import os, sys; sys.exit('no access with ' + os.environ['TOKEN'])", env={"TOKEN": "${TOKEN}"})
    problem = await problem_of(spec, {"TOKEN": SECRET})
    assert "it ended at once. It said: no access with [hidden: TOKEN]." in problem


async def test_a_server_that_says_nothing_is_given_up_after_its_time_out() -> None:
    problem = await problem_of(script("import time; time.sleep(60)", timeout=1))
    assert "gave no answer within 1 seconds" in problem


async def test_a_run_waits_no_longer_than_its_patience_for_a_server_that_starts_slowly() -> None:
    started = time.monotonic()
    problem = await problem_of(script("import time; time.sleep(60)"), patience=3)
    assert "did not answer within 3 seconds" in problem
    assert time.monotonic() - started < 15


async def test_a_server_that_starts_slowly_is_there_later_without_being_asked_for_again(tmp_path: Path) -> None:
    run = f"sys.argv = ['x', {str(tmp_path)!r}]; runpy.run_path({ODD!r}, run_name='__main__')"
    code = f"import time, runpy, sys; time.sleep(1.5); {run}"
    box = McpToolBox({"slow": script(code)}, {}, patience=0.1)
    try:
        found = await box.discover(None)
        assert not found.tools
        assert "its tools come when it is ready" in found.problems[0]
        assert not await box.changed(None, found.listed)
        async with asyncio.timeout(30):
            while not await box.changed(None, found.listed):
                await asyncio.sleep(0.05)
        again = await box.discover(None)
        assert again.tools
        assert not again.problems
        assert not await box.changed(None, again.listed)
    finally:
        await box.close()


async def test_a_missing_variable_is_named_and_only_the_given_environment_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRST_TOKEN", "from the process")
    spec = ServerSpec(command="x", args=("${FIRST_TOKEN}",), env={"A": "${SECOND_TOKEN}", "B": "${OPTIONAL:-b}"})
    assert "FIRST_TOKEN and SECOND_TOKEN are not set" in await problem_of(spec)


async def test_variables_reach_the_server(tmp_path: Path) -> None:
    spec = odd(tmp_path, env={"GREETING": "Hello ${WHO}", "MORE": "${NONE:-fallback}"})
    box = McpToolBox({"odd": spec}, {"WHO": "World"})
    try:
        assert (await box.call(tool("odd.environment"), {"name": "GREETING"}, 30)).text == "Hello World"
        assert (await box.call(tool("odd.environment"), {"name": "MORE"}, 30)).text == "fallback"
    finally:
        await box.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/mcp", "nonsense"])
async def test_a_url_that_leads_nowhere_is_one_sentence(url: str) -> None:
    assert f"{url} cannot be reached" in await problem_of(ServerSpec(url=url))


# --- calls -------------------------------------------------------------------------------------------


async def test_calls_share_one_process_also_when_they_come_together(box: McpToolBox, tmp_path: Path) -> None:
    outputs = await asyncio.gather(*(box.call(tool("odd.pid"), {}, 30) for _ in range(8)))
    assert len({output.text for output in outputs}) == 1
    assert len((tmp_path / "pids").read_text().split()) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "part"),
    [
        ("fail", {"reason": "because"}, "fail"),
        ("fail", {"wrong": 1}, "reason"),
        ("nothing", {}, "nothing"),
    ],
)
async def test_an_error_of_a_tool_is_an_output(
    box: McpToolBox, name: str, arguments: dict[str, Any], part: str
) -> None:
    output = await box.call(tool(f"odd.{name}"), arguments, 30)
    assert output.is_error
    assert part in output.text


async def test_a_server_that_asks_in_the_middle_of_a_call_gets_its_answer_with_its_own_state(box: McpToolBox) -> None:
    asked = await box.call(tool("odd.ask"), {}, 30)
    assert asked.asked is not None
    assert asked.asked.requests["who"]["message"] == "Who is it?"
    answers = {"who": {"action": "accept", "content": {"name": "Ann"}}}
    output = await box.call(tool("odd.ask"), {}, 30, Given(state=asked.asked.state, answers=answers))
    assert output.text == "half way: accept Ann"


async def test_all_kinds_of_content_become_text(box: McpToolBox) -> None:
    output = await box.call(tool("odd.everything"), {}, 30)
    assert output.text.split("\n\n") == [
        "first",
        "[image, image/png, 6 bytes]",
        "[resource report: file:///report.txt] the report",
        "[resource lost: file:///lost.txt]",
        "[audio, audio/wav, 3 bytes: not shown to you; people have it as a file]",
        "[resource file:///a.txt]\ninside a",
        "[resource file:///b.bin, binary, 6 bytes: not shown to you; people have it as a file]",
    ]
    assert output.files[0] == GivenFile(name="image-1.png", media_type="image/png", content=b"123456")
    assert [(one.name, one.content) for one in output.files[1:]] == [
        ("report.txt", b"all is well"),
        ("audio-1.wav", b"123"),
        ("a.txt", b"inside a"),
        ("b.bin", b"123456"),
    ]
    assert [(one.name, one.link) for one in output.left_out] == [("lost", "file:///lost.txt")]


async def test_a_server_that_prints_garbage_costs_one_warning_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mcp_noise.hush()
    mcp_noise._ONCE._next = 0.0  # no warning so far
    assert await problem_of(script("print('garbage\\n' * 200, flush=True); import time; time.sleep(1)", timeout=5))
    (record,) = [record for record in caplog.records if record.name == "mcp.client.stdio"]
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    mcp_noise._ONCE._next = 0.0  # a minute later


async def test_a_server_that_drops_its_stream_costs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.readline()).startswith(b"GET"):
            head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            told = b"event: endpoint\ndata: /messages\n\n"
            writer.write(head + f"{len(told):x}\r\n".encode() + told + b"\r\n")
            await writer.drain()
            await posted.wait()
        posted.set()
        writer.close()  # in the middle of its answer

    posted = asyncio.Event()
    async with await asyncio.start_server(drop, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sse"
        assert await problem_of(ServerSpec(url=url, sse=True, timeout=5))
    said = [record for record in caplog.records if record.name.startswith("mcp.")]
    assert said
    assert [record.getMessage() for record in said if record.exc_info] == []


async def test_no_process_is_left_where_whoever_closes_is_cancelled(tmp_path: Path) -> None:
    """A check of the doctor's runs into its limit while a server that heeds nothing is being ended."""
    deaf = (
        "import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); "
        f"[None for _ in sys.stdin]; open({str(tmp_path / 'asked')!r}, 'w').close(); signal.pause()"
    )
    box = McpToolBox({"deaf": script(deaf)}, {})
    discovering = asyncio.create_task(box.discover(None))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.02)
    closing = asyncio.create_task(box.close())
    while not (tmp_path / "asked").exists():  # to end: nobody writes to it any more
        await asyncio.sleep(0.02)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    await asyncio.wait([discovering])


async def test_a_call_that_takes_too_long_is_cancelled_and_the_session_stays(box: McpToolBox, tmp_path: Path) -> None:
    before = await box.call(tool("odd.pid"), {}, 30)
    with pytest.raises(TimeoutError, match=r"odd\.sleep gave no answer"):
        await box.call(tool("odd.sleep"), {"seconds": 30}, 0.5)
    assert await box.call(tool("odd.pid"), {}, 30) == before
    assert (tmp_path / "cancelled").exists()


async def test_a_server_that_dies_in_a_call_is_a_lost_connection_and_is_started_again(
    box: McpToolBox, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionError, match="odd failed while die was running"):
        await box.call(tool("odd.die"), {}, 30)
    assert not (await box.call(tool("odd.pid"), {}, 30)).is_error
    assert len((tmp_path / "pids").read_text().split()) == 2


async def test_a_server_that_died_between_calls_is_started_again_unseen(box: McpToolBox) -> None:
    first = await box.call(tool("odd.pid"), {}, 30)
    session = box._servers["odd"]._session
    assert session
    os.kill(int(first.text), signal.SIGKILL)
    async with asyncio.timeout(20):
        while not session.over:
            await asyncio.sleep(0.02)
    second = await box.call(tool("odd.pid"), {}, 30)
    assert not second.is_error
    assert second.text != first.text


async def test_a_server_that_hangs_is_replaced_when_it_was_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threadwork.adapters.tools.mcp_server.CHECK_LIMIT", 0.3)
    box = McpToolBox({"odd": odd(tmp_path)}, {}, check_after=0)
    try:
        first = await box.call(tool("odd.pid"), {}, 30)
        os.kill(int(first.text), signal.SIGSTOP)
        second = await box.call(tool("odd.pid"), {}, 30)
        assert second.text != first.text
    finally:
        await box.close()


async def test_a_server_that_keeps_dying_is_tried_less_and_less(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); raise SystemExit('no')"
    box = McpToolBox({"broken": script(code)}, {})
    started = time.monotonic()
    output = await box.call(tool("broken.anything"), {}, 5)
    await box.close()
    assert output.is_error
    assert "It said: no." in output.text
    assert output.text.endswith("anything was not run.")
    assert time.monotonic() - started < 4.5
    assert 2 <= len((tmp_path / "starts").read_text()) <= 4


async def test_a_caller_that_goes_away_leaves_the_session_to_the_others(box: McpToolBox) -> None:
    impatient = asyncio.create_task(box.call(tool("odd.pid"), {}, 30))
    while box._servers["odd"]._session is None:  # while it starts, which takes a moment, since it is a process
        await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert not (await box.call(tool("odd.pid"), {}, 30)).is_error


async def test_closing_leaves_no_process_and_opens_none_again(tmp_path: Path) -> None:
    box = McpToolBox({"odd": odd(tmp_path), "deaf": script("import time; time.sleep(60)")}, {}, patience=2)
    assert not (await box.call(tool("odd.pid"), {}, 30)).is_error
    assert len((await box.discover(["deaf"])).problems) == 1
    await box.close()
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "cmd="], capture_output=True, text=True)
    assert "odd_mcp_server" not in children.stdout
    assert "time.sleep(60)" not in children.stdout
    assert "was closed" in (await box.call(tool("odd.pid"), {}, 5)).text


# --- over HTTP ---------------------------------------------------------------------------------------

HTTP_SERVER = """
import sys
from mcp.server.mcpserver import Context, MCPServer
m = MCPServer("http", log_level="ERROR")
@m.tool()
async def whoami(ctx: Context) -> str:
    return ctx.headers.get("authorization", "nobody")
m.run("streamable-http", port=int(sys.argv[1]))
"""


class Http:
    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/mcp"

    def start(self, code: str = "") -> None:
        program = [sys.executable, "-c", code or HTTP_SERVER, str(self.port)]
        self.process = subprocess.Popen(program, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while not self._is_up():
            assert time.monotonic() < until, "the server does not come up"
            time.sleep(0.05)

    def _is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


async def test_a_server_behind_a_url_gets_its_headers_and_may_be_restarted() -> None:
    http = Http()
    http.start()
    spec = ServerSpec(url="http://127.0.0.1:${PORT}/mcp", headers={"Authorization": "Bearer ${TOKEN}"})
    box = McpToolBox({"web": spec}, {"PORT": str(http.port), "TOKEN": SECRET}, check_after=0)
    try:
        assert (await box.call(tool("web.whoami"), {}, 30)).text == "Bearer [hidden: TOKEN]"
        http.stop()
        away = await box.call(tool("web.whoami"), {}, 2)
        assert away.is_error
        assert away.text.endswith("whoami was not run.")
        http.start()
        assert (await box.call(tool("web.whoami"), {}, 20)).text == "Bearer [hidden: TOKEN]"
    finally:
        await box.close()
        http.stop()


SSE_SERVER = """
import sys
from mcp.server.mcpserver import MCPServer
server = MCPServer("older", log_level="ERROR")
@server.tool(structured_output=False)
async def hello() -> str:
    return "hello"
server.run("sse", port=int(sys.argv[1]))
"""


@pytest.mark.parametrize("said", [True, False])
async def test_a_server_of_the_older_http_transport_is_used_whether_or_not_that_is_said(said: bool) -> None:
    http = Http()
    http.start(SSE_SERVER)
    box = McpToolBox({"older": ServerSpec(url=http.url.replace("/mcp", "/sse"), sse=said)}, {})
    try:
        assert (await box.call(tool("older.hello"), {}, 30)).text == "hello"
    finally:
        await box.close()
        http.stop()


async def test_a_server_that_lets_nobody_in_says_where_the_key_goes() -> None:
    refused = Reply(status=401, body=b"who are you?", content_type="text/plain")
    with ManneredServer([refused]) as server:
        problem = await problem_of(ServerSpec(url=f"{server.url}/mcp"))
    assert "HTTP status 401" in problem
    assert "Authorization: Bearer" in problem
