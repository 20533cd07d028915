"""Commands that decide or control, as values: they take an id and a number, and no other word. Pure."""

import re
from collections.abc import Callable, Mapping

from threadwork.bot.chat.words import is_an_id, looks_like_a_goal, quoted
from threadwork.workflows.errors import Rejected
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import Value

# `[task]`: the beginning of its id; empty where none is named.
CONTROL = re.compile(r"\s*[`#]*(?P<task>t[a-z2-7]{1,11})?[`#]*\s*", re.I | re.A)
_DECISION = re.compile(r"(?:[`#]*(?P<task>t[a-z2-7]{1,11})`?)?(?:(?:^|\s+)[`#]*(?P<number>\d{1,9})`?)?", re.I)
_HEADED = re.compile(r"(?P<head>(?:[`#]*t[a-z2-7]{1,11}`?\s+)?[`#]*\d{1,9}`?)[\s,.;–—-]+(?P<reason>\S.*)", re.I | re.S)


class DecisionWords(Value):
    """Which approval of which task; empty: not said. `reason`: why not."""

    task: str = ""
    number: str = ""
    reason: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether it can be nothing but a decision: a number, or what looks like an id alone."""
        return bool(self.number) or is_an_id(self.task)


def parse_decision(word: str, rest: str) -> DecisionWords:
    """`[task] [number]`, and behind a colon the reason of a denial. Raises `Rejected` for any other word."""
    head, _, reason = rest.partition(":") if word == "deny" else (rest, "", "")
    found = _DECISION.fullmatch(head.strip())
    if found is None:
        raise other_words(word, rest)
    task, number = (found["task"] or "").lower(), found["number"]
    return DecisionWords(task=task, number=str(int(number)) if number else "", reason=reason.strip())


def fits(word: str, rest: str) -> bool:
    """Whether what follows the word is what the command takes, rather than the rest of a sentence."""
    try:
        return FITTING[word](word, rest) if word in FITTING else False
    except Rejected:
        return False


FITTING: Mapping[str, Callable[[str, str], bool]] = {
    "approve": lambda word, rest: parse_decision(word, rest).is_sure,
    "deny": lambda word, rest: parse_decision(word, rest).is_sure,
    **dict.fromkeys(("stop", "pause", "resume", "status"), lambda word, rest: _names_a_task(rest)),
}
USAGE = {  # what follows the word
    "approve": "<task> <number>",
    "deny": "<task> <number>: <reason>",
}


def _names_a_task(rest: str) -> bool:
    words = CONTROL.fullmatch(rest)
    return bool(words and words["task"] and is_an_id(words["task"].lower()))


def other_words(word: str, rest: str) -> Rejected:
    """What a command that decides or controls says of words it does not take."""
    said = f"`{SLASH} {word}` takes {'a task and a number' if word in USAGE else 'a task'} only. Nothing was changed."
    return Rejected(said, _meant(word, rest))


def _meant(word: str, rest: str) -> str:
    """The same with its colon, the text as a goal, or how the command is written."""
    usage = f"`{SLASH} {word} {USAGE.get(word, '<task>')}`"
    if word == "deny" and (found := _HEADED.fullmatch(rest.strip())):
        return f"Put a colon before the reason: `{SLASH} deny {quoted(found['head'])}: {quoted(found['reason'])}`"
    text = f"{word} {rest}"
    goal = f" To give this to an agent as a goal: `{SLASH} run {quoted(text)}`" if looks_like_a_goal(text) else ""
    return f"Write {usage}.{goal}"
