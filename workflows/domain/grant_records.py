"""The record of a grant, derived from the event of the approval that gave it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.values import Principal


def grants_given(task_id: str, events: Iterable[Event]) -> list[Grant]:
    """Grants that the events give. What a delegated task gave stands with its own events; its parent only tells it."""
    received = (event for event in events if event.type is EventType.HUMAN_APPROVAL_RECEIVED)
    given = (Grant.model_validate(event.data["grant"]) for event in received if event.data.get("grant"))
    return [grant for grant in given if grant.task_id == task_id]


def renewed(grant: Grant, standing: Iterable[Grant]) -> list[Grant]:
    """Those that say the same by the same people: the new one takes their place."""
    return [one for one in standing if _sameness(one) == _sameness(grant) and one.grant_id != grant.grant_id]


def revocation(by: Principal, at: datetime) -> dict[str, Any]:
    return {"revoked_at": at, "revoked_by": by.model_dump(mode="json")}


def _sameness(grant: Grant) -> tuple[object, ...]:
    return grant.agent, grant.tool, grant.scope, grant.about, frozenset(one.account for one in grant.by)
