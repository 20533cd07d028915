"""Long texts as files: uploaded unshared, then attached to the message they belong to, which shares them.

Slack attaches by an edit alone (`file_ids` of `chat.update`). The other ways do not serve: a link that Slack unfurls
shares the file too, but has Slack fetch every other address in the message, which a model may have written to carry
something away; and a file that is shared as it is completed is a message of its own, without a mark."""

import asyncio
from typing import Any, NamedTuple

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from threadwork.adapters.chat.one_try import NOW
from threadwork.adapters.slack.api.errors import translated
from threadwork.workflows import crash_points
from threadwork.workflows.errors import ChatUnavailable, Rejected, SinkGone
from threadwork.workflows.sinks import File, Part

UPLOAD_TIMEOUT = 6.0  # seconds for all calls of an upload: the message itself still has to go

log = structlog.get_logger(__name__)


class Filled(NamedTuple):
    """A message's content, and the uploaded files that belong to it."""

    content: dict[str, Any]  # what the message says
    file_ids: tuple[str, ...] = ()  # to be attached by an edit


async def with_file(client: AsyncWebClient, channel: str, part: Part) -> Filled:
    """What the message says, its last block naming the file where the part has one, and the file's id.

    A workspace that takes no files gets a message that says so. Raises `ChatUnavailable`: the message was not sent."""
    if part.file is None:
        return Filled(part.content)
    try:
        file_id, link = await _uploaded(client, channel, part.file)
    except (Rejected, SinkGone) as error:
        log.warning("file_refused", channel=channel, error=str(error))
        return Filled(_ending(part, f"{_plain(part.file.name)} could not be attached: {_plain(error.detail)}"))
    crash_points.reached("file_uploaded")
    return Filled(_ending(part, f"📎 <{link}|{_plain(part.file.name)}>"), (file_id,))


async def _uploaded(client: AsyncWebClient, channel: str, file: File) -> tuple[str, str]:
    """Its id and permalink."""
    try:
        with translated(channel):
            async with asyncio.timeout(UPLOAD_TIMEOUT):
                return await _upload(client, file)
    except ChatUnavailable as error:  # whatever became of the file: of the message it is certain
        raise ChatUnavailable(error.detail, error.hint, retry_after=error.retry_after or NOW) from None


async def _upload(client: AsyncWebClient, file: File) -> tuple[str, str]:
    content = file.data
    ticket = await client.files_getUploadURLExternal(filename=file.name, length=len(content))
    assert client.session
    async with client.session.post(str(ticket["upload_url"]), data=content) as answer:
        answer.raise_for_status()
    file_id = str(ticket["file_id"])
    done = await client.files_completeUploadExternal(files=[{"id": file_id, "title": file.name}])
    return file_id, str(done["files"][0]["permalink"])


def _ending(part: Part, line: str) -> dict[str, Any]:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": line, "verbatim": True}}
    return {**part.content, "blocks": [*part.content.get("blocks", ()), block]}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "/")
