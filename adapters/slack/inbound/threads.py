"""What Slack can tell of a thread in which something was said."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from threadwork.adapters.slack.api.errors import Refused
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.messages_of_others import found_in, thread_messages
from threadwork.adapters.slack.inbound.payload import Payload
from threadwork.adapters.slack.outbound.posted_messages import MESSAGES_PER_CALL, mark_on
from threadwork.workflows.inbound import ThreadMessage

MAX_EARLIER = 50  # earlier messages taken along, the newest of them and the first
MAX_THREAD_CALLS = 5  # beyond 1,000 messages the end of a thread is not reached

Json = dict[str, Any]


class SlackThread:
    """Asked only where it matters. Both may raise `ChatUnavailable`; what Slack refuses is as good as not there."""

    def __init__(self, context: Context, payload: Payload) -> None:
        event = payload.event
        self._context, self._payload = context, payload
        self._channel, self._ts = str(event["channel"]), str(event["ts"])
        self._root = str(event.get("thread_ts") or "")
        self._author = str(event.get("parent_user_id") or "")  # of the root; not always told

    async def root_mark(self) -> str:
        if not self._root or (self._author and self._author not in self._payload.ours):
            return ""
        try:
            answer = await self._replies(limit=1, include_all_metadata=True)
        except Refused:
            return ""
        return mark_on((answer.get("messages") or [{}])[0], self._payload.ours)

    async def earlier(self) -> Sequence[ThreadMessage]:
        if not self._root:
            return ()
        said = [message async for message in self._messages() if self._is_theirs(message)]
        kept = said if len(said) <= MAX_EARLIER else [said[0], *said[1 - MAX_EARLIER :]]
        found = [one for message in kept for one in found_in(message)]
        return await thread_messages(self._context, self._payload, found)

    async def _messages(self) -> AsyncIterator[Json]:
        cursor = ""
        for _ in range(MAX_THREAD_CALLS):
            try:
                page = await self._replies(limit=MESSAGES_PER_CALL, **({"cursor": cursor} if cursor else {}))
            except Refused:
                return
            for message in page.get("messages") or ():
                yield message
            if not (cursor := (page.get("response_metadata") or {}).get("next_cursor") or ""):
                return

    def _is_theirs(self, message: Json) -> bool:
        """Said before, and not by us: our own cards are no context."""
        ours = message.get("user") in self._payload.ours
        return not ours and float(message["ts"]) < float(self._ts)

    async def _replies(self, **how: Any) -> Json:
        web, token = self._context.web, self._payload.token
        return await web.read(token, "conversations.replies", channel=self._channel, ts=self._root, **how)
