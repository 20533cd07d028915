"""Files of tools: how they are named, and that what is in them is stored once."""

import pytest

from threadwork.workflows.files import (
    MAX_FILE_NAME,
    MAX_FILES,
    GivenFile,
    LeftOut,
    for_models,
    returned,
    safe_name,
    safe_type,
)


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("page.png", "image/png", "page.png"),
        ("report.csv", "text/csv", "report.csv"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\ann\\a.pdf", "application/pdf", "a.pdf"),
        ("a\r\nContent-Type: x.png", "image/png", "a Content-Type_ x.png"),
        ('a"; filename="b.png', "image/png", "a_; filename=_b.png"),
        ("<!channel> [click](https://evil.example).png", "image/png", "evil.example).png"),
        ("exe.\u202egpj.png", "image/png", "exe.gpj.png"),
        ("invoice.exe", "application/pdf", "invoice.exe.pdf"),
        (".env", "text/plain", "env.txt"),
        ("archive.tar.gz", "application/gzip", "archive.tar.gz"),
        ("data", "application/octet-stream", "data"),
        ("  ", "image/png", "file.png"),
        ("/", "application/x-nobody-knows", "file"),
    ],
)
def test_a_name_is_safe_and_tells_its_kind(given: str, kind: str, name: str) -> None:
    assert safe_name(given, kind) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("a" * 500 + ".csv", "text/csv")
    assert len(name) == MAX_FILE_NAME
    assert name.endswith("a.csv")


@pytest.mark.parametrize(
    ("given", "name", "kind"),
    [
        ("Text/CSV; charset=utf-8", "a", "text/csv"),
        ("image/png\r\nX: y", "a.png", "image/png"),
        (None, "a.pdf", "application/pdf"),
        ("nonsense", "a", "application/octet-stream"),
    ],
)
def test_a_type_is_one(given: str | None, name: str, kind: str) -> None:
    assert safe_type(given, name) == kind


def test_the_same_content_has_one_address_and_another_kind_or_content_another() -> None:
    def refs(*files: tuple[str, bytes]) -> set[str]:
        return {
            one.ref
            for kind, content in files
            for one in returned([GivenFile(name="a", media_type=kind, content=content)])
        }

    assert len(refs(("image/png", b"1"), ("image/png", b"1"))) == 1
    assert len(refs(("image/png", b"1"), ("image/png", b"2"), ("text/plain", b"1"))) == 3


def test_what_was_not_kept_is_named_with_no_address_and_shown_to_no_model() -> None:
    sound = GivenFile(name="a.wav", media_type="audio/wav", content=b"1")
    image = GivenFile(name="a.png", media_type="image/png", content=b"1")
    named = returned([sound, image], [LeftOut(name="../b.bin", size=9, why="larger than 10 MB")] * 99)
    assert [one.name for one in named[:3]] == ["a.wav", "a.png", "b.bin"]
    assert (named[2].ref, named[2].why, len(named)) == ("", "larger than 10 MB", 2 + MAX_FILES)
    assert [one.name for one in for_models(named)] == ["a.png"]
