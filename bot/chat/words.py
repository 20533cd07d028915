"""What people type after the slash command, as values. Pure: nothing here asks anybody."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from threadwork.workflows.errors import Rejected
from threadwork.workflows.slash_commands import ROWS, SAME
from threadwork.workflows.values import Value, preview

GOAL_WORDS = 3  # so many words, the first of them no command, are rather a goal
SUGGESTED = 300  # characters of a text that is given back in a suggestion


class Words(Value):
    """A command word and what follows it. `word` is empty where nothing was typed, else as typed if unknown."""

    word: str
    rest: str = ""

    @property
    def known(self) -> bool:
        return self.word in ROWS


def parse(text: str) -> Words:
    word, *more = text.strip().split(maxsplit=1) or [""]
    if word.lower() == "deny:":  # its reason stands behind a colon, wherever that is typed
        word, more = word[:-1], [": ", *more]
    lower = word.lower().strip("/")
    return Words(word=SAME.get(lower, lower) if lower in (*ROWS, *SAME) else word, rest="".join(more).strip())


# --- options -----------------------------------------------------------------------------------------

_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "”": "”", "‘": "’", "«": "»"}
_QUOTED = "|".join(f"{opened}[^{closed}]*{closed}" for opened, closed in _QUOTES.items())
# Phones turn two hyphens into one dash.
OPTION = re.compile(rf"\s*(?:--|—|–)(?P<name>[A-Za-z][\w-]*)(?:\s*=\s*|\s+|$)(?P<value>(?:{_QUOTED}|[^\s]\S*)?)")
NO_MORE = re.compile(r"\s*(?:--|—)\s+")


def option_field(name: str, fields: Mapping[str, str], where: str = "") -> str:
    field = fields.get(name.lower())
    if field is None:
        known = ", ".join(f"`--{option}`" for option in fields)
        raise Rejected(f"There is no option `--{name[:40]}`.", f"There are: {known}. {where}".strip())
    return field


def option_value(name: str, value: str, like: str) -> str:
    """`like`: how it is written, with `{}` for the name."""
    given = unquoted(value)
    if not given or re.match(r"--|—|–", given):
        raise Rejected(f"`--{name[:40]}` needs a value.", f"Write it like `{like.format(name[:40])}`.")
    return given


def unquoted(text: str) -> str:
    """Without one pair of quotation marks around the whole."""
    stripped = text.strip()
    inner = stripped[1:-1]
    closing = _QUOTES.get(stripped[:1])
    if closing and len(stripped) > 1 and stripped[-1] == closing and closing not in inner:
        return inner.strip()
    return stripped


# --- a task, and more -------------------------------------------------------------------------------

LIKE_AN_ID = re.compile(r"t[a-z2-7]{1,11}")


class TaskWords(Value):
    """The task that a command may name, and the rest. `sure`: it can be nothing but an id."""

    task: str = ""
    sure: bool = False
    rest: str = ""
    whole: str = ""  # for where the first word turns out to be no task


def parse_task(rest: str) -> TaskWords:
    """`[task] [more…]`: the first word may be the beginning of an id, or already the reason."""
    whole = rest.strip()
    first, _, more = whole.partition(" ")
    task = first.strip("`#").lower()
    if not LIKE_AN_ID.fullmatch(task):
        return TaskWords(whole=whole, rest=whole)
    sure = not more or is_an_id(task)
    return TaskWords(task=task, sure=sure, rest=more.strip(), whole=whole)


def is_an_id(task: str) -> bool:
    """Whether it is rather an id than a word of a sentence."""
    return len(task) == 12 or any(letter.isdigit() for letter in task)


# --- what else they may have meant -----------------------------------------------------------------


def nearest(word: str, among: Sequence[str] = tuple(ROWS)) -> str | None:
    """The word that was probably meant."""
    found = get_close_matches(word[:60].lower(), among, n=1, cutoff=0.6)
    return found[0] if found else None


def looks_like_a_goal(text: str) -> bool:
    return len(text.split()) >= GOAL_WORDS


def quoted(text: str) -> str:
    """A text that is given back within a suggestion, on one line."""
    return preview(" ".join(text.replace("`", "'").split()), SUGGESTED)
