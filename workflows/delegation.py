"""What a task that delegates, and one that was delegated, know of each other. Pure: `family.py` carries it over.

Both sides speak by signals, because the server forgets a child when its parent continues as new. Whatever is sent may
come twice: reports are numbered, and what people do has the id of their click."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from threadwork.workflows.event_types import EventType
from threadwork.workflows.values import Ledger, Principal, Status, Value

if TYPE_CHECKING:
    from threadwork.workflows.event_types import Payload

DEPTH = 3  # delegations below one another
BREADTH = 5  # children of one task at work at the same time
CLOSED_KEPT = 50  # children that are over, and words of theirs to people, that are remembered


class ChildReport(Value):
    """A child's word to its parent: where it stands, and what people must be told."""

    child_id: str
    number: int  # 1, 2, 3 …: one that was heard before changes nothing
    type: EventType | None = None  # an event of the child's that people see in the parent's thread
    data: dict[str, Any] = Field(default_factory=dict)  # its payload
    status: Status
    iteration: int = 0
    doing: str = ""
    spent: Ledger = Ledger()  # children of its own included
    ended: bool = False  # its end is stored: nothing more will come


class Relay(Value):
    """An event of the child's that its parent is to tell people of."""

    type: EventType
    data: dict[str, Any]


class Parent(BaseModel):
    """What a child keeps of who delegated to it."""

    task_id: str
    relays: list[Relay] = Field(default_factory=list)
    sending: ChildReport | None = None  # sent once at least, not known to have arrived
    reported: int = 0  # number of the last report
    news: bool = True  # there is progress to report
    end_told: bool = False
    gone: bool = False  # nobody hears any more


class Word(Value):
    """A signal on its way to a child."""

    child_id: str
    signal: str
    args: tuple[Any, ...] = ()
    refs: tuple[str, ...] = ()  # texts that the child will look for under its own task


class Child(BaseModel):
    """A delegated task as its parent's run knows it. Part of the state of a run: names of fields are wire."""

    child_id: str
    agent: str
    call_id: str
    tool_call_id: str
    grant: Ledger = Ledger()  # set aside for it; 0 of what the parent has no limit of
    spent: Ledger = Ledger()
    heard: int = 0  # number of its last report
    heard_at: datetime | None = None
    shown: tuple[Any, ...] = ()  # what the thread shows of it
    wants: Literal["usd", "tokens"] | None = None  # it waits for a larger grant
    ended: bool = False
    closed: bool = False  # and its result is in the conversation


class Asked(BaseModel):
    """An approval or a question of a child's, as the parent's thread shows it."""

    child_id: str
    id: str  # the child's own number of it
    data: dict[str, Any]
    open: bool = True


