"""Who gets in where: the address for everybody, the one of the machine, and its socket."""

import asyncio
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.fake_slack.client import FakeSlack
from tests.security.doors import COMMAND, SECRET, caller, running, settings_of, short_home, signed
from threadwork.bot.api.public import create_public_app
from threadwork.bot.cli import up
from threadwork.bot.cli.reach import connected
from threadwork.bot.doctor import checks, run_checks
from threadwork.bot.embedded.stack import Embedded
from threadwork.bot.embedded.supervisor import Stopped
from threadwork.bot.exposure import exposed
from threadwork.bot.local_socket import local_socket
from threadwork.bot.settings import Settings, SettingsError
from threadwork.bot.socket_file import Claim, answers_for, socket_file
from threadwork.workflows.errors import Rejected

TOKEN = SecretStr("s3cret-token")
HTTP_MODE = {"slack_bot_token": SecretStr("xoxb-1"), "slack_signing_secret": SecretStr(SECRET)}
OAUTH = {
    "slack_client_id": "1.2",
    "slack_client_secret": SecretStr("x"),
    "slack_signing_secret": SecretStr(SECRET),
    "slack_app_token": SecretStr("xapp-1"),
}


@pytest.fixture
def home() -> Iterator[Path]:
    with short_home() as folder:
        yield Path(folder)


