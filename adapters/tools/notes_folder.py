"""Notes: small text files that stay in one folder."""

import os
import re
import tempfile
from pathlib import Path

from threadwork.workflows.values import Value

MAX_NOTE_BYTES = 256 * 1024  # bytes of a note
MAX_NOTES = 1_000  # notes that are listed
NAME = re.compile(r"[\w][\w .,+@()-]*(/[\w][\w .,+@()-]*)*")


class NoteError(Exception):
    """Why a note cannot be read or written, in a sentence for whoever asked."""


class Note(Value):
    name: str
    size: int  # bytes


class NotesFolder:
    """Reads and writes the notes below `folder`, which is made when the first note is written.

    Names are relative, `.md` is added to one without a suffix. Nothing outside the folder is ever touched:
    not by `..`, not by an absolute name, not through a symbolic link. Everything raises `NoteError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def list(self) -> list[Note]:
        """By name, at most `MAX_NOTES`."""
        found = (path for path in sorted(self._folder.rglob("*")) if path.is_file() and not path.is_symlink())
        shown = (path for path in found if not path.name.startswith("."))
        notes = [Note(name=path.relative_to(self._folder).as_posix(), size=path.stat().st_size) for path in shown]
        return notes[:MAX_NOTES]

    def read(self, name: str) -> str:
        path = self._existing(name)
        if (size := path.stat().st_size) > MAX_NOTE_BYTES:
            raise NoteError(f"{name} has {size} bytes; notes of up to {MAX_NOTE_BYTES} bytes can be read.")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise NoteError(f"{name} is not UTF-8 text.") from None

    def write(self, name: str, text: str) -> Note:
        """Whole or not at all; a note of the same name is replaced."""
        content = text.encode()
        if len(content) > MAX_NOTE_BYTES:
            raise NoteError(f"The text has {len(content)} bytes; a note may have at most {MAX_NOTE_BYTES}. Split it.")
        path = self._path(name)
        if path.is_dir():
            raise NoteError(f"{name} is a folder.")
        _replace(path, content)
        return Note(name=path.relative_to(self._folder).as_posix(), size=len(content))

    def delete(self, name: str) -> Note:
        path = self._existing(name)
        note = Note(name=path.relative_to(self._folder).as_posix(), size=path.stat().st_size)
        path.unlink()
        return note

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise NoteError(f"There is no note {path.relative_to(self._folder).as_posix()}; list_notes shows them.")
        return path

    def _path(self, name: str) -> Path:
        """Where a note of that name is, or would be."""
        if not NAME.fullmatch(name) or len(name) > 200:
            raise NoteError(f"{name[:200]!r} is not a note name: use letters, digits, spaces, . - _ and / between.")
        path = self._folder / (name if Path(name).suffix else f"{name}.md")
        steps = [path, *path.parents][: len(path.relative_to(self._folder).parts)]
        if any(step.is_symlink() for step in steps) or not path.resolve().is_relative_to(self._folder.resolve()):
            raise NoteError(f"{name} leads out of the notes folder.")
        return path


def _replace(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    except OSError as error:
        raise NoteError(f"{path.name} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        os.unlink(draft)
        raise NoteError(f"{path.name} cannot be written: {error.strerror}.") from None
