"""Strangers who come through a real nginx: as the docs have it, and as people write it first."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.fake_slack.client import FakeSlack
from tests.security import nginx
from tests.security.http_harness import COMMAND, SECRET, caller, running, settings_of, short_home, signed
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.settings import Settings

TOKEN = SecretStr("s3cret-token")
VERSIONS = {
    "HTTP/1.0": "",  # before nginx 1.29.7 its default
    "HTTP/1.1": "proxy_http_version 1.1;",
    "HTTP/1.1, Host kept": "proxy_http_version 1.1; proxy_set_header Host $host;",
    "HTTP/1.1, kept alive": 'proxy_http_version 1.1; proxy_set_header Connection "";',  # as 1.29.7 and newer by default
}
TRICKS: tuple[dict[str, str], ...] = (
    {},
    {"Host": "bot.example.com"},
    {"Host": "localhost"},
    {"Connection": "keep-alive"},
    {"Authorization": "Bearer x"},
    {"Authorization": "Basic eDp5"},
)


@asynccontextmanager
async def bot(slack: FakeSlack, **more: Any) -> AsyncIterator[Settings]:
    wired = {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_signing_secret": SecretStr(SECRET),
        "slack_api_url": slack.api_url,
    }
    with short_home() as home:
        settings = settings_of(Path(home), **wired, **more)
        async with running(settings):
            yield settings


async def test_the_documented_nginx_lets_slack_through_and_nobody_else(fake_slack: FakeSlack, tmp_path: Path) -> None:
    nginx.needed()
    port, public = free_port(), free_port()
    conf = nginx.documented_on(tmp_path, port, public)
    async with bot(fake_slack, threadwork_public=f"127.0.0.1:{public}") as settings:
        with nginx.running(conf, port):
            headers = {"Host": "bot.example.com"}
            async with caller(f"https://127.0.0.1:{port}", headers=headers) as outside:
                answer = await outside.post("/slack/events", content=COMMAND, headers=signed(COMMAND))
                assert (answer.status_code, answer.text) == (200, "")
                assert (await outside.post("/slack/events", content=COMMAND)).status_code == 401
                for path in (
                    "/api/tasks",
                    "/openapi.json",
                    "/readyz",
                    "/",
                    "/slack/../api/tasks",
                    "/slack/%2e%2e/api/tasks",
                ):
                    assert (await outside.get(path)).status_code in (400, 404), path
                large = b"payload=" + b"x" * 2_000_000  # nginx takes 1 MB where nothing else is said
                assert (await outside.post("/slack/events", content=large, headers=signed(large))).status_code == 400
        async with caller(settings.http_url) as local:
            assert [task["goal"] for task in (await local.get("/api/tasks")).json()["tasks"]] == ["x"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "no token"])
async def test_a_default_nginx_before_the_api_lets_no_stranger_in(
    fake_slack: FakeSlack, version: str, token: SecretStr | None
) -> None:
    if "alive" in version and token is None and os.geteuid() != 0:
        pytest.skip("nginx must be started as root to run as another user, which is all that gives it away")
    port = free_port()
    async with bot(fake_slack, threadwork_api_token=token) as settings:
        with nginx.running(nginx.default_on(port, settings.http_port, VERSIONS[version]), port):
            async with caller(f"http://127.0.0.1:{port}") as outside:
                for trick in TRICKS:
                    told = await outside.get("/api/tasks", headers=trick)
                    assert told.status_code in (401, 403), trick
                    posted = await outside.post("/api/tasks", json={"goal": "mine"}, headers=trick)
                    assert posted.status_code in (401, 403), trick
                assert (await outside.get("/openapi.json")).status_code == 401
                assert (await outside.get("/healthz")).status_code == 200
                assert (await outside.post("/slack/events", content=COMMAND)).status_code == 401
                answer = await outside.post("/slack/events", content=COMMAND, headers=signed(COMMAND))
                assert (answer.status_code, answer.text) == (200, "")
        bearer = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        async with caller(settings.http_url, headers=bearer) as local:
            assert [task["goal"] for task in (await local.get("/api/tasks")).json()["tasks"]] == ["x"]


async def test_a_stranger_who_hangs_up_at_once_has_done_nothing(fake_slack: FakeSlack) -> None:
    """His connection is gone when its user is looked up."""
    if os.geteuid() != 0:
        pytest.skip("nginx must be started as root to run as another user, which is all that gives it away")
    port = free_port()
    more = VERSIONS["HTTP/1.1, kept alive"]
    head = b"POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
    async with bot(fake_slack) as settings:
        with nginx.running(nginx.default_on(port, settings.http_port, more), port):
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(head + b'{"goal":"mine!"}')
                await writer.drain()
                writer.transport.abort()
            async with caller(f"http://127.0.0.1:{port}") as outside:
                assert (await outside.get("/api/tasks")).status_code == 401  # behind all of them
        async with caller(settings.http_url) as local:
            assert (await local.get("/api/tasks")).json()["tasks"] == []


def test_without_nginx_the_tests_are_left_out_but_never_where_all_must_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nginx, "PROGRAM", None)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception):
        nginx.needed()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        nginx.needed()
