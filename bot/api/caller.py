"""Who calls the API, and which task they mean."""

from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header, Path, Request

from threadwork.bot.api.streams import Streams
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake.commands import Caller
from threadwork.bot.texts import KEY_LIMIT, key
from threadwork.bot.threads import Threads
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal


def ports(request: Request) -> BotDependencies:
    found: BotDependencies = request.app.state.ports
    return found


def threads(request: Request) -> Threads:
    found: Threads = request.app.state.threads
    return found


def streams(request: Request) -> Streams:
    found: Streams = request.app.state.streams
    return found


ThePorts = Annotated[BotDependencies, Depends(ports)]
TheThreads = Annotated[Threads, Depends(threads)]
TheStreams = Annotated[Streams, Depends(streams)]


def caller(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="A repeat with the same key is answered like the first and has no effect.")
    ] = None,
) -> Caller:
    """The person whom the guard let in. Raises `Rejected` for a key that is none."""
    principal: Principal = request.state.principal
    return Caller(by=principal, key=uuid4().hex if idempotency_key is None else key(idempotency_key))


TheCaller = Annotated[Caller, Depends(caller)]


async def task(
    found: ThePorts,
    task_id: Annotated[
        str, Path(max_length=KEY_LIMIT, description="A task's id, or its beginning where that is unique.")
    ],
) -> TaskRecord:
    """Raises `NotFound`."""
    return await found.tasks.find(task_id)


TheTask = Annotated[TaskRecord, Depends(task)]