async def nothing(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nobody calls")


# --- the address for everybody -----------------------------------------------------------------------


async def test_the_public_address_serves_signed_routes_and_nothing_else(home: Path, fake_slack: FakeSlack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        public = f"127.0.0.1:{free.getsockname()[1]}"
    slack = {"slack_bot_token": SecretStr(fake_slack.bot_token), "slack_signing_secret": SecretStr(SECRET)}
    settings = settings_of(home, threadwork_public=public, slack_api_url=fake_slack.api_url, **slack)
    async with running(settings), caller(f"http://{public}") as stranger, caller(settings.http_url) as local:
        for path in ("/api/tasks", "/api/about", "/openapi.json", "/readyz", "/docs", "/", "/slack", "//api/tasks"):
            assert (await stranger.get(path)).status_code == 404, path
        assert (await stranger.post("/api/tasks", json={"goal": "x"})).status_code == 404
        assert (await stranger.get("/slack/../api/tasks")).status_code == 404
        elsewhere = {"Host": "evil.example"}
        for door in (stranger, local):  # nothing is answered with an address that a stranger chose
            assert (await door.post("/slack/events/", headers=elsewhere)).status_code == 404
        assert (await stranger.get("/healthz")).json() == {"alive": True}
        for door in (stranger, local):
            answer = await door.post("/slack/events", content=COMMAND, headers=signed(COMMAND))
            assert (answer.status_code, answer.text) == (200, "")
            assert (await door.post("/slack/events", content=COMMAND)).status_code == 401
        assert [task["goal"] for task in (await local.get("/api/tasks")).json()["tasks"]] == ["x"]


async def test_whatever_a_platform_mounts_only_signed_paths_are_public() -> None:
    router = APIRouter()
    for path in ("/api/tasks", "/slackish", "/slack/events"):
        router.add_api_route(path, lambda: "here", methods=["GET"])
    transport = httpx.ASGITransport(create_public_app([router]))
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example.com") as outside:
        found = [(await outside.get(path)).status_code for path in ("/api/tasks", "/slackish", "/slack/events")]
    assert found == [404, 404, 200]


def test_the_public_address_is_another_one_than_that_of_the_api() -> None:
    with pytest.raises(ValueError, match="THREADWORK_PUBLIC must be another address"):
        Settings(_env_file=None, threadwork_http="127.0.0.1:8000", threadwork_public="127.0.0.1:8000")


async def test_a_public_address_that_is_taken_is_named(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        public = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Exception, match=r"THREADWORK_PUBLIC"):
            async with running(settings_of(home, threadwork_public=public)):
                pass


# --- the address of the machine ----------------------------------------------------------------------


async def test_a_token_that_is_set_is_asked_of_this_machine_too(home: Path) -> None:
    settings = settings_of(home, threadwork_api_token=TOKEN)
    async with running(settings), caller(settings.http_url) as client:
        for path in ("/api/tasks", "/openapi.json"):
            assert (await client.get(path)).status_code == 401
            bearer = {"Authorization": f"Bearer {TOKEN.get_secret_value()}"}
            assert (await client.get(path, headers=bearer)).status_code == 200
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code in (200, 503)


async def test_what_a_header_says_of_the_sender_is_not_believed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn takes X-Forwarded-For for the peer where it is told to trust everybody."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    settings = settings_of(home)
    async with running(settings), caller(settings.http_url) as client:
        answer = await client.get("/api/tasks", headers={"X-Forwarded-For": "127.0.0.1"})
        assert answer.status_code == 401


@pytest.mark.skipif(not Path("/proc/net/tcp").exists() or os.geteuid() != 0, reason="needs Linux, and another user")
async def test_another_user_of_the_machine_is_asked_for_the_token(home: Path) -> None:
    settings = settings_of(home)
    program = (
        "import encodings.idna, os, socket, sys; os.setuid(65534);"
        "c = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
        "c.sendall(b'GET /api/tasks HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'); print(c.recv(12).decode())"
    )
    async with running(settings), caller(settings.http_url) as client:
        said = asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(settings.http_port), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await (await said).communicate()
        assert out.decode().strip() == "HTTP/1.1 401"
        assert (await client.get("/api/tasks")).status_code == 200


# --- the socket --------------------------------------------------------------------------------------


async def test_the_command_line_gets_in_by_the_socket_where_it_has_no_token(home: Path) -> None:
    settings = settings_of(home, threadwork_api_token=TOKEN)
    without = settings.model_copy(update={"threadwork_api_token": None})
    async with running(settings):
        assert stat.S_IMODE(socket_file(home).stat().st_mode) == 0o600
        async with connected(without) as client:
            assert client.url == str(socket_file(home))
            task_id = await client.start("By the socket")
        async with connected(settings) as client:
            assert client.url == settings.http_url
            page = await client.task(task_id)
        assert (page.task.goal, page.task.by.platform) == ("By the socket", "local")
    assert not socket_file(home).exists()


async def test_without_token_and_socket_the_command_line_is_told_what_is_missing(home: Path) -> None:
    settings = settings_of(home, threadwork_api_token=TOKEN)
    async with running(settings):
        socket_file(home).unlink()
        with pytest.raises(Rejected, match="A token is needed"):
            async with connected(settings.model_copy(update={"threadwork_api_token": None})):
                pass


async def test_without_a_socket_loopback_does(home: Path) -> None:
    settings = settings_of(home)
    async with running(settings):
        socket_file(home).unlink()
        async with connected(settings) as client:
            assert client.url == settings.http_url


async def test_the_socket_of_a_dead_bot_is_passed_over(home: Path) -> None:
    settings = settings_of(home / "live")
    with Claim(home / "dead", settings.http_url) as claim:
        assert claim.listener
        claim.listener.close()  # as a process that is killed leaves it
        claim.listener = None
    assert answers_for(home / "dead", settings.http_url)
    async with running(settings), connected(settings.model_copy(update={"threadwork_home": home / "dead"})) as client:
        assert client.url == settings.http_url


async def test_a_socket_of_somebody_elses_is_not_used(home: Path) -> None:
    with Claim(home, "http://127.0.0.1:1"):
        assert answers_for(home, None)
        if os.geteuid() == 0:
            os.chown(socket_file(home), 65534, 65534)
            assert not answers_for(home, None)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Via"])
async def test_a_proxy_in_front_of_the_socket_is_not_let_in(home: Path, header: str) -> None:
    settings = settings_of(home)
    async with running(settings):
        transport = httpx.AsyncHTTPTransport(uds=str(socket_file(home)))
        async with caller("http://localhost", transport=transport) as client:
            assert (await client.get("/api/tasks")).status_code == 200
            assert (await client.get("/api/tasks", headers={header: "192.0.2.1"})).status_code == 401
        async with caller(
            "http://bot.example.com", transport=httpx.AsyncHTTPTransport(uds=str(socket_file(home)))
        ) as c:
            assert (await c.get("/api/tasks")).status_code == 403


def test_a_live_socket_is_not_stolen_and_a_dead_one_is_replaced(home: Path) -> None:
    with Claim(home, "http://127.0.0.1:1") as first, Claim(home, "http://127.0.0.1:2") as second:
        assert first.listener
        assert second.listener is None
        first.listener.close()  # as a process that is killed leaves it: the file stays
        first.listener = None
    assert socket_file(home).exists()
    with Claim(home, "http://127.0.0.1:3") as third:
        assert third.listener
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(socket_file(home)))


@pytest.mark.parametrize("place", ["run", "run/api.sock.lock"])
def test_a_link_that_somebody_left_in_the_home_is_not_followed(home: Path, place: str) -> None:
    ours = home / "ours"
    ours.mkdir() if place == "run" else ours.write_text("keep me")
    (home / place).parent.mkdir(mode=0o700, exist_ok=True)
    (home / place).symlink_to(ours)
    with pytest.raises(OSError, match="link"):
        Claim(home, "http://x").__enter__()
    assert ours.read_text() == "keep me" if ours.is_file() else not list(ours.iterdir())


def test_a_socket_in_a_home_that_everybody_writes_to_is_not_trusted(home: Path) -> None:
    with Claim(home, "http://x"):
        assert answers_for(home, "http://x")
        home.chmod(0o777)
        assert not answers_for(home, "http://x")
        home.chmod(0o1777)  # as /tmp: nobody replaces what is another's
        assert answers_for(home, "http://x")


async def test_when_the_bot_that_has_the_socket_ends_the_next_one_takes_it(home: Path) -> None:
    first, second = "http://127.0.0.1:1", "http://127.0.0.1:2"
    async with local_socket(nothing, home, first, 0.02):
        waiting = local_socket(nothing, home, second, 0.02)
        await waiting.__aenter__()
        assert answers_for(home, first)
        assert not answers_for(home, second)
    async with asyncio.timeout(10):
        while not answers_for(home, second):
            await asyncio.sleep(0.02)
    await waiting.__aexit__(None, None, None)
    assert not socket_file(home).exists()


async def test_a_bot_that_is_named_by_its_address_is_not_mistaken_for_another_of_the_home(home: Path) -> None:
    settings = settings_of(home)
    async with running(settings), local_socket(nothing, home, "http://127.0.0.1:1"):
        other = settings.model_copy(update={"threadwork_http": "127.0.0.1:9"})
        assert answers_for(home, settings.http_url)
        assert not answers_for(home, other.http_url)
        assert answers_for(home, None)


@pytest.mark.parametrize("there", ["a file", "a folder"])
async def test_what_is_no_socket_is_left_alone_and_the_bot_goes_on(home: Path, there: str) -> None:
    socket_file(home).write_text("mine") if there == "a file" else socket_file(home).mkdir()
    with capture_logs() as logs:
        async with local_socket(nothing, home, "http://127.0.0.1:1"):
            pass
    assert [line["event"] for line in logs] == ["no_local_socket"]
    assert socket_file(home).is_file() == (there == "a file")


async def test_a_home_too_deep_for_a_socket_is_served_without(home: Path) -> None:
    deep = home / ("x" * 120)
    async with local_socket(nothing, deep, "http://127.0.0.1:1"):
        assert not answers_for(deep, None)


# --- said beforehand ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slack", [HTTP_MODE, OAUTH], ids=["http", "oauth"])
@pytest.mark.parametrize(
    ("more", "told"),
    [({}, True), ({"threadwork_api_token": TOKEN}, False), ({"threadwork_public": "127.0.0.1:8010"}, False)],
    ids=["neither", "token", "public"],
)
def test_who_needs_a_proxy_is_told_what_it_would_let_in(
    home: Path, slack: dict[str, object], more: dict[str, object], told: bool
) -> None:
    found = exposed(settings_of(home, **slack, **more))
    assert bool(found) == told
    if found:
        assert (found.state, "THREADWORK_PUBLIC" in found.hint, "THREADWORK_API_TOKEN" in found.hint) == (
            "fail",
            True,
            True,
        )


def test_socket_mode_needs_no_proxy(home: Path) -> None:
    assert exposed(settings_of(home, **HTTP_MODE, slack_app_token=SecretStr("xapp-1"))) is None
    assert exposed(settings_of(home)) is None


async def test_the_doctor_fails_and_the_bot_warns(home: Path, fake_slack: FakeSlack) -> None:
    slack = {"slack_bot_token": SecretStr(fake_slack.bot_token), "slack_signing_secret": SecretStr(SECRET)}
    settings = settings_of(home, slack_api_url=fake_slack.api_url, **slack)
    found = await run_checks([check for check in checks(settings) if check.name == "slack"])
    assert [finding.state for finding in found if finding.name == "public address"] == ["fail"]
    with capture_logs() as logs:
        async with running(settings):
            pass
    assert [line["log_level"] for line in logs if line["event"] == "open_to_proxies"] == ["warning"]


async def test_the_greeting_of_up_says_so_first(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def none(*_: object) -> AsyncIterator[None]:
        raise Stopped("Stopped by SIGTERM.")
        yield

    monkeypatch.setattr(up, "started", none)
    await up.up(settings_of(home, **HTTP_MODE))
    said = capsys.readouterr().err
    assert "THREADWORK_PUBLIC=" in said
    assert said.index("a proxy in front of it could let strangers in") < said.index("Stopped by SIGTERM.")


async def test_up_refuses_a_public_address_that_is_taken_before_it_starts_anything(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        public = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SettingsError, match=r"THREADWORK_PUBLIC=.* cannot be used"):
            async with Embedded(settings_of(home, threadwork_public=public)):
                pass
