"""The record of an approval, derived from the events about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.grants import FOREVER, Scope
from threadwork.workflows.values import Value

ApprovalState = Literal["pending", "approved", "denied", "expired", "superseded"]

_CLOSING: dict[EventType, ApprovalState] = {
    EventType.HUMAN_APPROVAL_EXPIRED: "expired",
    EventType.HUMAN_APPROVAL_SUPERSEDED: "superseded",
}
ABOUT_APPROVALS = (
    EventType.HUMAN_APPROVAL_REQUESTED,
    EventType.HUMAN_APPROVAL_RECEIVED,
    EventType.HUMAN_APPROVAL_ESCALATED,
    *_CLOSING,
)


class ApprovalRecord(Value):
    """A request for a decision and what became of it. Kept for good."""

    task_id: str
    approval_id: str
    tool: str
    arguments_preview: str = ""
    arguments_ref: str = ""
    digest: str = ""  # of the arguments as requested
    effect: str = "changes"
    approvers: tuple[str, ...] = ("*",)
    state: ApprovalState = "pending"
    scope: Scope = "once"
    decisions: tuple[dict[str, Any], ...] = ()  # {by, decision, scope, reason, at, click_id} of every person
    requested_at: datetime
    expires_at: datetime | None = None
    decided_at: datetime | None = None
    always: bool = False  # its tool may be allowed for good
    private: bool = False  # its arguments are for those who may decide


def approval_ids(events: Iterable[Event]) -> list[str]:
    """Approvals that the events are about, each once."""
    return sorted({str(event.data["approval_id"]) for event in events if _is_about(event)})


def fold_approvals(known: Mapping[str, ApprovalRecord], events: Iterable[Event]) -> dict[str, ApprovalRecord]:
    """The records that the events create or change, by approval id."""
    changed: dict[str, ApprovalRecord] = {}
    for event in filter(_is_about, events):
        approval_id = str(event.data["approval_id"])
        record = _next(changed.get(approval_id) or known.get(approval_id), event)
        if record:
            changed[approval_id] = record
    return changed


def card_of(record: ApprovalRecord) -> ApprovalCard:
    """The card of an approval as far as its record tells."""
    same = record.model_dump(exclude={"task_id", "arguments_preview", "decisions", "requested_at"})
    shown = "" if record.private else record.arguments_preview
    told: dict[str, Any] = {"arguments": shown, "expires_at": record.expires_at or FOREVER}
    told["approved_by"] = [one["by"] for one in record.decisions if one["decision"] == "approve"]
    return ApprovalCard.model_validate({**same, "key": f"approval:{record.approval_id}", **told})


def by_asking(records: Iterable[ApprovalRecord]) -> list[ApprovalRecord]:
    """In the order in which they were asked for; ids count upwards within one turn."""
    return sorted(records, key=lambda record: (record.requested_at, len(record.approval_id), record.approval_id))


def _is_about(event: Event) -> bool:
    return event.type in ABOUT_APPROVALS and "approval_id" in event.data


def _next(record: ApprovalRecord | None, event: Event) -> ApprovalRecord | None:
    if event.type is EventType.HUMAN_APPROVAL_REQUESTED:
        return ApprovalRecord.model_validate({**event.data, "task_id": event.task_id, "requested_at": event.at})
    if record is None:
        return None
    if event.type is EventType.HUMAN_APPROVAL_RECEIVED:
        return _decided(record, event)
    if event.type is EventType.HUMAN_APPROVAL_ESCALATED:
        changes = {name: event.data[name] for name in ("approvers", "expires_at")}
        return ApprovalRecord.model_validate(record.model_dump() | changes)
    return record.model_copy(update={"state": _CLOSING[event.type], "decided_at": event.at})


def _decided(record: ApprovalRecord, event: Event) -> ApprovalRecord:
    data = event.data
    decision = {name: data.get(name) for name in ("by", "decision", "reason", "click_id", "edited_ref")}
    decision |= {"scope": data.get("said") or data.get("scope", "once"), "at": event.at.isoformat()}
    changes: dict[str, Any] = {"decisions": (*record.decisions, decision)}
    if data.get("final", True):
        state: ApprovalState = "approved" if data.get("decision") == "approve" else "denied"
        changes |= {"state": state, "scope": data.get("scope", "once"), "decided_at": event.at}
    return record.model_copy(update=changes)
