"""What a card's message says to Discord: its mark, whom it may call, and a long text as an attachment."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.cards.embeds import NOBODY
from threadwork.adapters.discord.cards.text import escaped
from threadwork.adapters.discord.outbound.posted_messages import marked
from threadwork.workflows.sinks import File, Part

TOO_LARGE_STATUS = 413
FINAL = (400, 403, TOO_LARGE_STATUS)  # statuses of answers that may be about the file alone
TOO_LARGE = "is too large to be attached."
NOT_TAKEN = "could not be attached. Give the bot Attach Files here."

log = structlog.get_logger(__name__)

Body = dict[str, Any]
T = TypeVar("T")


async def with_file(part: Part, mark: str, send: Callable[[Body, File | None], Awaitable[T]]) -> T:
    """Sends the message. Where its file is not taken it goes without, and says so. Raises what `send` raises."""
    body = {**marked(part.content, mark), "allowed_mentions": NOBODY}
    if part.file is None:
        return await send({**body, "attachments": []}, None)
    try:
        return await send({**body, "attachments": [{"id": 0, "filename": part.file.name}]}, part.file)
    except Refused as error:
        if error.status not in FINAL:
            raise
        log.warning("file_refused", file=part.file.name, code=error.code)
        why = TOO_LARGE if error.status == TOO_LARGE_STATUS else NOT_TAKEN
    return await send({**_without(body, part.file, why), "attachments": []}, None)


def _without(body: Body, file: File, why: str) -> Body:
    """If the refusal was not about the file, this one is refused too."""
    line = f"⚠️ {escaped(file.name)} {why}"
    return {**body, "content": "\n".join(filter(None, (body["content"], line)))}
