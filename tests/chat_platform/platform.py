"""The platform: one call's way from the door to its answer."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field

from tests.chat_platform import faults
from tests.chat_platform.answers import Answer, Interrupted, Value, done
from tests.chat_platform.contract import PAGE, Body, Delete, Post, Update, glance, parsed
from tests.chat_platform.faults import Fault, Faults
from tests.chat_platform.journal import Journal
from tests.chat_platform.limits import Limit, RateLimits
from tests.chat_platform.pages import Reader
from tests.chat_platform.state import Message, Workspace


class Settings(Value):
    """The platform's habits. By default it is friendly: no limits, marks in what it gives back."""

    limits: tuple[Limit, ...] = ()
    grace: float = Field(0, ge=0)  # seconds after a 429 in which a further call is no violation
    marks_in_history: bool = True
    channels: tuple[str, ...] | None = None  # all there are; None: made when first used
    page: int = Field(PAGE, ge=1)  # messages a page at most; Slack gives some apps 15
    nonce_seconds: float = Field(300, ge=0)  # in which a repeated nonce finds the first message


class Platform:
    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        self.journal = Journal()
        self.workspace = Workspace(settings.channels, settings.nonce_seconds)
        self._faults = Faults()
        self._limits = RateLimits(settings.limits, settings.grace)
        self._reader = Reader(self.workspace, settings.marks_in_history, settings.page)
        self._methods: dict[str, Callable[[Any], dict[str, Any]]] = {
            "post": self._post,
            "update": self._update,
            "delete": self._delete,
            "history": self._reader.history,
            "replies": self._reader.replies,
        }

    def misbehave(self, wanted: Sequence[Fault]) -> None:
        """These faults from now on, and no others."""
        self._faults = Faults(wanted)

    async def call(self, method: str, raw: bytes) -> Answer:
        """Take one call, record it, and say what to answer."""
        record = self.journal.arrive(method, glance(raw))
        try:
            answer = await self._handled(method, raw)
        except Interrupted as interrupted:
            answer = interrupted.answer
        message_id = answer.body.get("id", record.id)
        message = self.workspace.messages.get(message_id)
        self.journal.leave(record, answer, message_id, message.mark if message else "")
        return answer

    async def _handled(self, method: str, raw: bytes) -> Answer:
        body = parsed(method, raw)
        self._limits.obeyed(method, body.channel)
        due = self._faults.due(method, body.channel)
        if instead := await faults.before(due):
            return self._held(method, body, instead)
        self._limits.take(method, body.channel)
        answer = done(self._methods[method](body))
        return await faults.after(due) or answer

    def _held(self, method: str, body: Body, answer: Answer) -> Answer:
        """A 429 out of the blue has to be obeyed like any other."""
        if answer.retry_after is None:
            return answer
        return self._limits.hold((method, body.channel), answer.retry_after)

    def _post(self, body: Post) -> dict[str, Any]:
        return _named(self.workspace.post(body))

    def _update(self, body: Update) -> dict[str, Any]:
        return _named(self.workspace.update(body))

    def _delete(self, body: Delete) -> dict[str, Any]:
        return _named(self.workspace.delete(body))


def _named(message: Message) -> dict[str, Any]:
    return {"channel": message.channel, "id": message.id}
