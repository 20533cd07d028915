"""What people say and do on a chat platform, taken in: the `ChatReceiver` of every platform."""

from collections.abc import Awaitable, Callable
from typing import Any

from threadwork.bot.chat import buttons, commands, edits, message_router
from threadwork.bot.chat.commands import run
from threadwork.bot.chat.context import Context, Order, Routed
from threadwork.bot.chat.receipt import Stored, Told, refusal
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.texts import KEY_LIMIT
from threadwork.bot.threads import Threads
from threadwork.workflows.buttons import OPENING
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import (
    ButtonClick,
    Inbound,
    IncomingMessage,
    MessageEdit,
    MessageSource,
    Receipt,
    SlashCommand,
    StartSubmitted,
    StopReaction,
)
from threadwork.workflows.texts import clean
from threadwork.workflows.values import preview

ROUTES: dict[type[Inbound], Callable[[Context, Any], Awaitable[Routed]]] = {
    SlashCommand: commands.route,
    StartSubmitted: run.submitted,
    IncomingMessage: message_router.route,
    MessageEdit: edits.route,
    ButtonClick: buttons.route,
    StopReaction: message_router.stop,
}


class Receiver:
    """One for all platforms: it keeps nothing, so that any bot may answer what another was told."""

    def __init__(self, ports: BotDependencies) -> None:
        self._ports = ports
        self._threads = Threads(ports.events, ports.views, ports.transcript)

    async def receive(self, inbound: Inbound) -> Receipt:
        """Returns once it is stored, or needs not be. Raises what the storage raises, and `Rejected` for a form."""
        context = self._context(inbound)
        by = context.source.by
        try:
            if known := await self._ports.intake.get(by.platform, context.source.key):
                self._ports.wake_intake()
                return Stored(context, known, quiet=isinstance(inbound, IncomingMessage))
            routed = await ROUTES[type(inbound)](context, inbound)
            if isinstance(routed, Order):
                stored = await self._ports.intake.store(routed.command, held=routed.ask is not None)
                self._ports.wake_intake()
                return Told(routed.ask) if routed.ask else Stored(context, stored, routed.quiet)
        except (Rejected, NotFound) as error:
            if _has_form(inbound) and isinstance(error, Rejected):
                raise
            return Told(refusal(error))
        return Told(routed)

    def _context(self, inbound: Inbound) -> Context:
        aloud = isinstance(inbound, IncomingMessage) and not inbound.source.direct
        return Context(self._ports, self._threads, _readable(inbound.source), aloud)


def _readable(source: MessageSource) -> MessageSource:
    """Names are what people write into their profiles; all that is stored and shown of a task holds them."""
    by = source.by.model_copy(update={"name": preview(clean(source.by.name), KEY_LIMIT)})
    return source.model_copy(update={"by": by})


def _has_form(inbound: Inbound) -> bool:
    """It can be shown again, with what is wrong in it."""
    return isinstance(inbound, StartSubmitted) or (isinstance(inbound, ButtonClick) and inbound.press.verb in OPENING)
