"""Long texts as files: uploaded unshared, and linked from the message they belong to."""

import asyncio
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.one_try import NOW
from adapters.slack.api.errors import translated
from workflows.chat import File, Part
from workflows.errors import ChatUnavailable, Rejected, SinkGone

TIME_OUT = 6.0  # seconds for all calls of an upload: the message itself still has to go

log = structlog.get_logger(__name__)


async def with_file(client: AsyncWebClient, channel: str, part: Part) -> dict[str, Any]:
    """What the message says, its last block being the link to the file where the part has one.

    A workspace that takes no files gets a message that says so. Raises `ChatUnavailable`: the message was not sent."""
    if part.file is None:
        return part.content
    try:
        link = await _uploaded(client, channel, part.file)
    except (Rejected, SinkGone) as error:
        log.warning("file_refused", channel=channel, error=str(error))
        return _ending(part, f"{_plain(part.file.name)} could not be attached: {_plain(error.detail)}")
    return _ending(part, f"<{link}|{_plain(part.file.name)}>")


async def _uploaded(client: AsyncWebClient, channel: str, file: File) -> str:
    """The permalink."""
    try:
        with translated(channel):
            async with asyncio.timeout(TIME_OUT):
                return await _upload(client, file)
    except ChatUnavailable as error:  # whatever became of the file: of the message it is certain
        raise ChatUnavailable(error.detail, error.hint, retry_after=error.retry_after or NOW) from None


async def _upload(client: AsyncWebClient, file: File) -> str:
    content = file.text.encode()
    ticket = await client.files_getUploadURLExternal(filename=file.name, length=len(content))
    assert client.session
    async with client.session.post(str(ticket["upload_url"]), data=content) as answer:
        answer.raise_for_status()
    file_id = str(ticket["file_id"])
    done = await client.files_completeUploadExternal(files=[{"id": file_id, "title": file.name}])
    return str(done["files"][0]["permalink"])


def _ending(part: Part, line: str) -> dict[str, Any]:
    """The link stands in the text too: what is linked there Slack shares with the channel."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": line}}
    text = "\n".join(filter(None, (part.content.get("text"), line)))
    return {**part.content, "text": text, "blocks": [*part.content.get("blocks", ()), block]}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "/")
