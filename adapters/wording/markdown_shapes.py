"""What of Markdown no chat shows as it is written: tables, task lists, images, small headings."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from threadwork.adapters.wording.card_words import one_line
from threadwork.adapters.wording.plain_words import plain

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.M | re.S)
_TABLE = re.compile(
    r"^[ \t]*\|?[^\n|]*\|[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?$(?:\n[^\n]*\|[^\n]*)*", re.M
)
_CELL_END = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"^([ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[([ xX])\](?=[ \t])", re.M)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,500})\]\((https?://[^\s()<>]{1,2000})(?:[ \t]+\"[^\"\n]*\")?\)")
_SMALL_HEADING = re.compile(r"^#{4,6}[ \t]+([^\n]+?)[ \t#]*$", re.M)
MAX_TEXT = 60_000  # characters of a text that is looked through


class Table(NamedTuple):
    """Cells as they were written, each row as long as the first."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def shaped(text: str) -> str:
    """Task lists with boxes, images as links, headings of the fourth level and below as bold lines."""
    return _outside_code(text, _shaped)


def with_tables(text: str, draw: Callable[[Table], str]) -> str:
    """Each table as `draw` writes it, in Markdown."""
    return "".join(piece if isinstance(piece, str) else draw(piece) for piece in pieces(text))


def pieces(text: str) -> Iterator[str | Table]:
    """The text and its tables, in order; together they are all of it."""
    if len(text) > MAX_TEXT or "|" not in text:
        yield text
        return
    at = 0
    code = [found.span() for found in _FENCED.finditer(text)]
    for found in _TABLE.finditer(text):
        table = _read(found[0])
        if table is None or any(start <= found.start() < end for start, end in code):
            continue
        yield text[at : found.start()]
        yield table
        at = found.end()
    yield text[at:]


def plain_rows(table: Table) -> list[list[str]]:
    """All rows, the head first, without marks; links show where they lead."""
    return [[_plain(cell) for cell in row] for row in (table.head, *table.rows)]


def aligned(rows: list[list[str]]) -> str:
    """Rows as columns, for where every letter is as wide as another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((lines[0], "  ".join("─" * width for width in widths), *lines[1:]))


def _read(text: str) -> Table | None:
    head, rule, *rows = (_cells(line) for line in text.split("\n"))
    if len(head) < 2 or len(rule) != len(head):
        return None
    return Table(tuple(head), tuple(tuple((row + [""] * len(head))[: len(head)]) for row in rows))


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    cells = _CELL_END.split(inner)
    return [cell.strip().replace("\\|", "|") for cell in (cells[:-1] if inner.endswith("|") else cells)]


def _plain(cell: str) -> str:
    return one_line(plain(_LINK.sub(r"\1 (\2)", cell)))


_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\((https?://[^\s()<>]{1,2000})\)")


def _shaped(text: str) -> str:
    boxed = _TASK.sub(lambda found: f"{found[1]}{'☐' if found[2] == ' ' else '☑'}", text)
    linked = _IMAGE.sub(lambda found: f"[{found[1].strip() or 'image'}]({found[2]})", boxed)
    return _SMALL_HEADING.sub(r"**\1**", linked)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    made, at = [], 0
    for code in _FENCED.finditer(text):
        made += [change(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join((*made, change(text[at:])))
