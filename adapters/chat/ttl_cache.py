"""Answers of a platform that hold for a while."""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_ENTRIES = 10_000  # answers kept

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class TtlCache(Generic[Question, Answer]):
    """Keeps answers by question, each for a while, at most `most` of them."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self._most = most
        self._known: dict[Question, tuple[float, Answer]] = {}  # until when, and what

    def get(self, question: Question) -> Answer | None:
        """None: it is not known, or not any more."""
        until, answer = self._known.get(question, (0.0, None))
        return answer if time.monotonic() < until else None

    def keep(self, question: Question, answer: Answer, seconds: float) -> Answer:
        """The oldest make room."""
        self._known.pop(question, None)
        self._known[question] = (time.monotonic() + seconds, answer)
        for oldest in list(self._known)[: -self._most]:
            del self._known[oldest]
        return answer
