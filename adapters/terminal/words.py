"""Words of people and models, made safe for a terminal."""

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown
from rich.text import Text

from threadwork.adapters.wording.card_words import clean

__all__ = ["Exact", "clean", "one_line", "prose", "words"]


def words(text: str, style: str = "") -> Text:
    """A text as it stands: nothing in it is markup."""
    return Text(clean(text), style=style)


def one_line(text: str, style: str = "") -> Text:
    """A text on one line."""
    return Text(" ".join(clean(text).split()), style=style)


def prose(text: str) -> Markdown:
    """Markdown of a model. Links show where they lead; code is not coloured, which would load a library more."""
    return Markdown(clean(text), hyperlinks=False, code_theme="ansi_dark")


class Exact:
    """A text whose every character is seen, blanks included: lines are folded where they are full, not at a space,
    where a terminal's own folding would swallow what stands there."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.split("\n", allow_blank=True):
            line.expand_tabs(8)
            for piece in _folded(line, max(2, options.max_width)):
                piece.no_wrap, piece.overflow = True, "ignore"
                yield piece


def _folded(line: Text, width: int) -> list[Text]:
    if cell_len(line.plain) <= width:
        return [line]
    ends, at = [], 0
    for piece in chop_cells(line.plain, width):
        at += len(piece)
        ends.append(at)
    return list(line.divide(ends[:-1]))
