"""The two pages of an installation, asked for by strangers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from structlog.testing import capture_logs

from tests.fake_slack.client import FakeSlack
from tests.fake_slack.seed_data import CLIENT_ID, CLIENT_SECRET
from tests.sqlite_file import migrated
from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.slack.api.installations import Installations
from threadwork.adapters.slack.oauth import INSTALL, RETURN, SlackOAuth
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.slack_installations import SqlInstallations, SqlStates
from threadwork.bot.api.public import create_public_app

COOKIE = "slack-app-oauth-state"


class AsPostgreSQL(SqlStates):
    """Which takes no NUL in a text."""

    async def consume(self, state: str) -> bool:
        if "\0" in state:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return await super().consume(state)


@pytest.fixture
async def pages(fake_slack: FakeSlack, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    database = Database(migrated(tmp_path / "x.db"))
    known = Installations(SqlInstallations(database, Seal([])), CLIENT_ID, CLIENT_SECRET, fake_slack.api_url)
    oauth = SlackOAuth(CLIENT_ID, CLIENT_SECRET, known, AsPostgreSQL(database), ["chat:write"], fake_slack.api_url)
    router = APIRouter()
    router.add_api_route(INSTALL, oauth.install, methods=["GET"])
    router.add_api_route(RETURN, oauth.returned, methods=["GET"])
    transport = httpx.ASGITransport(create_public_app([router]))
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example.com") as client:
        yield client
    await known.close()
    await database.close()


ODD = ("", "%00", "a%00b", "%ff%fe", "%ed%a0%bd", "x" * 9_000, "%F0%9F%98%80", "<script>", "%0d%0aSet-Cookie:%20a=b")


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("field", ["state", "code", "error"])
async def test_a_return_that_slack_did_not_send_is_a_page_and_never_an_error(
    pages: httpx.AsyncClient, field: str, value: str
) -> None:
    query = f"{RETURN}?state=s&code=c&{field}={value}&{field}=again"
    for cookie in (f"{COOKIE}=s", f"{COOKIE}={value[:50]}", ";;;=", "\udcff"):
        answer = await pages.get(query, headers={b"Cookie": cookie.encode("utf-8", "surrogateescape")})
        assert answer.status_code in (200, 400, 401), answer.text
        assert "not installed" in answer.text
        assert "<script>" not in answer.text
        assert "a=b" not in answer.headers.get("set-cookie", "")


async def test_a_state_with_a_nul_that_the_cookie_repeats_is_refused(pages: httpx.AsyncClient) -> None:
    answer = await pages.get(f"{RETURN}?state=a%00b&code=c", headers=[(b"Cookie", f"{COOKIE}=a\0b".encode())])
    assert answer.status_code == 401


@pytest.mark.parametrize("path", [INSTALL, RETURN])
@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"payload=x", b"null"])
async def test_a_body_that_nobody_asked_for_is_not_read(pages: httpx.AsyncClient, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await pages.request("GET", path, content=body, headers=headers)
    assert answer.status_code in (302, 400)


async def test_refused_returns_are_one_line_a_minute_and_repeat_nobodys_words(pages: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        for number in range(20):
            await pages.get(f"{RETURN}?error=words{number}")
    lines: list[Any] = [line for line in logs if line["event"] == "slack_not_installed"]
    assert [line["count"] for line in lines] == [1]
    assert "words" not in str(logs)
