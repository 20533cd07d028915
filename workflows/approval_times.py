"""What time does to an approval: a reminder, others who are asked too, the end. Pure."""

from datetime import datetime

from threadwork.workflows.approval import Approval
from threadwork.workflows.approval_events import HumanApprovalEscalated, HumanApprovalExpired, HumanApprovalReminded
from threadwork.workflows.event_types import Payload
from threadwork.workflows.grants import FOREVER


def due(approval: Approval, now: datetime) -> list[Payload]:
    """What has become of it by now, as events. One that has expired is pending no more."""
    if now >= approval.expires_at:
        return [_prolong(approval, now) or _expire(approval, now)]
    told: list[Payload] = []
    if approval.escalate_at and now >= approval.escalate_at:
        told.append(_escalate(approval, now))
    if now >= approval.remind_at and not approval.reminded:
        approval.reminded = True
        told.append(HumanApprovalReminded(approval_id=approval.approval_id, expires_at=approval.expires_at))
    return told


def deadline(approval: Approval) -> datetime | None:
    """When `due` has something to say next. None: never."""
    times = [approval.expires_at, approval.escalate_at, None if approval.reminded else approval.remind_at]
    return min((at for at in times if at and at != FOREVER), default=None)


def _expire(approval: Approval, now: datetime) -> Payload:
    approval.state, approval.decided_at = "expired", now
    return HumanApprovalExpired(approval_id=approval.approval_id)


def _prolong(approval: Approval, now: datetime) -> Payload | None:
    """Once: others get as much time as the first had. None: they had it, or nobody else is to be asked."""
    policy = approval.policy
    if policy.on_expiry != "escalate" or policy.escalate is None or approval.escalated_at:
        return None
    approval.prolonged = True
    return _escalate(approval, now)


def _escalate(approval: Approval, now: datetime) -> Payload:
    """From now on the others may decide, too."""
    escalation = approval.policy.escalate
    if escalation is None:
        raise RuntimeError("Nobody else is to be asked.")
    everybody = tuple(dict.fromkeys((*approval.policy.approvers, *escalation.members)))
    approval.policy = approval.policy.model_copy(update={"approvers": everybody})
    approval.escalated_at = now
    return HumanApprovalEscalated(
        approval_id=approval.approval_id,
        approvers=everybody,
        escalated_to=escalation.to,
        expires_at=approval.expires_at,
    )
