"""`threadwork link` and the part of the API behind it: the person at this machine and a chat account."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from tests.adapters.test_api import calling
from tests.fake_run import ANN, Front
from threadwork.bot.api.app import create_app
from threadwork.bot.api.site import Site
from threadwork.bot.cli.link import NONE, link
from threadwork.bot.settings import Settings
from threadwork.workflows.domain.linking import WRONG
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import LOCAL

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
async def settings(front: Front, tmp_path: Path) -> AsyncIterator[Settings]:
    """Of a command that finds the API behind a real socket."""
    config = uvicorn.Config(create_app(front.ports), host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    address = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield Settings(_env_file=None, threadwork_home=tmp_path, threadwork_http=address)
    server.should_exit = True
    await serving


async def told(settings: Settings, capsys: Capture, what: str = "") -> str:
    assert await link(settings, what) == 0
    return capsys.readouterr().out.strip()


async def test_a_code_from_the_terminal_links_a_chat_account(front: Front, settings: Settings, capsys: Capture) -> None:
    found = re.search(r"/agent link (\S{4}-\S{4}) ", await told(settings, capsys))
    assert found
    assert await front.store.people.join(ANN, found[1]) == (ANN, LOCAL)
    assert (await told(settings, capsys, "list")).startswith("Linked with: Ann (Slack).")


async def test_a_code_from_a_chat_links_the_terminal_and_off_ends_it(
    front: Front, settings: Settings, capsys: Capture
) -> None:
    code = await front.store.people.offer(ANN)
    assert (await told(settings, capsys, code.lower())).startswith("Linked with: Ann (Slack).")
    assert await front.store.people.accounts(ANN) == (ANN, LOCAL)
    await told(settings, capsys, "off")
    assert await told(settings, capsys, "list") == NONE
    assert await front.store.people.accounts(ANN) == (ANN,)


async def test_a_wrong_code_is_refused_with_a_sentence(settings: Settings) -> None:
    with pytest.raises(Rejected, match=WRONG):
        await link(settings, "K7QF-M2XD")


async def test_an_answer_with_a_code_is_kept_by_no_cache(front: Front) -> None:
    async with calling(front) as api:
        answer = await api.post("/api/link", json={})
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["code"]
        assert (await api.get("/api/link")).json() == {"accounts": [LOCAL.model_dump()], "code": None}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_whoever_brings_the_shared_token_can_link_nobody(front: Front, method: str) -> None:
    async with calling(front, Site(token="letmein"), address="10.0.0.9") as api:
        answer = await api.request(method, "/api/link", headers={"Authorization": "Bearer letmein"})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert "no single person" in answer.json()["detail"]
