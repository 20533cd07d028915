"""Finding what we posted, by the mark in a message's metadata."""

from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError

from threadwork.adapters.chat.paging import Messages, Paging
from threadwork.adapters.slack.api.buckets import method_called
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import code, translated
from threadwork.adapters.slack.api.local_rate_limit_gate import RateLimitGates
from threadwork.adapters.slack.outbound.presence import Presence, Root
from threadwork.workflows.sinks import Found, Sink

EVENT = "threadwork_card"  # the type of our metadata
MESSAGES_PER_CALL = 200  # messages a call: more than that Slack advises against
SMALL_PAGE = 15  # messages a call, for apps that may look up once a minute
SLOW = 10.0  # look-ups a minute below which an app is one of those

Place = tuple[Sink, str]  # where, and since when


def metadata(mark: str) -> dict[str, Any]:
    """Marks a message. Whoever is in the workspace may read it: an id, nothing else."""
    return {"event_type": EVENT, "event_payload": {"mark": mark}}


class LookUps:
    """Finds messages of ours by their mark, at `per_minute` look-ups."""

    def __init__(self, clients: Clients, per_minute: float, presence: Presence, silences: RateLimitGates) -> None:
        """`presence` is told of the reactions that a look-up happens to see."""
        self._clients = clients
        self._presence = presence
        self._gates = silences
        self._most = SMALL_PAGE if per_minute < SLOW else MESSAGES_PER_CALL
        self._pages = Paging(self._page)

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Our messages since then, oldest first: root messages where the sink names no thread, else its replies.

        Slack posts a reply whose root is gone in the channel itself: where the thread is not found, it is sought there.
        """
        ours = await self._clients.bot(sink.workspace)
        try:
            messages = await self._read(sink, since)
        except NoThread:
            messages = await self._read(sink.model_copy(update={"thread": ""}), since)
        for message in messages:
            self._notice(sink, message, ours)
        found = {
            message["ts"]: Found(mark=mark, message_id=message["ts"], at=_moment(message["ts"]))
            for message in messages
            if (mark := mark_on(message, ours)) and message["ts"] != sink.thread
        }
        return sorted(found.values(), key=lambda one: one.at)

    def _notice(self, sink: Sink, message: dict[str, Any], ours: frozenset[str]) -> None:
        if not sink.thread and mark_on(message, ours):
            there = [one["name"] for one in message.get("reactions") or () if ours & set(one.get("users") or ())]
            self._presence.found(Root(sink.workspace, sink.channel, message["ts"]), there)

    async def _read(self, sink: Sink, since: datetime) -> Messages:
        """Raises `NoThread`."""
        oldest = f"{(since - timedelta(microseconds=1)).timestamp():.6f}"  # Slack gives what is newer than that
        return await self._pages.read((sink, oldest), "")

    async def _page(self, place: Place, cursor: str) -> tuple[Messages, str | None]:
        page = await self._call(*place, cursor)
        return page["messages"], (page.get("response_metadata") or {}).get("next_cursor") or None

    async def _call(self, sink: Sink, oldest: str, cursor: str) -> dict[str, Any]:
        wanted: dict[str, Any] = {"channel": sink.channel, "oldest": oldest, "limit": self._most, "cursor": cursor}
        wanted = {"include_all_metadata": True, **wanted, "ts": sink.thread}
        client = await self._clients.of(sink.workspace)
        method = method_called(sink, "find")
        with self._gates.kept((sink.workspace, method)), translated(sink.channel):
            try:
                answer = await client.api_call(
                    method,  # by POST: a GET that was cut off aiohttp would make again
                    params={name: given for name, given in wanted.items() if given},
                )
            except SlackApiError as error:
                if code(error) == "thread_not_found" and sink.thread:
                    raise NoThread from None
                if code(error) == "invalid_cursor" and cursor:
                    return await self._call(sink, oldest, "")  # from the beginning: what is read twice counts once
                raise
        page = answer.data
        assert isinstance(page, dict)
        return page


class NoThread(Exception):
    """The thread's root is gone."""


def mark_on(message: dict[str, Any], ours: frozenset[str]) -> str:
    """`ours`: ids of our bot and its user. Empty for what another app wrote: it may carry our mark, and is not ours to
    keep or delete."""
    data = message.get("metadata") or {}
    if data.get("event_type") != EVENT or not ours & {message.get("bot_id"), message.get("user")}:
        return ""
    return str((data.get("event_payload") or {}).get("mark") or "")


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(ts))
