"""The platform behind the port `ChatAdapter`: it translates and posts, and tries nothing twice."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx

from tests.chat_platform.contract import METHODS
from tests.chat_platform.limits import Limit
from tests.chat_platform.stamps import moment, stamp
from tests.chat_platform.texts import written
from threadwork.adapters.wording.markdown_split import split_markdown
from threadwork.workflows.cards import Card
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import Bucket, Found, Part, Sink

PART = 3_500  # characters; the platform takes 4,000
PAGE = 200  # messages asked for at once
GENEROUS = tuple(Limit(method=method, rate=100, burst=1_000) for method in METHODS)  # a 429 is obeyed all the same
GONE = {
    "channel_not_found": "The channel {channel} does not exist.",
    "thread_not_found": "The thread in {channel} was deleted.",
    "not_in_channel": "The bot is not a member of {channel}.",
    "is_archived": "The channel {channel} is archived.",
    "token_revoked": "The bot's token was revoked.",
    "account_inactive": "The bot's account was closed.",
}


class PlatformChat:
    """Every call takes at most `time_out` seconds, `find` so much a page.

    Raises `SinkGone` where the platform refuses for good, `NotFound` for an edit of a message that is
    gone, `ChatUnavailable` for a 429, a 5xx, a time-out and a lost connection (whether the call took
    effect is then unknown), `Rejected` for what breaks the platform's contract. To delete a message
    that is gone is no error."""

    def __init__(
        self, url: str, time_out: float = 5.0, nonces: bool = False, limits: Sequence[Limit] = GENEROUS
    ) -> None:
        """`nonces`: let the platform recognise a repeated post, as Discord does; Slack cannot.
        `limits`: what the platform is known to allow."""
        self._url = url
        self._time_out = time_out
        self._nonces = nonces
        self._limits = limits

    def render(self, task_id: str, card: Card) -> list[Part]:
        return [Part(content={"text": text}, text=text) for text in split_markdown(written(card), PART)]

    def buckets(self, sink: Sink, method: Literal["post", "edit", "delete", "find"]) -> Sequence[Bucket]:
        called = _called(sink, method)
        return [_bucket(sink, limit) for limit in self._limits if limit.method == called]

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        nonce = {"nonce": _nonce(sink, mark)} if self._nonces else {}
        place = {"channel": sink.channel, "thread": sink.thread}
        posted = await self._call("post", {**place, **part.content, "mark": mark, **nonce})
        return str(posted["id"])

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        await self._call("update", {"channel": sink.channel, "id": message_id, **part.content})

    async def delete(self, sink: Sink, message_id: str) -> None:
        try:
            await self._call("delete", {"channel": sink.channel, "id": message_id})
        except NotFound:
            return

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Messages with a mark: root messages where the sink names no thread, else the replies of its thread."""
        found = {
            message["id"]: Found(mark=message["mark"], message_id=message["id"], at=moment(message["id"]))
            async for message in self._read(sink, since)
            if message.get("mark") and message["id"] != sink.thread
        }
        return sorted(found.values(), key=lambda one: one.at)

    async def _read(self, sink: Sink, since: datetime) -> AsyncIterator[dict[str, Any]]:
        method, place = _called(sink, "find"), {"thread": sink.thread} if sink.thread else {}
        oldest = stamp(since - timedelta(microseconds=1))  # the platform gives what is newer than that
        cursor = ""
        while True:
            fields = {"channel": sink.channel, **place, "oldest": oldest, "limit": PAGE, "cursor": cursor}
            page = await self._call(method, fields)
            for message in page["messages"]:
                yield message
            if not (cursor := page["next_cursor"]):
                return

    async def _call(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._time_out):
                answer = await self._send(method, fields)
        except TimeoutError:
            raise ChatUnavailable(f"The chat platform did not answer within {self._time_out:g} s.") from None
        except httpx.TransportError as error:
            raise ChatUnavailable(f"The connection to the chat platform was lost ({type(error).__name__}).") from error
        return _accepted(answer, fields["channel"])

    async def _send(self, method: str, fields: dict[str, Any]) -> httpx.Response:
        # A connection of its own for each call: none is left over to be found dead by the next one.
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=None) as client:
            return await client.post(f"{self._url}/api/{method}", json=fields)


def _accepted(answer: httpx.Response, channel: str) -> dict[str, Any]:
    if answer.status_code == 429:
        raise ChatUnavailable("The chat platform is called too fast.", retry_after=float(answer.headers["Retry-After"]))
    if answer.status_code >= 500:
        raise ChatUnavailable(f"The chat platform answered {answer.status_code}.")
    body: dict[str, Any] = answer.json()
    if body["ok"]:
        return body
    raise _refusal(body, channel)


def _refusal(body: dict[str, Any], channel: str) -> SinkGone | NotFound | Rejected:
    error = body["error"]
    if error in GONE:
        return SinkGone(GONE[error].format(channel=channel))
    if error == "message_not_found":
        return NotFound(f"The message in {channel} is gone.")
    return Rejected(body.get("problem") or f"The chat platform refused the call: {error}.")


def _called(sink: Sink, method: str) -> str:
    """The platform's word for a method of the port."""
    if method == "find":
        return "replies" if sink.thread else "history"
    return "update" if method == "edit" else method


def _bucket(sink: Sink, limit: Limit) -> Bucket:
    """One call less at once than the platform allows: some take longer to arrive than others."""
    key = ":".join((sink.platform, sink.workspace, *limit.key(sink.channel)))
    return Bucket(key=key, per_minute=limit.rate * 60, burst=max(1, limit.burst - 1))


def _nonce(sink: Sink, mark: str) -> str:
    """At most 25 characters, the same for the same message."""
    return hashlib.sha256(f"{sink.key} {mark}".encode()).hexdigest()[:24]
