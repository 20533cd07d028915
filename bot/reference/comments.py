"""What the comment behind a field says: the one place in which a field is explained."""

import ast
import inspect
import io
import re
import tokenize
from functools import cache
from textwrap import dedent

from pydantic import BaseModel


def comment(shape: type[BaseModel], field: str) -> str:
    """Of the class itself, else of the nearest one above; empty: there is none."""
    return next((said for each in shape.__mro__ if (said := _comments(each).get(field))), "")


@cache
def _comments(shape: type) -> dict[str, str]:
    if shape is BaseModel or not issubclass(shape, BaseModel):
        return {}
    source = dedent(inspect.getsource(shape))
    by_line = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    fields = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AnnAssign))
    return {
        node.target.id: _readable(by_line[node.end_lineno])
        for node in fields
        if isinstance(node.target, ast.Name) and node.end_lineno in by_line
    }


def _readable(said: str) -> str:
    """People write no `None`."""
    return re.sub(r"\bNone:", "left out:", said)
