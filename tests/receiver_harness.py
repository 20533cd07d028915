"""A bot that is told what people say and do, without a platform between."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from threadwork.bot.chat.receive import Receiver
from threadwork.bot.chat.views import Views
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.buttons import Click
from threadwork.workflows.inbound import (
    Attachment,
    ButtonClick,
    Inbound,
    IncomingMessage,
    MessageEdit,
    MessageSource,
    Response,
    SlashCommand,
    StartForm,
    StartSubmitted,
    StopReaction,
    ThreadMessage,
    ThreadSource,
)


class NoThread:
    """Nothing was said before."""

    async def root_mark(self) -> str:
        return ""

    async def earlier(self) -> Sequence[ThreadMessage]:
        return ()


class Heard(Views):
    """Each method hands one thing on and gives back what the person is told.

    `stored`: of each, whether it lay in the intake by the time the platform was told."""

    def __init__(self, ports: BotDependencies) -> None:
        super().__init__(ports)
        self._intake = ports.intake
        self.threads = self._threads
        self.receiver = Receiver(ports)
        self.stored: list[bool] = []

    async def command(self, source: MessageSource, text: str) -> Response:
        return _said(await self.tell(SlashCommand(source=source, text=text)))

    async def start(self, source: MessageSource, form: StartForm) -> Response:
        return _said(await self.tell(StartSubmitted(source=source, form=form)))

    async def says(
        self,
        source: MessageSource,
        text: str,
        message_id: str,
        thread: ThreadSource | None = None,
        mentioned: bool = False,
        files: tuple[Attachment, ...] = (),
        **said: Any,
    ) -> Response | None:
        given: dict[str, Any] = {"text": text, "message_id": message_id, "mentioned": mentioned, "files": files} | said
        return await self.tell(IncomingMessage(source=source, thread=thread or NoThread(), **given))

    async def edits(self, source: MessageSource, message_id: str, text: str | None, at: datetime) -> Response | None:
        return await self.tell(MessageEdit(source=source, message_id=message_id, text=text, at=at))

    async def presses(self, source: MessageSource, press: Click, given: str = "") -> Response:
        return _said(await self.tell(ButtonClick(source=source, press=press, given=given)))

    async def stops(self, source: MessageSource, message_id: str) -> Response | None:
        return await self.tell(StopReaction(source=source, message_id=message_id))

    async def tell(self, inbound: Inbound) -> Response | None:
        receipt = await self.receiver.receive(inbound)
        source = inbound.source
        self.stored.append(await self._intake.get(source.by.platform, source.key) is not None)
        return await receipt.answer()


def _said(response: Response | None) -> Response:
    assert response is not None
    return response
