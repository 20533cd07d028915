"""How a command is typed in Discord: its options have names there, where elsewhere hyphens or their order tell them
apart. Typed the other way they would be part of a goal, which then costs money."""

import re

from threadwork.workflows.slash_name import SLASH

_OPTION = re.compile(r"--(\w+) (\S+) ")
RUN = ("agent", "model", "budget")  # options of ours; a channel cannot be named
# Of words that are one of a few. Placeholders such as `<task>` have their option's name, and codes are typed elsewhere.
CHOSEN = {"list": "which", "notify": "act", "link": "code"}


def typed_here(text: str) -> str:
    """Every use of the command in it with the names of its options."""
    return re.sub(rf"`{re.escape(str(SLASH))} (\w+) ([^`]+)`", _named, text)


def _named(found: re.Match[str]) -> str:
    word, rest = found.groups()
    if word == "run":
        return f"`{SLASH} run {_run(rest)}`"
    option = CHOSEN.get(word) if re.fullmatch(r"[a-z|]+", rest) else None
    return f"`{SLASH} {word} {option}: {rest}`" if option else found[0]


def _run(rest: str) -> str:
    options = [f"{name}: {value}" for name, value in _OPTION.findall(rest) if name in RUN]
    return " ".join((*options, f"goal: {_OPTION.sub('', rest)}")) if options else rest
