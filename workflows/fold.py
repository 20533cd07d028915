"""One step of the projection: the view of a thread as it is being made."""

from typing import Any

from threadwork.workflows.cards import ApprovalCard, BudgetCard, Card, End, QuestionCard, StatusCard, ThreadView
from threadwork.workflows.events import Event
from threadwork.workflows.values import Status

LOG_LINES = 5  # activities the status card shows
LOG_WORDS = 120  # characters of what the model says in one
MAX_ENDS = 5  # ends of runs that are kept


class Fold:
    """One step: the view that comes out of it, as it is being made."""

    def __init__(self, view: ThreadView, event: Event) -> None:
        self.event = event
        self._view = view
        self._status = view.status
        self._cards: dict[str, Card] = {card.key: card for card in view.cards}
        self._paused = view.paused
        self._ends = view.ends
        self._unreachable = view.unreachable

    def result(self) -> ThreadView:
        status = self._status.model_copy(update={"iteration": self.event.iteration, "status": self._where()})
        return self._view.model_copy(
            update={
                "seq": self.event.seq,
                "status": status,
                "cards": tuple(self._cards.values()),
                "paused": self._paused,
                "ends": self._ends,
                "unreachable": self._unreachable,
            }
        )

    # --- what steps do ---

    @property
    def status(self) -> StatusCard:
        return self._status

    def head(self, **changes: Any) -> None:
        self._status = self._status.model_copy(update=changes)

    def log(self, line: str) -> None:
        self.head(log=(*self._status.log, line)[-LOG_LINES:])

    def say(self, words: str) -> None:
        """What the model wrote beside its calls."""
        self.log(_first_line(words))

    def unsay(self, words: str) -> None:
        """Those, and what it thought before, are not for everybody who reads the thread."""
        log = tuple(line for line in self._status.log if not words.strip() or line != _first_line(words))
        self.head(log=log, thought="", thought_ref=None)

    def put(self, card: Card) -> None:
        self._cards[card.key] = card

    def change(self, key: str, **changes: Any) -> None:
        """Edit a card that is there; an event about one that is not changes nothing."""
        if card := self._cards.get(key):
            self._cards[key] = card.model_copy(update=changes)

    def stopped(self, sink: str) -> None:
        """Nothing more is said in this sink."""
        self._unreachable = {**self._unreachable, sink: self.event.seq}

    def card(self, key: str) -> Card | None:
        return self._cards.get(key)

    def of(self, kind: type[Card]) -> list[Any]:
        return [card for card in self._cards.values() if isinstance(card, kind)]

    def pause(self, paused: bool) -> None:
        self._paused = paused

    def close(self) -> None:
        """The run is over: nothing waits for people any more."""
        self._paused = False
        for card in self._cards.values():
            if isinstance(card, QuestionCard) and card.state == "open":
                self.change(card.key, state="superseded")
            if isinstance(card, BudgetCard) and card.state in ("warning", "exceeded"):
                self.change(card.key, state="closed")

    def child_ended(self, child: str) -> None:
        """What a delegated task asked is not waited for any more."""
        for card in self._cards.values():
            if isinstance(card, QuestionCard) and card.child_task_id == child and card.state == "open":
                self.change(card.key, state="superseded")
            if isinstance(card, BudgetCard) and card.child == child and card.state == "exceeded":
                self.change(card.key, state="closed")

    def end(self, **end: Any) -> None:
        ended = End.model_validate({"key": f"end:{self.event.seq}", **end})
        self._ends = (*self._ends, ended)[-MAX_ENDS:]

    def go_on(self) -> None:
        """No end was the last one."""
        self._ends = tuple(end.model_copy(update={"went_on": True}) for end in self._ends)

    def _where(self) -> Status:
        """Where the task stands, as the cards tell it."""
        if self._status.ended_at:
            return self._status.status
        if self._paused:
            return Status.PAUSED
        if any(card.state == "exceeded" for card in self.of(BudgetCard)):
            return Status.WAITING_BUDGET
        if any(card.state == "pending" for card in self.of(ApprovalCard)):
            return Status.WAITING_APPROVAL
        if any(card.state == "open" for card in self.of(QuestionCard)):
            return Status.WAITING_ANSWER
        return Status.RUNNING


def _first_line(words: str) -> str:
    return words.strip().splitlines()[0][:LOG_WORDS]
