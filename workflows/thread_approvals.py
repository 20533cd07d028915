"""What waits for people in the thread, and what they say to it: approvals, questions, lines of their own."""

from collections.abc import Sequence
from typing import Any

from threadwork.workflows import approval_events, run_events
from threadwork.workflows.cards import ApprovalCard, BudgetCard, LineSince, QuestionCard
from threadwork.workflows.fold import Fold
from threadwork.workflows.values import Principal


def approval_requested(fold: Fold, p: approval_events.HumanApprovalRequested) -> None:
    fold.put(
        ApprovalCard(
            key=f"approval:{p.approval_id}",
            last_reply=fold.status.last_reply,
            asked_at=fold.event.at,
            title=p.title or "",
            always=bool(p.always),
            private=bool(p.private),
            **_unless_private(p),
        )
    )
    if p.private and not p.child_task_id:
        fold.unsay(p.why)


def _unless_private(p: approval_events.HumanApprovalRequested) -> dict[str, Any]:
    """What the event says. Of a private one no card has the arguments, nor the model's words on them: nothing that
    shows cards can tell them."""
    known = p.model_dump(exclude={"arguments_preview", "title", "always", "private"})
    return known | ({"arguments": "", "why": ""} if p.private else {"arguments": p.arguments_preview})


def approval_received(fold: Fold, p: approval_events.HumanApprovalReceived) -> None:
    key = f"approval:{p.approval_id}"
    card = fold.card(key)
    if not isinstance(card, ApprovalCard):
        return
    if p.decision == "approve":
        fold.change(key, approved_by=(*card.approved_by, p.by))
    if p.final:
        state = "approved" if p.decision == "approve" else "denied"
        fold.change(key, state=state, by=p.by, reason=p.reason, scope=p.scope, decided_at=fold.event.at)
        fold.change(key, grant=p.grant)
    if p.edited_ref:
        fold.change(key, edited=True, arguments_ref=p.edited_ref, digest=p.digest)


def approval_reminded(fold: Fold, p: approval_events.HumanApprovalReminded) -> None:
    fold.change(f"approval:{p.approval_id}", reminded_at=fold.event.at)


def approval_escalated(fold: Fold, p: approval_events.HumanApprovalEscalated) -> None:
    fold.change(
        f"approval:{p.approval_id}",
        approvers=p.approvers,
        expires_at=p.expires_at,
        escalated_to=p.escalated_to,
        escalated_at=fold.event.at,
    )


def standing(givers: Sequence[Principal]) -> str:
    """Whose word lets a call run unasked: `Alice's standing permission`."""
    names = [one.shown for one in givers]
    whose = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return f"{whose}’s standing permission"


def approval_expired(fold: Fold, p: approval_events.HumanApprovalExpired) -> None:
    fold.change(f"approval:{p.approval_id}", state="expired", decided_at=fold.event.at)


FOR_PEOPLE = {"A new message came in; follow it.": "A new message came in."}  # the rest is for the model


def approval_superseded(fold: Fold, p: approval_events.HumanApprovalSuperseded) -> None:
    fold.change(
        f"approval:{p.approval_id}",
        state="superseded",
        reason=FOR_PEOPLE.get(p.reason, p.reason),
        decided_at=fold.event.at,
    )


def question_asked(fold: Fold, p: approval_events.QuestionAsked) -> None:
    fold.put(QuestionCard(key=f"question:{p.question_id}", **p.model_dump()))


def question_answered(fold: Fold, p: approval_events.QuestionAnswered) -> None:
    fold.change(f"question:{p.question_id}", state="answered", answer=p.answer, by=p.by)


def follow_up(fold: Fold, p: run_events.FollowUpReceived) -> None:
    fold.go_on()
    fold.head(last_reply=p.message_id)
    since = LineSince(by=p.by, text=p.preview, message_id=p.message_id)
    for card in fold.of(ApprovalCard):
        if card.state == "pending":
            fold.change(card.key, since=since, last_reply=p.message_id)
    for card in fold.of(BudgetCard):
        if card.state == "exceeded":
            fold.change(card.key, since=since)
