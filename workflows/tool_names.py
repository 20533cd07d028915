"""What a model calls a tool: providers take fewer names than tool servers give."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import count

LENGTH = 64  # characters that every provider takes
MARK = 6  # hex digits that tell apart what would have the same name
ODD = re.compile(r"[^A-Za-z0-9_-]+")
ADDED = re.compile(r"^(?:functions?|tools?|default_api|mcp)[.:/]+")  # what some models write before a name


def offered_names(names: Iterable[str]) -> dict[str, str]:
    """Of each `server.tool` a name of its own that every provider takes, whatever their order.

    It is a letter, then at most 63 of `A-Za-z0-9_-`, with `__` in it, which no built-in has."""
    distinct = sorted(set(names))
    plain = {name: _plain(name) for name in distinct}
    owners = Counter(plain.values())
    own = {name for name, made in plain.items() if owners[made] == 1}
    for made in owners.keys() - {plain[name] for name in own}:  # it stays with the one that was not changed for it
        unchanged = [name for name in distinct if plain[name] == made == name.replace(".", "__", 1)]
        own |= set(unchanged) if len(unchanged) == 1 else set()
    given = {name: plain[name] for name in own}
    for name in distinct:
        if name not in own:
            marks = (_marked(plain[name], name, turn) for turn in count())
            given[name] = next(mark for mark in marks if mark not in given.values())
    return given


def safe_name(called: str) -> str:
    """A name a model wrote, as it may go back to its provider."""
    return ODD.sub("_", called.strip()).strip()[:LENGTH] or "_"


def meant(called: str, names: Collection[str]) -> str | None:
    """Which of the names a model means; blanks and a prefix around it are forgiven. None: none."""
    bare = ADDED.sub("", called.strip())
    return next((name for name in (called, called.strip(), bare) if name in names), None)


def alike(name: str) -> str:
    """The letters and digits of a name: what is left when the signs between them are mistaken."""
    return re.sub(r"[\W_]", "", ADDED.sub("", name.strip())).casefold()


def _plain(name: str) -> str:
    server, _, tool = name.partition(".")
    made = f"{_part(server)}__{_part(tool)}"
    made = made if made[0].isalpha() else f"t_{made}"
    return made if len(made) <= LENGTH else _marked(made, name)


def _part(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore" if _latin(text) else "replace").decode()
    part = ODD.sub("_", ascii_only)
    return part if any(sign.isalnum() for sign in part) else f"{part.strip('_')}tool_{_mark(text)}"


def _latin(text: str) -> bool:
    """Whether only marks on letters are lost: "ü" is "u" and a mark."""
    return all(sign.isascii() or unicodedata.combining(sign) for sign in unicodedata.normalize("NFKD", text))


def _marked(made: str, name: str, turn: int = 0) -> str:
    return f"{made[: LENGTH - MARK - 1]}_{_mark(name + turn * '+')}"


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]
