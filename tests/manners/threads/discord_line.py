"""Lines as Discord's clients send them: plain text with its markup; the fake fills in whom it mentions."""

from typing import Any

from tests.manners.threads.row import Row

OF_ROW = ("reads", "answers", "edits")


def row(name: str, report: str, text: str, becomes: str, when: str = "at work", /, **more: Any) -> Row:
    """`more`: fields of the message, or of the row. It is Bob who speaks, unless `user` says else."""
    of_row = {field: more.pop(field) for field in OF_ROW if field in more}
    return Row(name, report, {"user": "202", "content": text} | more, becomes, when, **of_row)
