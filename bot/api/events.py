"""The part of the API that tells what happens, as server-sent events or as a list."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from threadwork.activities.ports import EventLog
from threadwork.bot.api.caller import ThePorts, TheStreams, TheTask
from threadwork.bot.api.shapes import EventList, problems
from threadwork.bot.api.streams import Item, Streams
from threadwork.workflows.errors import Rejected
from threadwork.workflows.events import Chunk, EventType

router = APIRouter(prefix="/api/tasks/{task_id}", tags=["events"])

PAGE_SIZE = 1_000  # events read at once
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # proxies must not gather what is live
SIGN_OF_LIFE = ": still here\n\n"
BEGINNING = "retry: 1000\n\n"  # milliseconds after which a browser connects again

Follow = Annotated[bool, Query(description="0: what is stored so far, as JSON `{events: […]}`.")]
After = Annotated[int, Query(ge=0, le=2**53, description="Only events with a greater number.")]
LastEventId = Annotated[str | None, Header(description="Sent by a client that reconnects; overrides `after`.")]

STREAM = "id: 7\nevent: iteration.started\ndata: {…}\n\n: a comment every 15 s\n\n"


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events in order; each `data` is an Event. Live text is the event `llm_call.chunk`, which "
            "has no id. The stream does not end by itself.",
            "model": EventList,
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM}},
        },
        **problems(404, 422),
    },
)
async def read_events(
    ports: ThePorts,
    streams: TheStreams,
    task: TheTask,
    follow: Follow = True,
    after: After = 0,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """What happens to a task, from the beginning or after a number, and on as it happens."""
    seq = after if last_event_id is None else _number(last_event_id)
    if not follow:
        return StreamingResponse(_listed(ports.events, task.task_id, seq), media_type="application/json")
    return StreamingResponse(_told(streams, task.task_id, seq), media_type="text/event-stream", headers=HEADERS)


def _number(last_event_id: str) -> int:
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16):
        raise Rejected("Last-Event-ID must be the number of an event.")
    return int(last_event_id)


async def _listed(events: EventLog, task_id: str, after: int) -> AsyncIterator[str]:
    """`{"events": […]}` page by page: a long task is never in memory as a whole."""
    yield '{"events":['
    comma = ""
    while page := await events.read(task_id, after, PAGE_SIZE):
        yield comma + ",".join(event.model_dump_json() for event in page)
        comma, after = ",", page[-1].seq
    yield "]}"


async def _told(streams: Streams, task_id: str, after: int) -> AsyncIterator[str]:
    yield BEGINNING
    async for item in streams.follow(task_id, after):
        yield sse(item)


def sse(item: Item) -> str:
    """An item of a stream as one server-sent event."""
    if item is None:
        return SIGN_OF_LIFE
    if isinstance(item, Chunk):
        return f"event: {EventType.LLM_CALL_CHUNK.value}\ndata: {_chunk(item)}\n\n"
    return f"id: {item.seq}\nevent: {item.type.value}\ndata: {item.model_dump_json()}\n\n"


def _chunk(chunk: Chunk) -> str:
    data = chunk.model_dump(exclude={"task_id"})
    return json.dumps({"task_id": chunk.task_id, "type": EventType.LLM_CALL_CHUNK.value, "data": data})
