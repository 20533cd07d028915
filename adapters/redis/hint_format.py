"""How hints are written on a Redis channel, for foreign readers too."""

import json

from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event, Hint


def channel(task_id: str) -> str:
    return f"task:{task_id}:events"


def encoded(hint: Hint) -> str:
    """A JSON list: events as `{task_id, seq, type, at, iteration, data}`, live text as one without a number."""
    items = [event.model_dump(mode="json") for event in hint.events]
    if hint.chunk:
        data = hint.chunk.model_dump(mode="json", exclude={"task_id"})
        items.append({"task_id": hint.task_id, "type": EventType.LLM_CALL_CHUNK.value, "data": data})
    return json.dumps(items)


def decoded(task_id: str, text: str | bytes) -> Hint | None:
    """The opposite of `encoded`; None for what is no hint."""
    try:
        return _read(task_id, json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None


def _read(task_id: str, items: list[dict[str, object]]) -> Hint:
    """Raises `ValueError`, `KeyError` or `TypeError` for what is no hint."""
    chunks = [item["data"] for item in items if item["type"] == EventType.LLM_CALL_CHUNK]
    events = tuple(Event.model_validate(item) for item in items if item["type"] != EventType.LLM_CALL_CHUNK)
    chunk = Chunk.model_validate({**dict(chunks[-1]), "task_id": task_id}) if chunks else None  # type: ignore[call-overload]
    return Hint(task_id=task_id, events=events, chunk=chunk)
