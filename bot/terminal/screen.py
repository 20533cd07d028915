"""The terminal: an input line that is always there, a live part above it, and all that scrolls up above that."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Literal

from prompt_toolkit import PromptSession
from prompt_toolkit.application.run_in_terminal import run_in_terminal
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output
from rich.console import Console, RenderableType

from threadwork.workflows.errors import Rejected

FRAMES = 0.25  # seconds between two looks at the live part
WIDEST = 110  # columns; longer lines are hard to read
KEPT_FREE = 4  # rows for the input line and a look back

Live = Callable[[int, int], RenderableType | None]  # width and height in cells → what is shown


class Screen:
    """`input` and `output` are the terminal's own unless given."""

    def __init__(self, input: Input | None = None, output: Output | None = None) -> None:
        self.live: Live = lambda width, height: None
        self.label: Callable[[], str] = lambda: "› "
        self.before_typing: Callable[[], None] = lambda: None  # called whenever an empty input line is drawn
        self._colours = _colours()
        self._default = ""  # what the next input line begins with
        self._held: list[str] | None = None  # what is to be shown once the editor has closed
        self._prompt: PromptSession[str] = PromptSession(
            self._message,
            input=input,
            output=output or _terminal(),
            erase_when_done=True,
            refresh_interval=FRAMES,
            reserve_space_for_menu=0,
        )

    def show(self, *things: RenderableType) -> None:
        """Print above the live part, for good."""
        if things:
            self._write("".join(self._drawn(thing, self.width) for thing in things))

    async def line(self) -> str:
        """What the person types next. Raises KeyboardInterrupt for Ctrl-C, EOFError for Ctrl-D on an empty line."""
        default, self._default = self._default, ""
        return await self._prompt.prompt_async(default=default, handle_sigint=False)

    def refresh(self) -> None:
        self._prompt.app.invalidate()

    def prefill(self, text: str) -> None:
        """Put a text into the input line, to be changed."""
        if self._prompt.app.is_running:
            self._prompt.default_buffer.document = Document(text)
        else:
            self._default = text

    def fail(self, error: BaseException) -> None:
        """Make `line` raise, if somebody waits for one."""
        if self._prompt.app.is_running and not self._prompt.app.is_done:
            self._prompt.app.exit(exception=error)

    async def edit(self, text: str, editor: str) -> str:
        """The text as it comes back from the person's editor. Raises `Rejected` if that fails."""
        self._held = []
        try:
            return await run_in_terminal(lambda: _edited(text, editor), in_executor=True)
        finally:
            held, self._held = self._held, None
            self._write("".join(held))

    def _write(self, text: str) -> None:
        if self._held is not None:
            self._held.append(text)
            return
        app = self._prompt.app
        if app.is_running:
            app.renderer.erase()
        app.output.write_raw(text.replace("\n", "\r\n"))
        app.output.flush()
        app.invalidate()

    def _message(self) -> StyleAndTextTuples:
        if not self._prompt.app.is_done and not self._prompt.default_buffer.text:
            self.before_typing()
        size = self._prompt.app.output.get_size()
        shown = self.live(self.width, max(2, size.rows - KEPT_FREE))
        above = to_formatted_text(ANSI(self._drawn(shown, self.width))) if shown is not None else []
        return [*above, ("bold", self.label())]

    @property
    def width(self) -> int:
        """Columns that are drawn on."""
        return max(20, min(WIDEST, self._prompt.app.output.get_size().columns - 1))

    def _drawn(self, thing: RenderableType, width: int) -> str:
        drawn = StringIO()
        console = Console(file=drawn, force_terminal=True, width=width, color_system=self._colours)
        console.print(thing, markup=False, highlight=False, emoji=False)
        return drawn.getvalue()


def _colours() -> Literal["standard", "256", "truecolor"] | None:
    known: dict[str | None, Literal["standard", "256", "truecolor"]]
    known = {"standard": "standard", "256": "256", "truecolor": "truecolor"}
    return known.get(Console().color_system)


def _terminal() -> Output:
    """Never asked where its cursor is: some terminals do not answer, and an answer may end up as input."""
    output = Vt100_Output.from_pty(sys.stdout, term=os.environ.get("TERM"))
    output.enable_cpr = False
    return output


def _edited(text: str, editor: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "arguments.json")
        file.write_text(text, encoding="utf-8")
        _run(editor, file)
        return file.read_text(encoding="utf-8")


def _run(editor: str, file: Path) -> None:
    try:
        ended = subprocess.run([*shlex.split(editor), str(file)])  # noqa: S603, the person's own choice
    except (OSError, ValueError):
        raise Rejected(f"The editor {editor} cannot be started.", "Set EDITOR.") from None
    if ended.returncode:
        raise Rejected(f"The editor {editor} ended with code {ended.returncode}, so nothing was decided.")
