"""The five fields of a schedule: minute, hour, day of the month, month, day of the week."""

import re

SYNTAX = 'must be five fields, such as "0 9 * * 1-5"'
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d{1,3}))?", re.ASCII)


def schedule_fault(text: str) -> str:
    """What is wrong with a schedule; empty: nothing."""
    if re.fullmatch(r"@(hourly|daily|weekly|monthly|yearly)", text):
        return ""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return SYNTAX
    wrong = [
        f'"{field}" is not {"an" if name == "hour" else "a"} {name}: use * or {low} to {high}, with - , and / as usual'
        for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True)
        if not all(_fits(part, low, high, list(names)) for part in field.split(","))
    ]
    return "; ".join(wrong)


def _fits(part: str, low: int, high: int, names: list[str]) -> bool:
    match = _PART.fullmatch(part)
    if match is None or match[3] == "0" or (match[1] == "*" and match[2]):
        return False
    if match[1] == "*":
        return True
    first, last = (_number(word, low, names) for word in (match[1], match[2] or match[1]))
    return low <= first <= last <= high


def _number(word: str, low: int, names: list[str]) -> int:
    """-1 where the word stands for none."""
    if word.lower() in names:
        return names.index(word.lower()) + low
    return int(word) if word.isdigit() and len(word) < 3 else -1
