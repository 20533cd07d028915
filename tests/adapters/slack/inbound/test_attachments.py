"""Files that came with a message: which are read, which are named, and who gets to see the token."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.sample_files import image, pdf
from threadwork.adapters.chat.attached import MAX_TEXT_BYTES, READ_TIMEOUT
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.inbound.attachments import attachments
from threadwork.workflows.files import IMAGE_BYTES, PDF_BYTES, GivenFile

pytestmark = pytest.mark.filterwarnings("ignore:.*NotAppKey.*")


class Files:
    """A place where files are, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str | None]] = []

    async def give(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers.get("Authorization")))
        return await GIVEN[request.path](request)


async def _text(request: web.Request) -> web.Response:
    return web.Response(text="one\ntwo")


async def _binary(request: web.Request) -> web.Response:
    return web.Response(body=b"\xff\xfe\x00")


async def _image(request: web.Request) -> web.Response:
    return web.Response(body=image("WEBP"))


async def _pdf(request: web.Request) -> web.Response:
    return web.Response(body=pdf("Hello."))


async def _sign_in(request: web.Request) -> web.Response:
    return web.Response(text="<html>Sign in", content_type="text/html")


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response(text="late")


async def _long(request: web.Request) -> web.Response:
    return web.Response(text="x" * (MAX_TEXT_BYTES + 1))


async def _away(request: web.Request) -> web.Response:
    raise web.HTTPFound("/text")


GIVEN = {
    "/text": _text,
    "/binary": _binary,
    "/image": _image,
    "/pdf": _pdf,
    "/sign-in": _sign_in,
    "/slow": _slow,
    "/long": _long,
    "/away": _away,
}


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    files = Files()
    app = web.Application()
    app.router.add_get("/{path}", files.give)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    files.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield files
    await runner.cleanup()


@pytest.fixture
async def slack(files: Files) -> AsyncIterator[Web]:
    slack = Web(f"{files.url}/api/")
    yield slack
    await slack.close()


def file(url: str, **more: Any) -> dict[str, Any]:
    named = {"name": "a.txt", "size": 7, "mimetype": "text/plain", "permalink": "https://acme.slack.com/files/F1"}
    return {**named, "url_private_download": url, **more}


async def test_a_short_text_is_read(slack: Web, files: Files) -> None:
    (read,) = await attachments(slack, "xoxb", [file(f"{files.url}/text")])
    assert (read.name, read.size, read.text) == ("a.txt", 7, "one\ntwo")


@pytest.mark.parametrize("path", ["binary", "sign-in", "long", "away", "missing"])
async def test_what_cannot_be_read_is_named_with_its_link(slack: Web, files: Files, path: str) -> None:
    (named,) = await attachments(slack, "xoxb", [file(f"{files.url}/{path}")])
    assert (named.text, named.link) == (None, "https://acme.slack.com/files/F1")


@pytest.mark.parametrize(
    "more",
    [
        {"size": MAX_TEXT_BYTES + 1},
        {"mimetype": "image/heic"},
        {"mimetype": "image/png", "size": IMAGE_BYTES + 1},
        {"mimetype": "application/pdf", "size": PDF_BYTES + 1},
        {"is_external": True},
        {"url_private_download": ""},
    ],
)
async def test_what_is_of_no_use_or_not_slacks_own_is_not_asked_for(slack: Web, files: Files, more: Any) -> None:
    (named,) = await attachments(slack, "xoxb", [file(f"{files.url}/text", **more)])
    assert named.text is None
    assert files.asked == []


async def test_the_token_goes_nowhere_but_to_slack(files: Files) -> None:
    slack = Web("https://slack.example/api/")
    (named,) = await attachments(slack, "xoxb", [file(f"{files.url}/text")])
    await slack.close()
    assert named.text is None
    assert files.asked == []


async def test_a_slow_file_keeps_nobody_waiting_and_the_others_are_read(slack: Web, files: Files) -> None:
    began = time.monotonic()
    slow, read = await attachments(slack, "xoxb", [file(f"{files.url}/slow"), file(f"{files.url}/text")])
    assert time.monotonic() - began < READ_TIMEOUT + 20
    assert (slow.text, read.text) == (None, "one\ntwo")
    assert files.asked[0][1] == "Bearer xoxb"


async def test_a_deleted_file_is_left_out(slack: Web) -> None:
    assert await attachments(slack, "xoxb", [{"id": "F1", "mode": "tombstone"}]) == ()


@pytest.mark.parametrize(
    ("path", "said", "is_one"),
    [("image", "image/png", "image/webp"), ("pdf", "application/pdf; x=1", "application/pdf")],
)
async def test_an_image_and_a_pdf_are_taken_along_as_what_they_are(
    slack: Web, files: Files, path: str, said: str, is_one: str
) -> None:
    (taken,) = await attachments(slack, "xoxb", [file(f"{files.url}/{path}", mimetype=said, name="a.png")])
    content = image("WEBP") if path == "image" else pdf("Hello.")
    assert taken.file == GivenFile(name="a.png", media_type=is_one, content=content)
    assert taken.text is None


async def test_what_is_no_image_after_all_is_named(slack: Web, files: Files) -> None:
    (named,) = await attachments(slack, "xoxb", [file(f"{files.url}/text", mimetype="image/png")])
    assert (named.file, named.text, named.link) == (None, None, "https://acme.slack.com/files/F1")


@pytest.mark.parametrize(
    ("transcription", "text"),
    [
        ({"status": "complete", "preview": {"content": "Call me back", "has_more": False}}, "Call me back"),
        ({"status": "complete", "preview": {"content": "Call me", "has_more": True}}, "Call me …"),
        ({"status": "processing"}, None),
        ({"status": "failed", "preview": None}, None),
    ],
)
async def test_a_voice_clip_says_what_slack_heard_in_it(
    slack: Web, files: Files, transcription: Any, text: str | None
) -> None:
    clip = file(f"{files.url}/binary", mimetype="audio/webm", subtype="slack_audio", transcription=transcription)
    assert [said.text for said in await attachments(slack, "xoxb", [clip])] == [text]
    assert files.asked == []
