"""What the report of a delegated task does to its parent: people see the child's words under the parent's numbers."""

from collections.abc import Callable
from typing import Any

from threadwork.workflows.approval_events import (
    HumanApprovalEscalated,
    HumanApprovalExpired,
    HumanApprovalIgnored,
    HumanApprovalReceived,
    HumanApprovalReminded,
    HumanApprovalRequested,
    HumanApprovalSuperseded,
    QuestionAnswered,
    QuestionAsked,
)
from threadwork.workflows.budget_events import BudgetExceeded
from threadwork.workflows.call_events import TaskReported
from threadwork.workflows.delegation import RAN, Asked, Child, ChildReport
from threadwork.workflows.event_types import EventType
from threadwork.workflows.run import Run
from threadwork.workflows.run_events import ClickRefused
from threadwork.workflows.values import NANOS, Ledger, Status, preview

GONE = "The task that asked has ended."


def hear(run: Run, report: ChildReport) -> None:
    """Act on a report once. A child that nobody waits for is told to stop."""
    family = run.state.family
    child = family.children.get(report.child_id)
    if child is None or child.closed:
        if not report.ended:
            family.stop(report.child_id, "Nobody waits for this task any more.")
        return
    if report.number <= child.heard:
        return
    child.heard, child.heard_at = report.number, run.now()
    _count(run, child, report.spent)
    if report.type in RELAYS:
        RELAYS[report.type](run, child, report.data)
    if _has_enough(report):
        child.wants = None
    _show(run, child, report, _ran(run, child, report))
    if report.ended:
        close_asked(run, child.child_id, GONE)
        family.lose(child.child_id)


def close_asked(run: Run, child_id: str | None, reason: str) -> None:
    """What a child asked, or every one, is not to be decided any more."""
    family = run.state.family
    for number, asked in family.approvals.items():
        if asked.open and child_id in (None, asked.child_id):
            asked.open = False
            run.emit(HumanApprovalSuperseded(approval_id=number, reason=reason))
    for asked in family.questions.values():
        asked.open = asked.open and child_id not in (None, asked.child_id)


def ref_there(child_id: str, ref: str) -> str:
    """Under what ref the parent keeps a text of a child's."""
    return f"{child_id}:{ref}"


def _count(run: Run, child: Child, spent: Ledger) -> None:
    budget = run.state.budget
    more = Ledger(nanos=spent.nanos - child.spent.nanos, tokens=spent.tokens - child.spent.tokens)
    child.spent = spent
    total = Ledger(nanos=budget.delegated.nanos + more.nanos, tokens=budget.delegated.tokens + more.tokens)
    budget.delegated = total
    run.emit(*budget.adopt(budget.spent))


def _has_enough(report: ChildReport) -> bool:
    """Whether a child waits for no larger grant, as far as its report tells: what it says of it may come first."""
    if report.type is EventType.BUDGET_INCREASED:
        return report.status is not Status.WAITING_BUDGET
    return report.type is not EventType.BUDGET_EXCEEDED and report.status is Status.RUNNING


def _ran(run: Run, child: Child, report: ChildReport) -> dict[str, Any]:
    """What an approved call of the child's came to, under the approval's number here."""
    if report.type not in RAN:
        return {}
    approvals = run.state.family.approvals
    number = run.state.family.number_of(approvals, child.child_id, str(report.data.get("approval_id")))
    return {"approval_id": number, "outcome": report.data.get("outcome", "ok")} if number else {}


def _show(run: Run, child: Child, report: ChildReport, ran: dict[str, Any]) -> None:
    shown = (report.status.value, report.iteration, report.doing, report.spent.nanos, report.spent.tokens)
    if shown == child.shown and not ran:
        return
    child.shown = shown
    run.emit(
        TaskReported(
            child_task_id=child.child_id,
            agent=child.agent,
            status=report.status,
            iteration=report.iteration,
            doing=preview(report.doing, 120),
            usd=report.spent.nanos / NANOS,
            tokens=report.spent.tokens,
            **ran,
        )
    )


