"""An interaction: a command, a click, a form or a list that is asked for while somebody types.

Discord tells of it once, waits three seconds for the first response, and takes others for a quarter of an hour. Every
process that is connected hears of it: the second first response is refused, which is no mistake."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from math import inf
from typing import Any

import structlog

from threadwork.adapters.chat.background import NOT_TOLD, refusal
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.inbound.context import LOST, Context
from threadwork.adapters.discord.inbound.payload import Payload
from threadwork.adapters.discord.modals.home import home, is_home
from threadwork.adapters.discord.modals.responses import Content, response
from threadwork.workflows.inbound import Inbound, MessageSource, Receipt, Response
from threadwork.workflows.sinks import File

# Kinds of first responses, and the flag of a message that one person sees; Discord's own numbers.
MESSAGE, LATER, LATER_HERE, INSTEAD, SUGGEST, WINDOW = 4, 5, 6, 7, 8, 9
ALONE = 1 << 6
STORE_TIMEOUT = 1.5  # seconds for what is wanted to be written down, before Discord is told that an answer will come
FIRST_RESPONSE_TIMEOUT = 2.8  # seconds for the first response; Discord takes none after three
MAX_TRIES = 4  # of a call that was lost or came too fast: of two first responses that arrive the second is refused
ANSWERED = 40_060  # it has its first response

NOTHING = Response(text="There is nothing to say.")

log = structlog.get_logger(__name__)


class Interaction:
    """One of them, with the person who is told what comes of it."""

    def __init__(self, context: Context, payload: Payload) -> None:
        self.context, self.payload = context, payload
        self.data: dict[str, Any] = payload.body.get("data") or {}
        self.by = payload.by
        self._until = time.monotonic() + FIRST_RESPONSE_TIMEOUT
        self._answered = True  # unless the first response could not be given
        source = payload.source(self.by, f"interaction:{payload.body['id']}", payload.place)
        self.source: MessageSource = source.model_copy(update={"posts": payload.posts})

    async def handle(self, wanted: Inbound | Coroutine[Any, Any, Inbound], here: bool = False, typed: str = "") -> None:
        """Hands on what is wanted, or what it comes to; Discord is told once it is stored, or when time is short.

        `here`: the message with the button says what came of it, as does what is a person's own in one picture.
        `typed`: what is given back if it was of no use."""
        receiving = self.context.work.go_on(self._receive(wanted))
        await asyncio.wait({receiving}, timeout=STORE_TIMEOUT)
        await self.later(here or self.at_home)
        await self.show(await self._drawn(_with(typed, await _answer(await receiving))))

    @property
    def at_home(self) -> bool:
        """Whether it was done on what is the person's own in one picture."""
        return is_home(self.payload.body.get("message"))

    async def redraw(self) -> None:
        """What is the person's own, as it is now."""
        await self.later(here=True)
        await self.show(await self._drawn(None))

    async def _drawn(self, said: Response | None) -> Content:
        if said and said.home:
            return home(said.home)
        if not self.at_home:
            return response(said or NOTHING)
        try:
            return home(await self.context.views.home(self.by, self.source), said)
        except Exception as error:
            log.info("discord_home_not_shown", why=type(error).__name__)
            return response(said or Response(text=NOT_TOLD, tone="warning"))

    async def _receive(self, wanted: Inbound | Coroutine[Any, Any, Inbound]) -> Receipt:
        try:
            inbound = await wanted if isinstance(wanted, Coroutine) else wanted
            return await self.context.receiver.receive(inbound)
        except Exception as error:
            log.info("discord_interaction_failed", why=type(error).__name__, stored=False)
            return Refusal(refusal(error))

    async def later(self, here: bool = False) -> None:
        """An answer will come, seen by this person alone."""
        await self._first({"type": LATER_HERE} if here else {"type": LATER, "data": {"flags": ALONE}})

    async def tell(self, said: Response) -> None:
        """At once, as the first response."""
        await self.say(response(said))

    async def say(self, content: Content) -> None:
        await self._first({"type": MESSAGE, "data": {**content, "flags": ALONE}})

    async def instead(self, content: Content) -> None:
        """In the place of the message with the button."""
        await self._first({"type": INSTEAD, "data": content})

    async def open(self, window: dict[str, Any]) -> None:
        await self._first({"type": WINDOW, "data": window})

    async def suggest(self, choices: list[dict[str, str]]) -> None:
        await self._first({"type": SUGGEST, "data": {"choices": choices}})

    async def show(self, content: Content, file: File | None = None) -> None:
        """In the place of the answer that was promised; without a promise Discord takes none."""
        if not self._answered:
            return
        body = self.payload.body
        path = f"/webhooks/{body['application_id']}/{body['token']}/messages/@original"
        await self._call("PATCH", path, content, file=file)

    async def _first(self, body: dict[str, Any]) -> None:
        given = self.payload.body
        path = f"/interactions/{given['id']}/{given['token']}/callback"
        self._answered = await self._call("POST", path, body, self._until)

    async def _call(
        self, method: str, path: str, body: dict[str, Any], until: float = inf, file: File | None = None
    ) -> bool:
        """Whether it arrived. Never raises: the thread shows what happened, too."""
        for number in range(1, MAX_TRIES + 1):
            try:
                await self.context.rest.call(method, path, body, file)
            except LOST as error:
                wait = _wait(error)
                if number == MAX_TRIES or wait is None or time.monotonic() + wait > until:
                    return _given_up(error)
                await asyncio.sleep(wait)
            else:
                return True
        return False


@dataclass(frozen=True)
class Refusal:
    """The receipt of what could not be stored: the person is told."""

    text: str

    async def answer(self) -> Response:
        return Response(text=self.text, tone="warning")


async def _answer(receipt: Receipt) -> Response:
    """Something, as an answer was promised."""
    try:
        return await receipt.answer() or NOTHING
    except Exception as error:
        log.info("discord_interaction_failed", why=type(error).__name__, stored=True)
        return Response(text=NOT_TOLD, tone="warning")


def _with(typed: str, said: Response) -> Response:
    if not typed or said.tone != "warning":
        return said
    return said.model_copy(update={"text": f"{said.text}\n\n{typed}"})


def _wait(error: Exception) -> float | None:
    """Seconds before another try; None: it would be refused as well."""
    if isinstance(error, Refused) and error.status == 429:
        return error.retry_after or STORE_TIMEOUT
    return None if isinstance(error, Refused) and error.status < 500 else 0.0


def _given_up(error: Exception) -> bool:
    """Whether it was answered all the same: by another process, or by a try whose own answer was lost."""
    code = error.code if isinstance(error, Refused) else 0
    if code != ANSWERED:
        log.warning("discord_interaction_not_answered", why=type(error).__name__, code=code)
    return code == ANSWERED
