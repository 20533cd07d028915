"""What was said to the bot while nobody listened, by its name or in tasks' threads: it is read in the history."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog
from discord.utils import time_snowflake, utcnow

from threadwork.adapters.discord.api.errors import UNKNOWN_CHANNEL, Refused
from threadwork.adapters.discord.inbound.addressing import names_a_role
from threadwork.adapters.discord.inbound.context import Context, Known
from threadwork.adapters.discord.inbound.messages import message
from threadwork.adapters.discord.inbound.payload import Json, Payload, place_of
from threadwork.adapters.discord.inbound.people import calls, is_person
from threadwork.adapters.discord.outbound.posted_messages import MESSAGES_PER_CALL
from threadwork.workflows.sinks import Sink

MAX_THREAD_CALLS = 10  # calls for one thread; what is older than that stays unheard, and the log says so
HISTORY_RETRY_DELAYS = (1, 5, 25)  # seconds after a thread that could not be read
GONE_STATUSES = (401, 403, 404)
RESUME_INTERVAL = 60.0  # seconds between two looks after the gateway resumed
RECENT = timedelta(minutes=10)  # so old what called the bot outside of tasks' threads may be: later it would surprise
DOUBTFUL = timedelta(minutes=1)  # so old a message must be, for all before it to have been heard as well

Threads = Callable[[], Awaitable[Sequence[Sink]]]  # where tasks are at work
Enough = Callable[[list[Json]], Awaitable[bool]]  # whether what is older than this was heard

log = structlog.get_logger(__name__)


async def _never(read: list[Json]) -> bool:
    return False


async def no_threads() -> Sequence[Sink]:
    return ()


class Missed:
    """A message counts once in any case, by its key; so it does no harm to look too often, or at too many."""

    def __init__(self, context: Context, threads: Threads, known: Known) -> None:
        self._context, self._threads, self._known = context, threads, known
        self._seen: dict[str, int] = {}  # newest message that the gateway told of, by channel or thread
        self._looked = -RESUME_INTERVAL

    def heard(self, payload: Payload) -> None:
        """The gateway told of it itself."""
        self._seen[payload.channel] = max(self._seen.get(payload.channel, 0), int(payload.body["id"]))

    def resumed(self, bot_user: str) -> None:
        """The gateway tells by itself what came meanwhile; now and then that is checked."""
        if time.monotonic() - self._looked > RESUME_INTERVAL:
            self.fetch(bot_user)

    def fetch(self, bot_user: str) -> None:
        """To be called before anything of a new session is heard. Goes on by itself."""
        self._looked = time.monotonic()
        self._context.work.go_on(self._fetch_all(bot_user, dict(self._seen)))

    def arrived(self, server: Json, bot_user: str) -> None:
        """A server with its channels and threads, as a new session begins: where something was said lately, it may
        have called the bot. Goes on by itself."""
        since = time_snowflake(utcnow() - RECENT)
        places = (*(server.get("channels") or ()), *(server.get("threads") or ()))
        lively = [one for one in places if int(one.get("last_message_id") or 0) > since]
        sinks = [(str(one["id"]), place_of(one, str(server["id"])).sink) for one in lively]
        self._context.work.go_on(self._fetch_calls(sinks, bot_user, dict(self._seen), since))

    async def _fetch_all(self, bot_user: str, seen: Mapping[str, int]) -> None:
        for sink in await self._threads():
            await self._persistently(sink, lambda sink=sink: self._fetch(sink, bot_user, seen))  # type: ignore[misc]

    async def _fetch_calls(
        self, sinks: Sequence[tuple[str, Sink]], bot_user: str, seen: Mapping[str, int], since: int
    ) -> None:
        async def fetch(channel: str, sink: Sink) -> None:
            page = await self._read(channel, str(since), _never)
            called = [one for one in page if calls(one, bot_user) or names_a_role(one)]
            missed = [one for one in called if not await self._is_heard(one, page, sink, seen.get(channel, 0))]
            await self._hand_on(missed, channel, sink, bot_user)

        for channel, sink in sinks:
            await self._persistently(sink, lambda at=channel, sink=sink: fetch(at, sink))  # type: ignore[misc]

    async def _persistently(self, sink: Sink, attempt: Callable[[], Awaitable[None]]) -> None:
        for delay in HISTORY_RETRY_DELAYS:
            try:
                return await attempt()
            except Exception as error:
                log.info("discord_history_not_read", channel=sink.channel, why=type(error).__name__)
                if isinstance(error, Refused) and error.status in GONE_STATUSES:
                    return None
            await asyncio.sleep(delay)
        return None

    async def _fetch(self, sink: Sink, bot_user: str, seen: Mapping[str, int]) -> None:
        """Hands on what came after what was heard last."""
        certain = time_snowflake(utcnow() - DOUBTFUL)

        async def enough(read: list[Json]) -> bool:
            """The oldest that a person said was heard a while ago."""
            oldest = next((one for one in reversed(read) if is_person(one) and int(one["id"]) < certain), None)
            return oldest is not None and await self._is_heard(oldest, read, sink, seen.get(sink.thread, 0))

        channel, page = await self._history(sink, enough)
        missed: list[Json] = []
        for one in page:  # the newest first
            if not await self._is_heard(one, page, sink, seen.get(channel, 0)):
                missed.append(one)
            elif int(one["id"]) < certain:
                break
        await self._hand_on(missed, channel, sink, bot_user)

    async def _hand_on(self, missed: Sequence[Json], channel: str, sink: Sink, bot_user: str) -> None:
        """In the order in which it was said; it comes newest first."""
        for one in reversed(missed):
            body = {**one, "guild_id": sink.workspace, "channel_id": channel}
            await message(self._context, Payload(body=body, bot_user=bot_user))

    async def _history(self, sink: Sink, enough: Enough) -> tuple[str, list[Json]]:
        """Where there is no thread, answers stand in the channel."""
        try:
            return sink.thread, await self._read(sink.thread, sink.thread, enough)
        except Refused as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
        return sink.channel, await self._read(sink.channel, sink.thread, enough)

    async def _read(self, channel: str, after: str, enough: Enough) -> list[Json]:
        """What is newer than `after`, the newest first, page by page until it is `enough`."""
        read: list[Json] = []
        before = ""
        for _ in range(MAX_THREAD_CALLS):
            page = await self._context.history.page(channel, before)
            read += (one for one in page if int(one["id"]) > int(after))
            if len(page) < MESSAGES_PER_CALL or int(page[-1]["id"]) <= int(after) or await enough(read):
                return read
            before = str(page[-1]["id"])
        log.warning("discord_history_too_long", channel=channel, messages=len(read), hint="What is older is not read.")
        return read

    async def _is_heard(self, one: Json, page: list[Json], sink: Sink, seen: int) -> bool:
        """Told by the gateway, written down, or answered by us."""
        if not is_person(one):
            return False
        if int(one["id"]) <= seen or any(not is_person(other) and _answers(other, one) for other in page):
            return True
        return await self._known(f"{sink.channel}:{one['id']}")


def _answers(message: Json, question: Json) -> bool:
    reference = message.get("message_reference") or {}
    return str(reference.get("message_id")) == str(question["id"])
