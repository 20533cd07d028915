"""A small MCP server over stdio: notes in a folder, for agents to read and write."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from threadwork.adapters.tools.notes_folder import NoteError, NotesFolder

T = TypeVar("T")

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
# Writing replaces what a note said before: that is destructive, and the same again changes nothing more.
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
# A second deletion fails, so it is not the same again.
DELETES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False)


def run(folder: str | Path) -> None:
    """Serves the notes in `folder` over stdin and stdout until stdin closes."""
    notes_server(Path(folder)).run()


def notes_server(folder: Path) -> MCPServer:
    """The server, not yet running."""
    tools = _Tools(NotesFolder(folder))
    server = MCPServer("notes", log_level="WARNING")
    for tool, annotations in (
        (tools.list_notes, READS),
        (tools.read_note, READS),
        (tools.write_note, WRITES),
        (tools.delete_note, DELETES),
    ):
        server.add_tool(tool, annotations=annotations, structured_output=False)
    return server


class _Tools:
    """The docstrings are what the model reads."""

    def __init__(self, notes: NotesFolder) -> None:
        self._notes = notes

    async def list_notes(self) -> str:
        """Lists the notes with their sizes."""
        notes = await _told(self._notes.list)
        return "\n".join(f"- {note.name} ({note.size} bytes)" for note in notes) or "There are no notes yet."

    async def read_note(self, name: str) -> str:
        """Returns the text of a note."""
        return await _told(lambda: self._notes.read(name))

    async def write_note(self, name: str, text: str) -> str:
        """Writes a note; one of the same name is replaced. `.md` is added to a name without a suffix."""
        note = await _told(lambda: self._notes.write(name, text))
        return f"Wrote {note.name} ({note.size} bytes)."

    async def delete_note(self, name: str) -> str:
        """Deletes a note for good."""
        note = await _told(lambda: self._notes.delete(name))
        return f"Deleted {note.name}."


async def _told(act: Callable[[], T]) -> T:
    """Files are slow: not on the event loop. What goes wrong is told to the model."""
    try:
        return await asyncio.to_thread(act)
    except NoteError as error:
        raise ToolError(str(error)) from None
    except OSError as error:
        raise ToolError(f"The notes folder does not allow it: {error.strerror}.") from None
