"""The mark that stands where a secret value stood."""

import re
from collections.abc import Iterator
from typing import Any

_MARK = re.compile(r"\[hidden: ([\w.-]{1,200})\]")
_ODD = re.compile(r"[^\w.-]+")


def mark(name: str) -> str:
    """`[hidden: GITHUB_TOKEN]`: which variable it was, and nothing of its value."""
    return f"[hidden: {_ODD.sub('_', name)[:200] or 'value'}]"


def marked(arguments: Any) -> str:
    """The name in the first mark anywhere in the arguments of a call; empty where there is none."""
    return next((found[1] for text in _texts(arguments) for found in [_MARK.search(text)] if found), "")


def objection(tool: str, name: str) -> str:
    """What a model is told whose call holds a mark: it never saw the value, so it cannot hand it on."""
    return (
        f"{tool} was not run: its arguments hold the mark [hidden: {name}], which stands for a secret that you are not "
        "shown. Leave it out: tools get their credentials from their servers. "
        "If a person has to set it up, say so with ask_user."
    )


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names included; nothing is too deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            left += one
