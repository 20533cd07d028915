"""What is drawn: the golden cards, and some of them as one run in its thread."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.pictures.markup import Json
from tests.pictures.page import Message, Platform

TESTS = Path(__file__).parent.parent
GOLDEN = {platform: next(TESTS.glob(f"adapters/{platform}/**/golden")) for platform in ("slack", "discord")}
GOAL = "Summarise last week's incidents and post what we should change"
ANSWERED = "For the team. Leave the names out."
RUNS = {  # cards, and the minute in which each is posted
    "run": (  # each as it was when it came
        ("status_running", 0),
        ("question_open", 2),
        ("approval_pending", 4),
        ("budget_exceeded", 11),
        ("answer_code", 12),
    ),
    "waiting": (  # the thread at one moment
        ("status_waiting", 0),
        ("question_answered", 2),
        ("approval_pending", 4),
    ),
}
ORDER = ("status", "plan", "question", "approval", "budget", "answer", "file", "notice", "notification")


def messages(platform: Platform, name: str) -> list[Json]:
    """The messages of a golden card, as they are posted."""
    parts: list[Json] = json.loads((GOLDEN[platform] / f"{name}.json").read_text())
    return parts


def thread(platform: Platform, name: str) -> Iterator[Message]:
    """One of RUNS as its thread shows it."""
    yield Message(said(platform, f"<@Threadwork> {GOAL}"), author="Anna")
    for card, minute in RUNS[name]:
        yield from (Message(part, minute=minute) for part in messages(platform, card))
        if card == "question_open":
            yield Message(said(platform, ANSWERED), author="Anna", minute=minute + 1)


def cards(platform: Platform) -> Iterator[Message]:
    """Every golden card, the first message of each, under its name."""
    names = (file.stem for file in GOLDEN[platform].glob("*.json"))
    for name in sorted(names, key=lambda name: (_place(name), name)):
        yield Message(messages(platform, name)[0], caption=name)


def said(platform: Platform, words: str) -> Json:
    """A person's message."""
    return {"text": words} if platform == "slack" else {"content": words}


def _place(name: str) -> int:
    kind = name.split("_")[0]
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
