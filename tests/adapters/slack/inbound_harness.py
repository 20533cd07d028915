"""A listener that writes down what it is told, and Slack's door before it, in either transport."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI

from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.connection import SlackConnection
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import ApprovalCard, QuestionCard, StatusCard
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import (
    ButtonClick,
    Choices,
    Details,
    Home,
    Inbound,
    IncomingMessage,
    Item,
    MessageEdit,
    MessageSource,
    Response,
    SlashCommand,
    StartSubmitted,
    StopReaction,
    ThreadMessage,
)
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

PATIENCE = 10.0  # seconds that a test waits for what must come
URLS: list[str] = []  # where the door is, by signed requests


class Heard:
    """One thing that the listener was told."""

    def __init__(self, what: str, origin: MessageSource, *given: Any) -> None:
        self.what, self.source, self.given = what, origin, given
        self.lines: tuple[ThreadMessage, ...] = ()
        self.mark = ""


class Recorder:
    """Keeps one entry a key, as the bot's intake does; `told` counts deliveries too."""

    def __init__(self) -> None:
        self.heard: dict[str, Heard] = {}
        self.told = 0
        self.answer: Response | None = Response(text="Heard.")
        self.before: Callable[[], Any] = lambda: None  # runs before anything is written down; may raise
        self.answers = asyncio.Event()  # what is to be done after it was written down is done
        self.answers.set()
        self.after_error: Exception | None = None
        self.decided: ApprovalCard | QuestionCard | None = APPROVAL
        self.ask_thread = False
        self.came_to = ""  # the answer of a task
        self.page = Home(running=(Item(text="Count the files"),), spent_week=1.5)

    async def receive(self, inbound: Inbound) -> "Recorded":
        what, given = HEARD[type(inbound)](inbound)
        if what == "amended":
            self._note(what, inbound.source, *given)
            return Recorded(self, silent=True)
        self.told += 1
        made = self.before()
        if made is not None:
            await made
        self._note(what, inbound.source, *given)
        if isinstance(inbound, IncomingMessage) and self.ask_thread:
            heard = self.heard[inbound.source.key]
            heard.lines, heard.mark = tuple(await inbound.thread.earlier()), await inbound.thread.root_mark()
        return Recorded(self, silent=what == "said" and self.answer is None)

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        return ""

    async def card(self, origin: MessageSource, press: Click) -> ApprovalCard | QuestionCard | None:
        return self.decided

    async def details(self, origin: MessageSource, task_id: str) -> Details:
        if task_id != "t1":
            raise NotFound("There is no such task.", "Type /agent list to see yours.")
        card = StatusCard(goal="Count the files")
        return Details(task_id=task_id, goal="Count the files", status=card, answer=self.came_to)

    async def home(self, by: Principal, source: MessageSource | None = None) -> Home:
        return self.page

    async def open_tasks(self, by: Principal) -> Sequence[Item]:
        return self.page.running

    async def choices(self, by: Principal) -> Choices:
        return Choices(agents=(("default", "Helps"), ("writer", "Writes")))

    def _note(self, what: str, origin: MessageSource, *given: Any) -> None:
        self.heard.setdefault(origin.key, Heard(what, origin, *given))

    def of(self, what: str) -> list[Heard]:
        return [one for one in self.heard.values() if one.what == what]

    def one(self, what: str) -> Heard:
        (found,) = self.of(what)
        return found


class Recorded:
    """The receipt of what was written down."""

    def __init__(self, recorder: Recorder, silent: bool) -> None:
        self._recorder, self._silent = recorder, silent

    async def answer(self) -> Response | None:
        if self._silent:
            return None
        await self._recorder.answers.wait()
        if self._recorder.after_error:
            raise self._recorder.after_error
        return self._recorder.answer or Response(text="")


HEARD: dict[type[Inbound], Callable[[Any], tuple[str, tuple[Any, ...]]]] = {
    SlashCommand: lambda one: ("command", (one.text,)),
    StartSubmitted: lambda one: ("start", (one.form,)),
    IncomingMessage: lambda one: ("said", (one,)),
    MessageEdit: lambda one: ("amended", (one.message_id, one.text, one.at)),
    ButtonClick: lambda one: ("pressed", (one.press, one.given)),
    StopReaction: lambda one: ("stopped", (one.message_id,)),
}
APPROVAL = ApprovalCard(
    key="approval:1",
    approval_id="1",
    tool="notes.delete_note",
    arguments='{"name": "a.md"}',
    arguments_ref="r",
    digest="d1",
    effect="destructive",
    expires_at=datetime.now(UTC) + timedelta(days=1),
)


@asynccontextmanager
async def opened(slack: FakeSlack, listener: Any, transport: str, **more: Any) -> AsyncIterator[SlackConnection]:
    """The door, connected, before a receiver that has the views too; fields of the fake's settings that were given with
    `begin` stay."""
    by_socket = transport == "socket"
    door = SlackConnection(
        listener,
        listener,
        api_url=slack.api_url,
        bot_token=slack.bot_token,
        signing_secret=slack.signing_secret,
        app_token=slack.app_token if by_socket else None,
        **more,
    )
    async with door, _mounted(slack, door, not by_socket):
        await until(lambda: door.healthy and (not by_socket or slack.sockets() > 0))
        yield door


@asynccontextmanager
async def _mounted(slack: FakeSlack, door: SlackConnection, wanted: bool) -> AsyncIterator[None]:
    if not wanted:
        yield
        return
    app = FastAPI()
    app.add_api_route("/slack/events", door.handle, methods=["POST"], response_model=None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve([listening]))
        URLS[:] = [f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"]
        slack.change(request_urls=URLS)
        try:
            yield
        finally:
            server.should_exit = True
            await serving


async def until(seen: Callable[[], Any]) -> Any:
    """What `seen` gives, once it is something."""
    async with asyncio.timeout(PATIENCE):
        while not (found := seen()):
            await asyncio.sleep(0.02)
    return found
