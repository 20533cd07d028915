"""Tool servers that ask who calls: logins of people, and keys of the program's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.tools.oauth_server import SECRET, StrictServer, strict_server
from threadwork.adapters.tools.mcp_auth import LoginFile
from threadwork.adapters.tools.mcp_login import log_in
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.adapters.tools.mcp_transport import ServerProblem
from threadwork.workflows.agents import Discovery, ToolSpec
from threadwork.workflows.servers import ServerAuth, ServerSpec

WRITE = ToolSpec(name="notes.write")


@pytest.fixture
async def server() -> AsyncIterator[StrictServer]:
    async with strict_server() as server:
        yield server


@asynccontextmanager
async def box(spec: ServerSpec, logins: Path, **environment: str) -> AsyncIterator[McpToolBox]:
    box = McpToolBox({"notes": spec}, environment, logins=logins)
    try:
        yield box
    finally:
        await box.close()


async def discovered(spec: ServerSpec, logins: Path, **environment: str) -> Discovery:
    async with box(spec, logins, **environment) as tools:
        return await tools.discover(None)


async def logged_in(server: StrictServer, logins: Path) -> LoginFile:
    """As a person does: the link is opened, and the browser is led back."""
    file = LoginFile(logins, "notes", server.resource)
    browsing: list[asyncio.Task[Any]] = []

    def opens(link: str) -> None:
        browsing.append(asyncio.create_task(_opened(link)))

    assert await log_in("notes", ServerSpec(url=server.resource), file, opens)
    await asyncio.gather(*browsing)
    return file


async def _opened(link: str) -> None:
    async with httpx.AsyncClient(follow_redirects=True, verify=False) as browser:
        page = await browser.get(link)
    assert "You are logged in" in page.text


async def works(spec: ServerSpec, logins: Path) -> None:
    async with box(spec, logins) as tools:
        assert (await tools.discover(None)).problems == ()
        assert (await tools.call(WRITE, {"name": "a"}, 10)).text == "done"


async def test_a_login_is_kept_for_its_owner_alone_and_used(server: StrictServer, tmp_path: Path) -> None:
    spec = ServerSpec(url=server.resource)
    [problem] = (await discovered(spec, tmp_path)).problems
    assert "Run `threadwork mcp login notes`" in problem
    assert "Authorization: Bearer ${ITS_KEY}" in problem
    file = await logged_in(server, tmp_path)
    assert file.path.stat().st_mode & 0o777 == 0o600
    await works(spec, tmp_path)
    assert server.mistakes == []


async def test_a_login_is_renewed_and_the_renewed_one_is_kept(server: StrictServer, tmp_path: Path) -> None:
    file = await logged_in(server, tmp_path)
    spec = ServerSpec(url=server.resource)
    async with box(spec, tmp_path) as tools:
        await tools.discover(None)
        for _ in range(2):  # in the middle of a session, where only the server knows
            server.expire()
            assert (await tools.call(WRITE, {"name": "a"}, 10)).text == "done"
    assert server.seen.count("refresh_token") == 2
    refused = server.refused
    file.write(file.read().model_copy(update={"expires_at": 1.0}))  # and where it is known here
    server.expire()
    await works(spec, tmp_path)
    assert (server.seen.count("refresh_token"), server.refused) == (3, refused)
    assert server.mistakes == []


async def test_a_token_that_another_process_renewed_is_taken_from_there(server: StrictServer, tmp_path: Path) -> None:
    await logged_in(server, tmp_path)
    spec = ServerSpec(url=server.resource)
    async with box(spec, tmp_path) as one, box(spec, tmp_path) as other:
        await one.discover(None)
        await other.discover(None)
        server.expire()
        for tools in (one, other):
            assert (await tools.call(WRITE, {"name": "a"}, 10)).text == "done"
    assert server.seen.count("refresh_token") == 1


async def test_a_login_that_is_over_says_what_to_do(server: StrictServer, tmp_path: Path) -> None:
    await logged_in(server, tmp_path)
    async with box(ServerSpec(url=server.resource), tmp_path) as tools:
        await tools.discover(None)
        server.expire()
        server.refresh.clear()
        output = await tools.call(WRITE, {"name": "a"}, 10)
    assert output.is_error
    assert "threadwork mcp login" in output.text
    [problem] = (await discovered(ServerSpec(url=server.resource), tmp_path)).problems
    assert "Run `threadwork mcp login notes`" in problem
    assert len(server.clients) == 1, "a worker registers nothing"


async def test_a_login_is_not_shown_to_another_address(server: StrictServer, tmp_path: Path) -> None:
    await logged_in(server, tmp_path)
    assert LoginFile(tmp_path, "notes", "http://elsewhere.example/mcp").read().tokens is None


async def test_a_key_of_its_own_needs_no_person(server: StrictServer, tmp_path: Path) -> None:
    auth = ServerAuth(client_id="robot", client_secret="${ROBOT}", scope="tools:call", issuer=server.url)
    for given in (auth, auth.model_copy(update={"issuer": None})):
        spec = ServerSpec(url=server.resource, auth=given)
        async with box(spec, tmp_path, ROBOT=SECRET) as tools:
            await tools.discover(None)
            server.expire()
            assert (await tools.call(WRITE, {"name": "a"}, 10)).text == "done"
    assert set(server.seen) == {"client_credentials"}
    assert server.mistakes == []


async def test_a_wrong_key_of_its_own_is_told_and_not_shown(server: StrictServer, tmp_path: Path) -> None:
    auth = ServerAuth(client_id="robot", client_secret="${ROBOT}", scope="tools:call")
    [problem] = (await discovered(ServerSpec(url=server.resource, auth=auth), tmp_path, ROBOT="wrong-wrong")).problems
    assert "Check client_id, client_secret and scope under auth" in problem
    assert "wrong-wrong" not in problem


async def test_a_login_that_is_refused_is_one_sentence_and_keeps_nothing(server: StrictServer, tmp_path: Path) -> None:
    file = LoginFile(tmp_path, "notes", server.resource)
    refusing: list[asyncio.Task[Any]] = []

    def refuses(link: str) -> None:
        redirect = httpx.URL(link).params["redirect_uri"]
        refusing.append(asyncio.create_task(_got(f"{redirect}?error=access_denied")))

    with pytest.raises(ServerProblem, match="The login to notes failed: access_denied"):
        await log_in("notes", ServerSpec(url=server.resource), file, refuses)
    assert not file.path.exists()


async def _got(url: str) -> None:
    async with httpx.AsyncClient(verify=False) as browser:
        await browser.get(url)
