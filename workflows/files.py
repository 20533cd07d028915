"""Files beside texts: what a person dropped or a tool returned, and how a conversation names it.

A message names its files; what is in them is a text of its own, which only whoever shows it to a model reads."""

import base64
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from threadwork.workflows.texts import clean
from threadwork.workflows.values import Value

IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
PDF = "application/pdf"
MAX_FILES = 10  # files of one message that are kept
IMAGE_BYTES, PDF_BYTES = 20_000_000, 10_000_000  # of one that is read; a phone's photograph has 3 to 12 MB
MAX_FILE_NAME = 200  # characters of a name that are kept
FILES = "files"  # key of a message's body: a list of `StoredFile`


class GivenFile(Value):
    """A file with what is in it."""

    name: str
    media_type: str
    content: bytes = Field(repr=False)


class StoredFile(Value):
    """A file as a message names it; `ref` is the text that holds it, encoded as base64."""

    ref: str
    name: str
    media_type: str
    size: int  # bytes


def is_kept(media_type: str, size: int) -> bool:
    """Whether a file of that kind and size (bytes) is of use to a model."""
    return size <= (IMAGE_BYTES if media_type in IMAGES else PDF_BYTES if media_type == PDF else 0)


def stored(owner: str, files: Sequence[GivenFile]) -> list[StoredFile]:
    """How the message `owner` (its ref) names them."""
    return [
        StoredFile(ref=f"file:{owner}:{number}", name=_named(file), media_type=file.media_type, size=len(file.content))
        for number, file in enumerate(files[:MAX_FILES])
    ]


def _named(file: GivenFile) -> str:
    """On one line: it stands among sentences of ours."""
    return " ".join(clean(file.name).split())[:MAX_FILE_NAME] or "file"


def body(file: GivenFile) -> dict[str, Any]:
    """What is stored under a file's ref."""
    return {"content": base64.b64encode(file.content).decode(), "name": file.name, "media_type": file.media_type}


def given(body: dict[str, Any]) -> GivenFile:
    """The file of a stored body. Raises `KeyError` and `ValueError` for what is none."""
    return GivenFile(name=body["name"], media_type=body["media_type"], content=base64.b64decode(body["content"]))
