"""What people say and do on a chat platform, taken in and answered: the `ChatListener` of every platform."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.chat import buttons, command_table, home, message_router, starts
from bot.chat.answering import Answering, answered
from bot.chat.edits import Amendment, amend
from bot.chat.request import Once, Request
from bot.chat.visibility import sees
from bot.dependencies import BotDependencies
from bot.texts import KEY_LIMIT
from bot.threads import Threads
from workflows.buttons import FORMS, Press
from workflows.cards import ApprovalCard, QuestionCard
from workflows.errors import NotFound
from workflows.inbound import Choices, Details, Form, Home, Origin, Response, Said, ThreadSource, Written
from workflows.sinks import Sink
from workflows.texts import clean
from workflows.values import Principal, preview

Link = Callable[[str], str]
NOTHING = Response(text="There is nothing to say.")


def nowhere(task_id: str) -> str:
    return ""


def _readable(origin: Origin) -> Origin:
    """Names are what people write into their profiles; all that is stored and shown of a task holds them."""
    by = origin.by.model_copy(update={"name": preview(clean(origin.by.name), KEY_LIMIT)})
    return origin.model_copy(update={"by": by})


class Listener:
    """One for all platforms: it keeps nothing, so that any bot may answer what another was told."""

    def __init__(self, ports: BotDependencies, link: Link = nowhere) -> None:
        """`link`: address of a task's page in Temporal; empty: there is none."""
        self._ports = ports
        self._link = link
        self._threads = Threads(ports.events, ports.views, ports.transcript)

    async def command(self, origin: Origin, text: str, written: Written) -> Response:
        """Words after the slash command."""
        return await self._answer(origin, written, lambda request: command_table.answer(request, text))

    async def start(self, origin: Origin, form: Form, written: Written) -> Response:
        """A filled-in form. Raises `Rejected` before anything is written down."""
        return await self._answer(origin, written, lambda request: starts.run_form(request, form), form=True)

    async def said(self, origin: Origin, said: Said, thread: ThreadSource, written: Written) -> Response | None:
        """A message. None: it is none of ours, or the thread itself shows what comes of it."""
        request = replace(self._request(origin, written), aloud=not origin.direct)
        return await answered(request, lambda request: message_router.hear(request, said, thread), quiet=True)

    async def amended(self, origin: Origin, message_id: str, text: str | None, at: datetime) -> Response | None:
        """A message was edited, or taken back; it came in under the key `{channel}:{message_id}`."""
        amendment = Amendment(text=None if text is None else clean(text), at=at)
        return await amend(self._ports, self._threads, origin, message_id, amendment)

    async def pressed(self, origin: Origin, press: Press, written: Written, given: str = "") -> Response:
        """A button, or the form behind it. Raises `Rejected` before anything is written down."""
        form = press.verb in FORMS
        return await self._answer(origin, written, lambda request: buttons.pressed(request, press, given), form)

    async def stopped(self, origin: Origin, message_id: str, written: Written) -> Response | None:
        """A sign that means stop on a message. None: no task of ours, or none that still runs."""
        return await answered(self._request(origin, written), lambda request: message_router.stop(request, message_id))

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        """The one of these in which the task lives whose thread that is; empty: it is none of a task."""
        task = await self._ports.tasks.in_thread(sink, among)
        return task.sink.workspace if task and task.sink else ""

    async def card(self, origin: Origin, press: Press) -> ApprovalCard | QuestionCard | None:
        """The card behind a button, with whole texts. None: nothing is left to decide, or it is not theirs to see."""
        if not await sees(self._ports, origin, press.task_id):
            return None
        return await home.card(self._ports, self._threads, press)

    async def details(self, origin: Origin, task_id: str) -> Details:
        """Raises `NotFound`, also for a task that is not theirs to see."""
        if not await sees(self._ports, origin, task_id):
            raise NotFound(f"There is no task {task_id}.")
        return await home.details(self._ports, self._threads, task_id, self._link(task_id))

    async def home(self, by: Principal) -> Home:
        return await home.home(self._ports, self._threads, by)

    async def choices(self, by: Principal) -> Choices:
        return await home.choices(self._ports, by)

    def _request(self, origin: Origin, written: Written) -> Request:
        return Request(self._ports, self._threads, _readable(origin), Once(written))

    async def _answer(self, origin: Origin, written: Written, answering: Answering, form: bool = False) -> Response:
        return await answered(self._request(origin, written), answering, form) or NOTHING