# --- one for every kind of event that goes up ----------------------------------------------------------

Data = dict[str, Any]


def _approval_asked(run: Run, child: Child, data: Data) -> None:
    """The tool's name names the agent too: so nothing granted to the child is ever taken for the parent's."""
    approvals, family = run.state.approvals, run.state.family
    approvals.asked += 1
    number = str(approvals.asked)
    told = HumanApprovalRequested.model_validate(data)
    family.approvals[number] = Asked(child_id=child.child_id, id=told.approval_id, data=data)
    changes = {
        "approval_id": number,
        "tool": f"{child.agent}/{told.tool}",
        "arguments_ref": ref_there(child.child_id, told.arguments_ref),
        "child_task_id": child.child_id,
    }
    run.emit(told.model_copy(update=changes))


def _approval_told(kind: type[Any], closes: bool) -> Callable[[Run, Child, Data], None]:
    def relay(run: Run, child: Child, data: Data) -> None:
        family, told = run.state.family, kind.model_validate(data)
        number = family.number_of(family.approvals, child.child_id, told.approval_id)
        asked = family.approvals.get(number or "")
        if number is None or asked is None:
            return
        if closes and not asked.open:
            return  # the parent withdrew it already
        asked.open = asked.open and not (closes and getattr(told, "final", True))
        run.emit(told.model_copy(update={"approval_id": number}))

    return relay


def _question_asked(run: Run, child: Child, data: Data) -> None:
    state, told = run.state, QuestionAsked.model_validate(data)
    state.questions_asked += 1
    number = str(state.questions_asked)
    state.family.questions[number] = Asked(child_id=child.child_id, id=told.question_id, data=data)
    question = preview(f"{child.agent} asks: {told.question}")
    changes = {"question_id": number, "question": question, "child_task_id": child.child_id}
    run.emit(told.model_copy(update=changes))


def _question_answered(run: Run, child: Child, data: Data) -> None:
    family, told = run.state.family, QuestionAnswered.model_validate(data)
    number = family.number_of(family.questions, child.child_id, told.question_id)
    if number is not None and (asked := family.questions[number]).open:
        asked.open = False
        run.emit(told.model_copy(update={"question_id": number}))


def _wants_more(run: Run, child: Child, data: Data) -> None:
    told = BudgetExceeded.model_validate(data)
    child.wants = told.unit
    changes = {"child_task_id": child.child_id, "agent": told.agent or child.agent}
    run.emit(told.model_copy(update=changes))


def _refused(run: Run, child: Child, data: Data) -> None:
    run.emit(ClickRefused.model_validate(data))


RELAYS: dict[EventType, Callable[[Run, Child, Data], None]] = {
    EventType.HUMAN_APPROVAL_REQUESTED: _approval_asked,
    EventType.HUMAN_APPROVAL_RECEIVED: _approval_told(HumanApprovalReceived, closes=True),
    EventType.HUMAN_APPROVAL_EXPIRED: _approval_told(HumanApprovalExpired, closes=True),
    EventType.HUMAN_APPROVAL_SUPERSEDED: _approval_told(HumanApprovalSuperseded, closes=True),
    EventType.HUMAN_APPROVAL_REMINDED: _approval_told(HumanApprovalReminded, closes=False),
    EventType.HUMAN_APPROVAL_ESCALATED: _approval_told(HumanApprovalEscalated, closes=False),
    EventType.HUMAN_APPROVAL_IGNORED: _approval_told(HumanApprovalIgnored, closes=False),
    EventType.QUESTION_ASKED: _question_asked,
    EventType.QUESTION_ANSWERED: _question_answered,
    EventType.BUDGET_EXCEEDED: _wants_more,
    EventType.CLICK_REFUSED: _refused,
}
