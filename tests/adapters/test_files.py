"""Files made fit for models: images of a bounded size, and what a PDF says."""

import asyncio
import io
import sys

import pytest
from PIL import Image

from tests.documents import image, pdf
from threadwork.adapters.files import reader
from threadwork.adapters.files.images import BYTES, SIDE
from threadwork.adapters.files.reader import Reader
from threadwork.workflows.files import PDF, GivenFile


def given(content: bytes, kind: str = "image/png") -> GivenFile:
    return GivenFile(name="a", media_type=kind, content=content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (image(), "image/png"),
        (image("JPEG"), "image/jpeg"),
        (image("GIF"), "image/gif"),
        (image("WEBP"), "image/webp"),
    ],
)
async def test_a_small_image_is_taken_as_it_is_under_its_own_kind(content: bytes, kind: str) -> None:
    taken = await Reader().image(given(content, "image/tiff"))
    assert taken == GivenFile(name="a", media_type=kind, content=content)


async def test_an_image_is_made_as_small_as_providers_want_it() -> None:
    large = image("PNG", (1_400, 1_000), noise=True)
    assert len(large) > BYTES
    taken = await Reader().image(given(large))
    assert taken is not None
    assert len(taken.content) <= BYTES


async def test_what_can_be_seen_through_stays_so_and_a_photograph_stands_upright() -> None:
    clear = await Reader().image(given(image("PNG", (SIDE * 2, 10), "RGBA")))
    assert clear is not None
    assert clear.media_type == "image/webp"
    turned = Image.Exif()
    turned[0x0112] = 6  # held on its side
    photo = await Reader().image(given(image("JPEG", (SIDE * 2, 40), exif=turned)))
    assert photo is not None
    assert Image.open(io.BytesIO(photo.content)).size == (20, SIDE)


@pytest.mark.parametrize(
    "content",
    [b"", b"no image", image()[:30], image("BMP"), image("PNG", (20_000, 20_000), "1")],
    ids=["empty", "text", "cut", "another kind", "a bomb"],
)
async def test_what_is_no_image_is_not_taken(content: bytes) -> None:
    assert await Reader().image(given(content)) is None


async def test_a_pdf_says_its_text_page_by_page() -> None:
    said = await Reader().text(given(pdf("First.", "", "Third."), PDF))
    assert said.split() == ["[page", "1]", "First.", "[page", "3]", "Third."]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 and no more", pdf(""), pdf("a")[:200]])
async def test_a_pdf_without_words_says_nothing(content: bytes) -> None:
    assert await Reader().text(given(content, PDF)) == ""


async def test_a_pdf_that_unfolds_beyond_the_memory_it_may_have_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its reader does."""
    program = (
        "import threadwork.adapters.files.pdf_text as p; p._bound_memory(); bytearray(2 * p.MEMORY); print('read it')"
    )
    run = asyncio.create_subprocess_exec
    monkeypatch.setattr(
        asyncio, "create_subprocess_exec", lambda *_, **how: run(sys.executable, "-P", "-c", program, **how)
    )
    assert await Reader().text(given(b"", PDF)) == ""


async def test_a_pdf_that_keeps_its_reader_busy_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PDF_TIMEOUT", 0.01)
    said = await asyncio.gather(*(Reader().text(given(pdf("First."), PDF)) for _ in range(3)))
    assert said == ["", "", ""]
