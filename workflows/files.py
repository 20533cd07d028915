"""Files beside texts: what a person dropped or a tool returned, and how a conversation names it.

A message names its files; what is in them is a text of its own, which only whoever shows it to a model reads."""

import base64
import hashlib
import mimetypes
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from threadwork.workflows.texts import clean
from threadwork.workflows.values import Value

IMAGES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
PDF = "application/pdf"
MAX_FILES = 10  # files of one message that are kept
IMAGE_BYTES, PDF_BYTES = 20_000_000, 10_000_000  # of one that is read; a phone's photograph has 3 to 12 MB
FILE_BYTES = 10_000_000  # of any other that a tool returned; Discord takes no larger one
MAX_FILE_NAME = 200  # characters of a name that are kept
FILES = "files"  # key of a message's body: a list of `StoredFile`
UNKNOWN_TYPE = "application/octet-stream"
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_IN_NO_NAME = re.compile(r'[<>:"|?*`\[\]{}]')  # what paths, quotations and markup are made of
_PATHS = re.compile(r"[/\\]")


class GivenFile(Value):
    """A file with what is in it."""

    name: str
    media_type: str
    content: bytes = Field(repr=False)


class StoredFile(Value):
    """A file as a message names it; `ref` is the text that holds it, encoded as base64. Empty: it is named alone."""

    ref: str
    name: str
    media_type: str
    size: int  # bytes
    why: str = Field("", exclude_if=lambda why: not why)  # for people: why it was not kept
    link: str = Field("", exclude_if=lambda link: not link)  # its address, where it was not kept


class LeftOut(Value):
    """A file that a tool returned or named, and that is not kept."""

    name: str
    media_type: str = UNKNOWN_TYPE
    size: int = 0  # bytes; 0: not known
    why: str = ""
    link: str = ""


def is_kept(media_type: str, size: int) -> bool:
    """Whether a file of that kind and size (bytes) is of use to a model."""
    return size <= (IMAGE_BYTES if media_type in IMAGES else PDF_BYTES if media_type == PDF else 0)


def stored(owner: str, files: Sequence[GivenFile]) -> list[StoredFile]:
    """How the message `owner` (its ref) names them."""
    return [
        StoredFile(ref=f"file:{owner}:{number}", name=_named(file), media_type=file.media_type, size=len(file.content))
        for number, file in enumerate(files[:MAX_FILES])
    ]


def returned(files: Sequence[GivenFile], left_out: Sequence[LeftOut] = ()) -> list[StoredFile]:
    """Files of a tool, by what is in them: returned twice, a file is stored once. Then those that are not kept."""
    kept = [
        StoredFile(
            ref=_address(file),
            name=safe_name(file.name, file.media_type),
            media_type=file.media_type,
            size=len(file.content),
        )
        for file in files[:MAX_FILES]
    ]
    named = (one.model_copy(update={"name": safe_name(one.name, one.media_type)}) for one in left_out[:MAX_FILES])
    return [*kept, *(StoredFile(ref="", **dict(one)) for one in named)]


def for_models(files: Iterable[StoredFile]) -> list[StoredFile]:
    """Those of a kind that models take."""
    return [file for file in files if file.ref and (file.media_type in IMAGES or file.media_type == PDF)]


def _address(file: GivenFile) -> str:
    return f"file:{hashlib.sha256(file.media_type.encode() + b' ' + file.content).hexdigest()[:40]}"


def limit(media_type: str) -> int:
    """Bytes that a file of a tool may have."""
    return IMAGE_BYTES if media_type in IMAGES else FILE_BYTES


def safe_type(given: str | None, name: str) -> str:
    """A media type without parameters; one that is none, or not given, follows from the name."""
    kind = (given or "").partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else mimetypes.guess_type(name)[0] or UNKNOWN_TYPE


def safe_name(given: str, media_type: str) -> str:
    """A name on one line, of no folder, with nothing that is not seen, and an ending that tells its kind."""
    last = _PATHS.split(clean(given).strip(" /\\"))[-1]
    seen = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " if c.isspace() else "" for c in last)
    name = " ".join(_IN_NO_NAME.sub("_", seen).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    has_ending = bool(dot and stem and ending.isalnum() and len(ending) <= 10)
    fits = mimetypes.guess_type(name)[0] == media_type or (media_type not in IMAGES and media_type != PDF)
    ending = f".{ending}" if has_ending and fits else mimetypes.guess_extension(media_type) or ""
    ending = "" if ending == ".bin" and not has_ending else ending
    stem = stem if has_ending and fits else name
    return f"{stem[: MAX_FILE_NAME - len(ending)] or 'file'}{ending}"


def _named(file: GivenFile) -> str:
    """On one line: it stands among sentences of ours."""
    return " ".join(clean(file.name).split())[:MAX_FILE_NAME] or "file"


def body(file: GivenFile) -> dict[str, Any]:
    """What is stored under a file's ref."""
    return {"content": base64.b64encode(file.content).decode(), "name": file.name, "media_type": file.media_type}


def given(body: dict[str, Any]) -> GivenFile:
    """The file of a stored body. Raises `KeyError` and `ValueError` for what is none."""
    return GivenFile(name=body["name"], media_type=body["media_type"], content=base64.b64decode(body["content"]))
