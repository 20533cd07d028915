"""Tables, of which Discord has none: as columns of code where a phone is wide enough, else as lists."""

from threadwork.adapters.wording.card_words import JOINER
from threadwork.adapters.wording.markdown_shapes import Table, aligned, plain_rows

PHONE = 38  # characters of code in a line on a phone


def drawn(table: Table) -> str:
    """In Markdown, on lines of its own."""
    columns = aligned(plain_rows(table))
    fits = max(map(len, columns.split("\n"))) <= PHONE
    return f"```\n{columns.replace('``', f'`{JOINER}`')}\n```" if fits else _listed(table)


def _listed(table: Table) -> str:
    """A paragraph for each row: its first cell, and below it `column: value`."""
    return "\n\n".join("\n".join(_row(table.head, row)) for row in table.rows) or " · ".join(table.head)


def _row(head: tuple[str, ...], row: tuple[str, ...]) -> list[str]:
    first = row[0].strip("*") or "–"
    more = (f"- {name}: {value}" for name, value in zip(head[1:], row[1:], strict=True) if value)
    return [f"**{first}**", *more]