class Family(BaseModel):
    """The children of a task."""

    children: dict[str, Child] = Field(default_factory=dict)
    reports: list[ChildReport] = Field(default_factory=list)  # heard, not yet acted on
    words: list[Word] = Field(default_factory=list)
    approvals: dict[str, Asked] = Field(default_factory=dict)  # by the parent's number
    questions: dict[str, Asked] = Field(default_factory=dict)

    @property
    def open(self) -> list[Child]:
        return [child for child in self.children.values() if not child.ended]

    @property
    def unclosed(self) -> list[Child]:
        return [child for child in self.children.values() if not child.closed]

    def tell(self, child_id: str, signal: str, *args: Any, refs: tuple[str, ...] = ()) -> None:
        self.words.append(Word(child_id=child_id, signal=signal, args=args, refs=refs))

    def tell_all(self, signal: str, *args: Any) -> None:
        for child in self.open:
            self.tell(child.child_id, signal, *args)

    def stop(self, child_id: str, reason: str) -> None:
        self.tell(child_id, "stop_execution", {"click_id": "", "reason": reason})

    def lose(self, child_id: str) -> None:
        """Nobody hears there: it is over, or was ended from outside."""
        if child := self.children.get(child_id):
            child.ended, child.wants = True, None

    def asked(self, kind: dict[str, Asked], number: str) -> Asked | None:
        """What a person's click on this number is about, if it is for a child that may still hear."""
        found = kind.get(number)
        child = self.children.get(found.child_id) if found else None
        return found if child and not child.ended else None

    def number_of(self, kind: dict[str, Asked], child_id: str, own: str) -> str | None:
        found = (number for number, one in kind.items() if (one.child_id, one.id) == (child_id, own))
        return next(found, None)

    def owed(self) -> Ledger:
        """What children at work may still spend of their grants."""
        return Ledger(
            nanos=sum(max(c.grant.nanos - c.spent.nanos, 0) for c in self.open),
            tokens=sum(max(c.grant.tokens - c.spent.tokens, 0) for c in self.open),
        )

    @property
    def waits(self) -> Status | None:
        """What a child waits for, as the parent's own status tells it."""
        if any(child.wants for child in self.open):
            return Status.WAITING_BUDGET
        if any(one.open for one in self.approvals.values()):
            return Status.WAITING_APPROVAL
        return Status.WAITING_ANSWER if any(one.open for one in self.questions.values()) else None

    def shown(self, kind: dict[str, Asked], *fields: str) -> list[dict[str, Any]]:
        """What is open, for the query of the state."""
        name = "approval_id" if kind is self.approvals else "question_id"
        return [{name: n} | {f: one.data.get(f) for f in fields} for n, one in kind.items() if one.open]

    def forget(self) -> None:
        """The oldest of what is over: late clicks on it are answered as on anything unknown."""
        over = [key for key, child in self.children.items() if child.closed]
        for key in over[:-CLOSED_KEPT]:
            del self.children[key]
        for kind in (self.approvals, self.questions):
            for number in [number for number, one in kind.items() if not one.open][:-CLOSED_KEPT]:
                del kind[number]


# --- the child's side ---------------------------------------------------------------------------------

RELAYED = (  # of a child's events, those that people must see or answer
    EventType.HUMAN_APPROVAL_REQUESTED,
    EventType.HUMAN_APPROVAL_RECEIVED,
    EventType.HUMAN_APPROVAL_EXPIRED,
    EventType.HUMAN_APPROVAL_REMINDED,
    EventType.HUMAN_APPROVAL_ESCALATED,
    EventType.HUMAN_APPROVAL_IGNORED,
    EventType.HUMAN_APPROVAL_SUPERSEDED,
    EventType.QUESTION_ASKED,
    EventType.QUESTION_ANSWERED,
    EventType.BUDGET_EXCEEDED,
    EventType.BUDGET_INCREASED,
    EventType.CLICK_REFUSED,
)
RAN = (EventType.TOOL_CALL_COMPLETED, EventType.TOOL_CALL_FAILED, EventType.TASK_REPORTED)  # of an approved call
PROGRESS = (
    EventType.WORKFLOW_STARTED,
    EventType.ITERATION_STARTED,
    EventType.LLM_CALL_COMPLETED,
    EventType.TOOL_CALL_STARTED,
    EventType.TOOL_CALL_FAILED,
    EventType.TASK_REPORTED,
)


def note(parent: Parent, payload: "Payload", asks: bool) -> None:
    """An event of the child's: remember what of it goes up. `asks`: it waits where its budget is exceeded."""
    ran = payload.type in RAN and getattr(payload, "approval_id", None) is not None
    if ran or (payload.type in RELAYED and (asks or payload.type is not EventType.BUDGET_EXCEEDED)):
        data = payload.model_dump(mode="json", exclude_none=True)
        parent.relays.append(Relay(type=payload.type, data=data))
    parent.news = parent.news or payload.type in PROGRESS


def by_nobody(by: Principal | None, reason: str) -> str:
    """Why the parent pauses or resumes its children, in the children's own events."""
    return f"{by.shown if by else 'The operator'}: {reason}" if reason else f"By {by.shown if by else 'the operator'}."
