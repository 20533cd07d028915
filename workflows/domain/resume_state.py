"""Where a task stands, read from the few kinds of events that last."""

from collections.abc import Collection, Iterable
from typing import Any

from threadwork.workflows.domain.approval_records import ApprovalRecord, by_asking
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event

FOLLOW_UPS_KEPT = 1_000  # ids given to a new run, by which it knows a redelivered reply

_ENDS = (EventType.WORKFLOW_COMPLETED, EventType.WORKFLOW_FAILED, EventType.WORKFLOW_CANCELLED)
_BEGINNINGS = (EventType.WORKFLOW_STARTED, EventType.WORKFLOW_CONTINUED)
LASTING = (
    *_BEGINNINGS,
    *_ENDS,
    EventType.BUDGET_INCREASED,
    EventType.FOLLOW_UP_RECEIVED,
    EventType.HUMAN_APPROVAL_REQUESTED,
    EventType.QUESTION_ASKED,
    EventType.CONTEXT_COMPACTED,
)


def resume_state(
    lasting: Iterable[Event], approvals: Iterable[ApprovalRecord], unplaced: Collection[str]
) -> dict[str, Any]:
    """The fields of `BeginRunResult` that events and approvals decide.

    `lasting` are the task's events of the kinds in `LASTING`, in order; `unplaced` the refs of follow-ups
    that have no position."""
    by_type: dict[EventType, list[Event]] = {kind: [] for kind in LASTING}
    events = [event for event in lasting if event.type in by_type]
    for event in events:
        by_type[event.type].append(event)
    return (
        _course(events, by_type)
        | _raised(by_type[EventType.BUDGET_INCREASED])
        | _permissions(approvals)
        | _summary(by_type[EventType.CONTEXT_COMPACTED])
        | _replies(by_type[EventType.FOLLOW_UP_RECEIVED], unplaced)
    )


def _course(events: list[Event], by_type: dict[EventType, list[Event]]) -> dict[str, Any]:
    turns = [event.type for event in events if event.type in (*_BEGINNINGS, *_ENDS)]
    return {
        "started": bool(by_type[EventType.WORKFLOW_STARTED]),
        "ended": bool(turns) and turns[-1] in _ENDS,
        "approvals": len(by_type[EventType.HUMAN_APPROVAL_REQUESTED]),
        "questions": len(by_type[EventType.QUESTION_ASKED]),
    }


def _raised(increases: list[Event]) -> dict[str, Any]:
    return {
        "added_usd": sum(event.data.get("add_usd", 0) for event in increases),
        "added_tokens": sum(event.data.get("add_tokens", 0) for event in increases),
    }


def _permissions(approvals: Iterable[ApprovalRecord]) -> dict[str, Any]:
    records = by_asking(approvals)
    granted = [record.tool for record in records if _is_granted(record)]
    return {
        "granted_tools": tuple(dict.fromkeys(granted)),
        "open_approvals": tuple(record.approval_id for record in records if record.state == "pending"),
    }


def _is_granted(record: ApprovalRecord) -> bool:
    """By the word of everybody; rows of older versions have the last vote's scope as the approval's."""
    said = [decision.get("scope") for decision in record.decisions if decision.get("decision") == "approve"]
    return record.state == "approved" and record.scope == "task" and all(scope == "task" for scope in said)


def _summary(compactions: list[Event]) -> dict[str, Any]:
    newest = compactions[-1].data if compactions else {}
    return {"since": newest.get("since", 0), "summary_ref": newest.get("summary_ref")}


def _replies(follow_ups: list[Event], unplaced: Collection[str]) -> dict[str, Any]:
    ids = (event.data.get("message_id") for event in follow_ups[-FOLLOW_UPS_KEPT:])
    refs = (event.data.get("ref") for event in follow_ups)
    return {
        "follow_up_ids": tuple(str(message_id) for message_id in ids if message_id is not None),
        "unread": tuple(dict.fromkeys(ref for ref in refs if ref in unplaced)),
    }
