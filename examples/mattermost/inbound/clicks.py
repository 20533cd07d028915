"""Buttons, and the dialogs that some open. Every click is answered."""

from typing import Any

import structlog

from examples.mattermost.buttons import CONFIRM, pressed
from examples.mattermost.inbound import dialogs
from examples.mattermost.inbound.command import short
from examples.mattermost.inbound.context import Context
from examples.mattermost.people import person
from examples.mattermost.posts import PLATFORM
from examples.mattermost.responses import details, refused
from examples.mattermost.settings import MattermostSettings
from threadwork.workflows.buttons import Click
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import ButtonClick, MessageSource, Receipt
from threadwork.workflows.sinks import Sink

DECIDED = "Nothing is left to decide here: somebody was faster, it was withdrawn, or its time ran out."
Json = dict[str, Any]

log = structlog.get_logger(__name__)


class Clicks:
    """Both take a request's body, and return the response's."""

    def __init__(self, context: Context, settings: MattermostSettings) -> None:
        self._context = context
        self._dialogs_url, self._secret = settings.dialogs_url, settings.mattermost_button_secret.get_secret_value()

    async def button(self, body: Json) -> Json:
        try:
            click = pressed(body, self._secret)
            source = await self._source(body["user_id"], body["channel_id"], f"click:{short(body['trigger_id'])}")
            told = await self._clicked(click, source, body)
        except Exception as error:
            log.info("mattermost_click_not_taken", why=type(error).__name__)
            told = refused(error)
        return {"ephemeral_text": told} if told else {}

    async def dialog(self, body: Json) -> Json:
        """What cannot be used is told in the dialog, which stays open."""
        if body.get("cancelled"):
            return {}
        try:
            opened = dialogs.unpacked(body.get("state"), body.get("user_id"), self._secret)
            click = Click.decode(opened.press)
            source = await self._source(opened.user_id, opened.channel, opened.key)
            given = dialogs.given(click, body.get("submission"))
            receipt = await self._context.receiver.receive(ButtonClick(source=source, press=click, given=given))
        except Exception as error:
            log.info("mattermost_dialog_not_taken", why=type(error).__name__)
            return {"error": refused(error)}
        self._context.work.go_on(self._tell(source, receipt))
        return {}

    async def _source(self, user_id: str, channel: str, key: str) -> MessageSource:
        author, direct = await self._context.people.who(user_id), await self._context.people.is_direct(channel)
        sink = Sink(platform=PLATFORM, channel=channel)
        return MessageSource(by=person(user_id, author.name), key=key, sink=sink, direct=direct)

    async def _clicked(self, click: Click, source: MessageSource, body: Json) -> str:
        """What the person is told; empty where a dialog opens."""
        asked = str(body["context"].get(CONFIRM) or "")
        if click.verb == "details":
            return details(await self._context.views.details(source, click.task_id))
        if click.verb not in dialogs.FORMS and not asked:
            return await self._context.told(ButtonClick(source=source, press=click))
        has_form = click.verb in dialogs.FORMS
        dialog = await self._form(click, source) if has_form else dialogs.confirmation(asked)
        await self._open(dialog, click, source, body["trigger_id"])
        return ""

    async def _form(self, click: Click, source: MessageSource) -> Json:
        if click.verb == "add_amount":
            return dialogs.form(click, None)
        card = await self._context.views.card(source, click)
        if card is None:
            raise Rejected(DECIDED)
        return dialogs.form(click, card)

    async def _open(self, dialog: Json, click: Click, source: MessageSource, trigger_id: str) -> None:
        opened = dialogs.Opened(
            press=click.encode(), user_id=source.by.user_id, channel=source.sink.channel, key=source.key
        )
        made = {**dialog, "state": dialogs.packed(opened, self._secret)}
        body = {"trigger_id": trigger_id, "url": self._dialogs_url, "dialog": made}
        await self._context.rest.call("POST", "/actions/dialogs/open", json=body)

    async def _tell(self, source: MessageSource, receipt: Receipt) -> None:
        """A dialog closes without a word: the cards show that it worked, and the rest is written to the person."""
        answer = await receipt.answer()
        if answer is not None and answer.tone == "warning":
            await self._context.tell(source, answer)
