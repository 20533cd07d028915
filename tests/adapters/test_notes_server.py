"""The notes server, spoken to as an agent's worker does, and its folder."""

import os
from pathlib import Path

import pytest
from mcp import Client

from threadwork.adapters.tools.notes_folder import MAX_NOTE_BYTES, NoteError, NotesFolder
from threadwork.adapters.tools.notes_server import notes_server


async def said(folder: Path, tool: str, **arguments: str) -> tuple[bool, str]:
    async with Client(notes_server(folder)) as client:
        result = await client.call_tool(tool, arguments)
    return bool(result.is_error), "".join(getattr(block, "text", "") for block in result.content)


async def test_a_note_is_written_listed_read_and_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    assert await said(folder, "list_notes") == (False, "There are no notes yet.")
    assert not folder.exists()
    assert await said(folder, "write_note", name="plan", text="Ünïcode") == (False, "Wrote plan.md (9 bytes).")
    assert await said(folder, "list_notes") == (False, "- plan.md (9 bytes)")
    assert await said(folder, "read_note", name="plan.md") == (False, "Ünïcode")
    assert await said(folder, "delete_note", name="plan") == (False, "Deleted plan.md.")
    assert list(folder.iterdir()) == []


async def test_the_annotations_are_honest(tmp_path: Path) -> None:
    async with Client(notes_server(tmp_path)) as client:
        hints = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}
    found = {n: (h and (h.read_only_hint, h.destructive_hint, h.idempotent_hint)) for n, h in hints.items()}
    assert found == {
        "list_notes": (True, False, True),
        "read_note": (True, False, True),
        "write_note": (False, True, True),
        "delete_note": (False, True, False),
    }


async def test_a_note_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    is_error, text = await said(tmp_path, "read_note", name="nothing")
    assert is_error
    assert "There is no note nothing.md" in text


NAMES = [
    "../outside",
    "/etc/passwd",
    "a/../../outside",
    "..",
    ".hidden",
    "a/.b",
    "",
    "a//b",
    "a\\b",
    "a\0b",
    "a\nb",
    "~/x",
]


@pytest.mark.parametrize("name", [*NAMES, "x" * 201])
def test_a_name_that_leaves_the_folder_or_hides_in_it_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "notes"
    (tmp_path / "outside.md").write_text("secret")
    for attempt in (NotesFolder(folder).read, NotesFolder(folder).delete, lambda n: NotesFolder(folder).write(n, "x")):
        with pytest.raises(NoteError, match="is not a note name"):
            attempt(name)
    assert (tmp_path / "outside.md").read_text() == "secret"
    assert not folder.exists()


@pytest.mark.parametrize("name", ["link.md", "linked/outside.md"])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (tmp_path / "outside.md").write_text("secret")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")
    (folder / "linked").symlink_to(tmp_path)
    for attempt in (NotesFolder(folder).read, NotesFolder(folder).delete, lambda n: NotesFolder(folder).write(n, "x")):
        with pytest.raises(NoteError, match="leads out"):
            attempt(name)
    assert (tmp_path / "outside.md").read_text() == "secret"
    assert NotesFolder(folder).list() == []


def test_a_folder_that_is_itself_a_link_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "notes").symlink_to(tmp_path / "real")
    NotesFolder(tmp_path / "notes").write("a", "x")
    assert (tmp_path / "real" / "a.md").read_text() == "x"


def test_a_suffix_is_kept_and_folders_are_made(tmp_path: Path) -> None:
    assert NotesFolder(tmp_path).write("team/list.txt", "x").name == "team/list.txt"
    assert [note.name for note in NotesFolder(tmp_path).list()] == ["team/list.txt"]


def test_a_text_that_is_too_long_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = NotesFolder(tmp_path)
    folder.write("a", "old")
    with pytest.raises(NoteError, match="Split it"):
        folder.write("a", "x" * (MAX_NOTE_BYTES + 1))
    assert folder.read("a") == "old"


def test_a_write_that_fails_leaves_the_old_note_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = NotesFolder(tmp_path)
    folder.write("a", "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoteError, match="No space left"):
        folder.write("a", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.md", "old")]


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NoteError, match="UTF-8"):
        NotesFolder(tmp_path).read("a")
