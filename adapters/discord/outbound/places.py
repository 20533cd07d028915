"""Where the messages of a sink stand: in the channel, in the thread under the root, or where there can be no thread
as replies to the root in the channel itself."""

import hashlib
import re
from typing import Any, TypeVar

import structlog

from threadwork.adapters.chat.one_try import NOW
from threadwork.adapters.discord.api.errors import (
    ARCHIVED,
    HAS_THREAD,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    Refused,
    translated,
)
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.cards.plain_text import shown
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import File, Sink

MAX_THREAD_NAME = 100  # characters of a thread's name
MAX_MESSAGES = 5_000  # messages of whose threads something is remembered
PERSON = "https://discord.com/users/"  # how the address of whoever asked begins, on a status card
_MENTION = re.compile(r"<@[!&]?\d+>")

log = structlog.get_logger(__name__)

Body = dict[str, Any]
T = TypeVar("T")


class Places:
    """A thread that hangs on a message has the message's id, so it need not be looked up: it is tried.

    The methods raise `Refused` and aiohttp's errors, as `Rest` does."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._flat: dict[str, None] = {}  # roots without a thread, oldest first
        self._absent: dict[str, None] = {}  # roots under which a thread was looked for in vain
        self._fresh: dict[str, Body] = {}  # messages in channels, without a thread as far as is known

    def of(self, sink: Sink) -> list[str]:
        """The channels in which messages of the sink may stand, the likeliest first."""
        if not sink.thread:
            return [sink.channel]
        both = [sink.thread, sink.channel]
        return both[::-1] if sink.thread in self._flat else both

    def counted(self, sink: Sink) -> str:
        """The channel whose limits a call counts against; where it is not known yet that there is a thread, the
        channel itself, in which the message may end."""
        return sink.channel if self._is_doubtful(sink.thread) else sink.thread or sink.channel

    def _is_doubtful(self, thread: str) -> bool:
        return any(thread in roots for roots in (self._fresh, self._flat, self._absent))

    def absent(self, thread: str) -> None:
        """There was none by now. Raises `ChatUnavailable` where that is news: the call was counted against the
        thread's limits, what comes next counts against the channel's."""
        known = self._is_doubtful(thread)
        _put(self._absent, thread, None)
        if not known:
            raise ChatUnavailable("There is no such thread in Discord.", retry_after=NOW)

    async def post(self, sink: Sink, body: Body, file: File | None) -> str:
        """The message's id. The thread is created when the first message is to go into it."""
        if sink.direct:
            conversation = await self._rest.call("POST", "/users/@me/channels", {"recipient_id": sink.channel})
            return await self._post(str(conversation["id"]), body, file)
        if not sink.thread:
            message_id = await self._post(sink.channel, body, file)
            _put(self._fresh, message_id, body)
            return message_id
        try:
            return await self._in_thread(sink, body, file)
        except Refused as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
        _put(self._flat, sink.thread, None)
        reply = {"message_id": sink.thread, "fail_if_not_exists": False}
        return await self._post(sink.channel, {**body, "message_reference": reply}, file)

    async def edit(self, sink: Sink, message_id: str, body: Body, file: File | None) -> None:
        await self._at(sink, "PATCH", message_id, body, file)

    async def delete(self, sink: Sink, message_id: str) -> None:
        await self._at(sink, "DELETE", message_id)

    # --- threads ---

    async def _in_thread(self, sink: Sink, body: Body, file: File | None) -> str:
        """Raises `Refused` with `UNKNOWN_CHANNEL` where there is no thread and can be none."""
        if sink.thread not in self._flat and sink.thread not in self._fresh:
            try:
                return await self._post(sink.thread, body, file)
            except Refused as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
        if sink.thread in self._flat or not await self._open(sink):
            raise Refused(404, UNKNOWN_CHANNEL, "No thread.")
        return await self._post(sink.thread, body, file)

    async def _open(self, sink: Sink) -> bool:
        """Create the thread. False: here can be none, as in direct messages, or it was deleted with its root."""
        try:
            with translated(sink.channel):
                return await self._create(sink)
        except ChatUnavailable as error:  # whatever became of the thread: of the message it is certain
            wait = error.retry_after or NOW
            raise ChatUnavailable(error.detail, error.hint, wait, everywhere=error.everywhere) from None

    async def _create(self, sink: Sink) -> bool:
        path = f"/channels/{sink.channel}/messages/{sink.thread}"
        try:
            if sink.thread not in self._fresh:
                _put(self._fresh, sink.thread, await self._rest.call("GET", path))
            root = self._fresh[sink.thread]
            await self._rest.call("POST", f"{path}/threads", {"name": name_of(root)})
        except Refused as error:
            if error.status in (401, 429) or error.status >= 500:
                raise
            log.info("no_thread", channel=sink.channel, code=error.code)
            self._fresh.pop(sink.thread, None)
            return error.code == HAS_THREAD
        self._fresh.pop(sink.thread, None)
        await self._join(sink.thread, root)
        return True

    async def _join(self, thread: str, root: Body) -> None:
        """Whoever asked is told of what comes in the thread; a courtesy, which may fail."""
        for user in _askers(root):
            try:
                await self._rest.call("PUT", f"/channels/{thread}/thread-members/{user}")
            except Refused as error:
                log.info("not_joined", thread=thread, code=error.code)

    # --- calls ---

    async def _post(self, channel: str, body: Body, file: File | None) -> str:
        posted = await self._call("POST", channel, "", {**body, "nonce": _nonce_in(channel, body["nonce"])}, file)
        self._absent.pop(channel, None)
        return str(posted["id"])

    async def _at(self, sink: Sink, method: str, message_id: str, *given: Any) -> None:
        """Raises `Refused` where the message is in none of the places: as the channel says, since a thread that is
        gone says nothing of the channel."""
        refused: dict[str, Refused] = {}
        for channel in self.of(sink):
            try:
                await self._call(method, channel, f"/{message_id}", *given)
            except Refused as error:
                if error.code not in (UNKNOWN_CHANNEL, UNKNOWN_MESSAGE):
                    raise
                refused[channel] = error
                if error.code == UNKNOWN_CHANNEL and channel == sink.thread:
                    self.absent(channel)
            else:
                return
        raise refused[sink.channel]

    async def _call(self, method: str, channel: str, message: str, *given: Any) -> Any:
        """An archived thread is reopened: what is refused for that had no effect."""
        path = f"/channels/{channel}/messages{message}"
        try:
            return await self._rest.call(method, path, *given)
        except Refused as error:
            if error.code != ARCHIVED:
                raise
        await self._reopen(channel)
        return await self._rest.call(method, path, *given)

    async def _reopen(self, thread: str) -> None:
        """Raises `Refused` as `ARCHIVED` where the bot may not: the thread is locked."""
        try:
            await self._rest.call("PATCH", f"/channels/{thread}", {"archived": False})
        except Refused as error:
            raise Refused(403, ARCHIVED, error.message) if error.status == 403 else error from None


def _nonce_in(channel: str, nonce: str) -> str:
    """A nonce counts for the bot in all channels together: a card that moves from a deleted thread into the channel
    would else be taken for the one in the thread."""
    return hashlib.sha256(f"{channel} {nonce}".encode()).hexdigest()[:24]


def _put(known: dict[str, T], root: str, value: T) -> None:
    known[root] = value
    for oldest in list(known)[:-MAX_MESSAGES]:
        del known[oldest]


def name_of(root: Body) -> str:
    """A thread is named after the goal: the first line of the status card, or of the message somebody began it with."""
    said = next((str(embed["description"]) for embed in root.get("embeds") or () if embed.get("description")), "")
    if not said:
        said = _MENTION.sub("", str(root.get("content") or ""))
    line = " ".join(shown(said.strip()).partition("\n")[0].split())
    return (line if len(line) <= MAX_THREAD_NAME else line[: MAX_THREAD_NAME - 1].rstrip() + "…") or "Threadwork"


def _askers(root: Body) -> list[str]:
    addresses = (str((embed.get("author") or {}).get("url") or "") for embed in root.get("embeds") or ())
    return [address.removeprefix(PERSON) for address in addresses if address.startswith(PERSON)]
