"""Slack behind the port `ChatAdapter`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from threadwork.adapters.slack.api import buckets
from threadwork.adapters.slack.api.buckets import Method, method_called
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import translated
from threadwork.adapters.slack.api.local_rate_limit_gate import RateLimitGates
from threadwork.adapters.slack.cards import card_renderers
from threadwork.adapters.slack.outbound.files import Filled, with_file
from threadwork.adapters.slack.outbound.plan_form import PlanForm
from threadwork.adapters.slack.outbound.posted_messages import LookUps, metadata
from threadwork.adapters.slack.outbound.presence import Presence, Root
from threadwork.workflows import crash_points
from threadwork.workflows.cards import Card
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import Bucket, Found, Part, Sink

log = structlog.get_logger(__name__)


def no_link(task_id: str) -> str:
    """There is no page to link to."""
    return ""


class SlackChat:
    """Cards as messages, each with its mark in the metadata.

    Every call takes at most ten seconds. Raises `SinkGone` where Slack refuses for good, `NotFound` for an edit of a
    message that is gone or cannot be edited, `Rejected` for what Slack will never take, `ChatUnavailable` otherwise:
    with seconds where the call certainly had no effect, without them where nobody knows."""

    def __init__(
        self,
        clients: Clients,
        link: Callable[[str], str] = no_link,
        look_ups: float = buckets.TIER,
        agent: bool = False,
        presence: Presence | None = None,
    ) -> None:
        """`link`: a task's page for people. `look_ups`: reads a minute and workspace that Slack allows: 50, or 1 for
        apps distributed outside its Marketplace. `agent`: the app is declared an agent."""
        self._clients = clients
        self._link = link
        self._look_ups = look_ups
        self._presence = presence or Presence(clients, agent)
        self._gates = RateLimitGates()
        self._plans = PlanForm()
        self._finder = LookUps(clients, look_ups, self._presence, self._gates)

    def buckets(self, sink: Sink, method: Method) -> Sequence[Bucket]:
        return buckets.buckets(sink, method, self._look_ups)

    def render(self, task_id: str, card: Card) -> list[Part]:
        return card_renderers.render(task_id, card, self._link(task_id))

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        client = await self._clients.of(sink.workspace)
        filled = await with_file(client, sink.channel, part)

        async def call(content: dict[str, Any]) -> AsyncSlackResponse:
            return await client.chat_postMessage(
                channel=sink.channel,
                thread_ts=sink.thread or None,
                metadata=metadata(mark),
                unfurl_links=False,  # Slack would fetch what a model wrote, before anybody read it
                unfurl_media=False,
                **content,
            )

        with self._calling(sink, "post"):
            answer = await self._plans.send(sink.workspace, filled.content, call)
        if filled.file_ids:
            crash_points.reached("file_posted")
            await self._attach(client, sink, str(answer["ts"]), filled, mark)
        self._mind_the_thread(sink, answer["message"], mark)
        self._mirror(sink, str(answer["ts"]), part, fresh=True)
        return str(answer["ts"])

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        client = await self._clients.of(sink.workspace)
        filled = await with_file(client, sink.channel, part)
        with self._calling(sink, "edit"):
            await self._update(client, sink, message_id, filled, mark)
        self._mirror(sink, message_id, part)

    async def delete(self, sink: Sink, message_id: str) -> None:
        """What is gone, or not ours to delete, is left alone."""
        client = await self._clients.of(sink.workspace)
        try:
            with self._calling(sink, "delete"):
                await client.chat_delete(channel=sink.channel, ts=message_id)
        except NotFound:
            return

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        return await self._finder.find(sink, since)

    async def close(self) -> None:
        """Ends what follows behind the cards. The clients are closed by whoever opened them."""
        await self._presence.close()

    async def _attach(self, client: AsyncWebClient, sink: Sink, ts: str, filled: Filled, mark: str) -> None:
        """The message stands by now: whoever posted it looks it up, and edits it, where this did not come through."""
        try:
            with self._calling(sink, "edit"):
                await self._update(client, sink, ts, filled, mark)
        except ChatUnavailable as error:
            raise ChatUnavailable(f"A file was not attached: {error.detail}") from None
        except (Rejected, SinkGone, NotFound) as error:
            log.warning("file_not_attached", channel=sink.channel, mark=mark, error=str(error))

    async def _update(self, client: AsyncWebClient, sink: Sink, ts: str, filled: Filled, mark: str) -> None:
        async def call(content: dict[str, Any]) -> AsyncSlackResponse:
            return await client.chat_update(
                channel=sink.channel, ts=ts, metadata=metadata(mark), file_ids=filled.file_ids or None, **content
            )

        await self._plans.send(sink.workspace, filled.content, call)

    @contextmanager
    def _calling(self, sink: Sink, method: Method) -> Iterator[None]:
        key = sink.workspace, method_called(sink, method)
        with self._gates.kept(key), translated(sink.channel):
            yield

    def _mirror(self, sink: Sink, message_id: str, part: Part, fresh: bool = False) -> None:
        """Only the status card has a state; its message is the root, unless the thread was there before."""
        if part.state is not None:
            root = Root(sink.workspace, sink.channel, sink.thread or message_id)
            self._presence.show(root, part.state, fresh, part.title)

    def _mind_the_thread(self, sink: Sink, message: dict[str, Any] | None, mark: str) -> None:
        """A reply whose root is gone Slack posts in the channel, without a word: there the thread goes on."""
        if sink.thread and message and message.get("thread_ts") is None:
            log.warning("thread_deleted", channel=sink.channel, mark=mark, hint="The card stands in the channel.")
