"""Runs that go round in circles: the same call with the same result, or turns that bring nothing new."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from threadwork.workflows.values import digest

MAX_SAME = 3  # times that one call may come to the same in a row before it is told
STALE = 10  # turns in a row that bring nothing new, likewise
MAX_REMEMBERED_CALLS = 200  # calls with their results by which something is known

Verdict = Literal["tell", "ask"]


class LoopGuard(BaseModel):
    """What was done, by digests. A call that comes to something else each time, as polling does, is no loop."""

    seen: list[str] = Field(default_factory=list)  # calls with their results, and plans; the newest last
    last: str = ""  # the newest call with its result
    same: int = 0  # times that one came in a row
    stale: int = 0  # turns in a row without anything new
    told: bool = False  # the model, of the present loop
    looked_at: int = 0  # number of the iteration that was counted last

    def look(self, iteration: int, done: Iterable[str], by_people: bool) -> Verdict | None:
        """Count a turn, once. `done`: its calls with their results, in order; `by_people`: they had a part in it.

        "tell": the model is to be told. "ask": it was, and it goes on for as long again: people are asked."""
        if iteration == self.looked_at:
            return None
        self.looked_at = iteration
        new = self._count(list(done)) or by_people
        self.stale = 0 if new else self.stale + 1
        if by_people:
            self.last, self.same = "", 0
        if self.same < MAX_SAME and new:
            self.told = False
        return self._verdict()

    def forget(self) -> None:
        """People said how to go on: what is done from here on is counted anew."""
        self.last, self.same, self.stale, self.told = "", 0, 0, False

    @property
    def why(self) -> str:
        """What goes on, for the model and for people."""
        if self.same >= MAX_SAME:
            return f"made the same call with the same result {self.same} times in a row"
        return f"done nothing new for {self.stale} turns"

    def _count(self, done: list[str]) -> bool:
        for key in done:
            self.same = self.same + 1 if key == self.last else 1
            self.last = key
        new = [key for key in done if key not in self.seen]
        self.seen = [*self.seen, *dict.fromkeys(new)][-MAX_REMEMBERED_CALLS:]
        return bool(new)

    def _verdict(self) -> Verdict | None:
        if self.same < MAX_SAME and self.stale < STALE:
            return None
        if not self.told:
            self.told = True
            return "tell"
        return "ask" if self.same >= 2 * MAX_SAME or self.stale >= 2 * STALE else None


def key(name: str, arguments: str, result: str) -> str:
    """A call with what it came to."""
    return digest([name, arguments, result])
