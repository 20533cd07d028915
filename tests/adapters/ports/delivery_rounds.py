"""What may happen to the cards of a thread and to whoever delivers them, as hypothesis draws it."""

from typing import Any, Literal

from hypothesis import strategies as st

from tests.adapters.card_cases import APPROVAL, DECIDED, RUNNING, TABLES, changed
from tests.chat_platform.answers import Value
from threadwork.workflows.cards import AnswerCard, Card, FileCard, NoticeCard, StatusCard
from threadwork.workflows.files import StoredFile
from threadwork.workflows.run_events import PlanItem

PICTURE = StoredFile(ref="file:picture", name="image-1.png", media_type="image/png", size=600)
NOTES = StoredFile(ref="file:notes", name="notes.csv", media_type="text/csv", size=12)
NOT_KEPT = StoredFile(ref="", name="film.mp4", media_type="video/mp4", size=10**9, why="It is too large.")
PLANS = (0, 3, 49, 50, 51, 120)  # tasks; a platform shows fifty apart

LINE = "A long line of **it**. " * 40 + "\n"  # 921 characters

# How the card of each name looks at first, and later.
LOOKS: dict[str, tuple[Card, ...]] = {
    "table": (AnswerCard(key="answer:1", answer=TABLES), AnswerCard(key="answer:1", answer=f"{TABLES}\n\n{TABLES}")),
    "long": (
        AnswerCard(key="answer:2", answer=LINE * 40),
        AnswerCard(key="answer:2", answer=LINE * 41),
    ),
    "parts": (
        AnswerCard(key="answer:3", answer=f"{TABLES}\n\n" + LINE * 21),
        AnswerCard(key="answer:3", answer="Short."),
    ),
    "picture": (FileCard(key="file:1", tool="shots.take", file=PICTURE),),
    "notes": (FileCard(key="file:2", tool="notes.export", file=NOTES),),
    "not kept": (FileCard(key="file:3", tool="films.take", file=NOT_KEPT),),
    "approval": (changed(APPROVAL, arguments_ref=""), changed(APPROVAL, arguments_ref="", **DECIDED)),
    "notice": (NoticeCard(key="notice:1", text="Anna stopped it."),),
}

Point = Literal["part_intended", "file_uploaded", "file_posted", "part_posted", "part_recorded"]
By = Literal["the same", "another beside it"]


class Trouble(Value):
    """Strikes the nth call of a method of the port; `upload` is a file's, where that is a call of its own."""

    kind: Literal["lose_answer", "server_error", "server_error_after", "rate_limited", "cut"]
    method: Literal["post", "edit", "delete", "find", "upload"]
    nth: int

    @property
    def fault(self) -> dict[str, Any]:
        wait = {"retry_after": 0} if self.kind == "rate_limited" else {}
        return {"kind": self.kind, "methods": (self.method,), "every": self.nth, "next_calls": self.nth, **wait}


class Round(Value):
    """News of the task, and what happens while they are shown."""

    plan: int = 0  # tasks
    done: int = 0  # of them
    looks: tuple[str, ...] = ()  # cards that come, or that look as they do next
    troubles: tuple[Trouble, ...] = ()
    killed: tuple[Point, int] | None = None  # where its process dies, reached for the nth time
    by: By = "the same"
    deleted: int | None = None  # a person deletes a card first: which of those that stand
    takes_plans: bool = True  # whether the workspace takes Slack's plan block

    @property
    def disturbances(self) -> int:
        """Calls that may be made in vain. A refused plan block is one for each process."""
        return len(self.troubles) + bool(self.killed) + 2 * (not self.takes_plans)

    def dying(self, point: Point, nth: int = 1) -> "Round":
        return self.model_copy(update={"killed": (point, nth)})


def head(step: Round) -> StatusCard:
    items = (PlanItem(text=f"Step {n}", state="done" if n < step.done else "todo") for n in range(step.plan))
    return RUNNING.model_copy(update={"plan": tuple(items)})


_TROUBLE = st.builds(
    Trouble,
    kind=st.sampled_from(("lose_answer", "server_error_after", "server_error", "rate_limited", "cut")),
    method=st.sampled_from(("post", "edit", "upload", "find", "delete")),
    nth=st.integers(1, 3),
)
_KILLED = st.tuples(
    st.sampled_from(("part_posted", "part_intended", "file_posted", "file_uploaded", "part_recorded")),
    st.integers(1, 3),
)
ROUNDS = st.lists(
    st.builds(
        Round,
        plan=st.sampled_from(PLANS),
        done=st.sampled_from((0, 2, 50)),
        looks=st.lists(st.sampled_from(tuple(LOOKS)), max_size=3, unique=True).map(tuple),
        troubles=st.lists(_TROUBLE, max_size=2).map(tuple),
        killed=st.none() | _KILLED,
        by=st.sampled_from(("the same", "another beside it")),
        deleted=st.none() | st.integers(0, 5),
        takes_plans=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
