"""What every handler works with, and how what people do is handed on and answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from threadwork.adapters.chat.background import NOT_TOLD, ODD, Work
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.inbound.homes import Homes
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.inbound.people import People
from threadwork.adapters.slack.modals.forms import told
from threadwork.adapters.slack.modals.home import home_message
from threadwork.adapters.slack.modals.responses import Link, response
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews, Inbound, Receipt, Response
from threadwork.workflows.slash_name import AGENT

MAX_REMEMBERED_ANSWERS = 10_000  # answers that were shown, so that a second delivery does not show them again
Known = Callable[[str], Awaitable[bool]]  # whether a message was written down, by its key
Turn = Callable[[str], Awaitable[bool]]  # whether it is this process that answers what was delivered under the key

log = structlog.get_logger(__name__)


class NotHandedOn(Exception):
    """The payload was read; what was to be done with it failed in a way nobody foresaw. The text is its kind."""


class Shown:
    """Keys of what was answered by this process, the newest of them."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    def first(self, key: str) -> bool:
        """Whether it was not answered before; from now on it is."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > MAX_REMEMBERED_ANSWERS:
            del self._keys[next(iter(self._keys))]
        return True


async def nothing_known(key: str) -> bool:
    return False


async def always(key: str) -> bool:
    """There is one process alone."""
    return True


@dataclass(frozen=True)
class Context:
    """What a handler of Slack's deliveries is given."""

    receiver: ChatReceiver
    views: ChatViews
    web: Web
    people: People
    work: Work
    link: Link
    withdrawn: Callable[[str], Awaitable[object]]  # the app was removed from a team, or a token revoked there
    turn: Turn = always
    known: Known = nothing_known
    command: str = AGENT  # what the slash command is called
    homes: Homes = field(default_factory=Homes)
    shown: Shown = field(default_factory=Shown)
    home_tabs: dict[str, bool] = field(default_factory=dict)  # by team: whether the app has a Home there, once known

    async def receive(self, payload: Payload, reach: Reach, inbound: Inbound) -> None:
        """Hands on what Slack delivers again if it fails; what comes of it is told after the acknowledgement.

        Raises what went wrong before it was stored: `NotHandedOn` for what would look like an odd payload."""
        try:
            receipt = await self.receiver.receive(inbound)
        except ODD as error:
            raise NotHandedOn(type(error).__name__) from error
        self.work.go_on(self.reply(payload, reach, inbound.source.key, receipt))

    async def reply(self, payload: Payload, reach: Reach, key: str, receipt: Receipt) -> None:
        """Shows what comes of it, after the acknowledgement, once for each key, whichever bots it was delivered to."""
        if said := await self.answer(key, receipt):
            await self.tell(payload, reach, said)

    async def answer(self, key: str, receipt: Receipt) -> Response | None:
        """What is to be shown, once for each key, whichever bots it was delivered to. None: nothing. Never raises."""
        try:
            answer = await receipt.answer()
        except Exception as error:
            log.warning("slack_answer_failed", why=type(error).__name__)
            answer = Response(text=NOT_TOLD, tone="warning")
        shows = answer is not None and self.shown.first(key) and await self._is_mine(key)
        return answer if shows else None

    async def _is_mine(self, key: str) -> bool:
        """Told twice is better than never."""
        try:
            return await self.turn(key)
        except Exception as error:
            log.warning("slack_turn_unknown", why=type(error).__name__)
            return True

    async def tell(self, payload: Payload, reach: Reach, said: Response) -> None:
        """An answer that one person sees: where the person is, else directly. Never raises."""
        content = home_message(said.home, self.link) if said.home else response(said, self.link)
        for way in (self._respond, self._whisper, self._write):
            try:
                if await way(payload, reach, content):
                    return
            except ThreadworkError as error:
                log.info("slack_answer_not_shown", way=way.__name__.strip("_"), why=str(error))
        log.warning("slack_person_not_told", user=reach.user)

    async def show_window(self, payload: Payload, trigger_id: str, reach: Reach, said: Response) -> None:
        """For who is nowhere that a message would be seen."""
        try:
            await self.web.call(payload.token, "views.open", trigger_id=trigger_id, view=told(said.text))
        except ThreadworkError:
            await self.tell(payload, reach, said)

    async def _respond(self, payload: Payload, reach: Reach, content: dict[str, object]) -> bool:
        if reach.response_url:
            await self.web.respond(reach.response_url, {**content, **reach.aside})
        return bool(reach.response_url)

    async def _whisper(self, payload: Payload, reach: Reach, content: dict[str, object]) -> bool:
        if reach.channel:
            place = {"channel": reach.channel, **reach.aside}
            await self.web.call(payload.token, "chat.postEphemeral", user=reach.user, **place, **content)
        return bool(reach.channel)

    async def _write(self, payload: Payload, reach: Reach, content: dict[str, object]) -> bool:
        await self.web.call(payload.token, "chat.postMessage", channel=reach.user, **content)
        return True
