"""A listener that writes down what it is told, and Slack's door before it, in either transport."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI

from adapters.slack.connection import SlackDoor
from tests.fake_slack.client import FakeSlack
from workflows.buttons import Press
from workflows.cards import ApprovalCard, QuestionCard, StatusCard
from workflows.errors import NotFound
from workflows.inbound import Choices, Details, Form, Home, Item, Line, Origin, Response, Said, ThreadSource, Written
from workflows.sinks import Sink
from workflows.values import Principal

PATIENCE = 10.0  # seconds that a test waits for what must come
URLS: list[str] = []  # where the door is, by signed requests


class Heard:
    """One thing that the listener was told."""

    def __init__(self, what: str, origin: Origin, *given: Any) -> None:
        self.what, self.origin, self.given = what, origin, given
        self.lines: tuple[Line, ...] = ()
        self.mark = ""


class Recorder:
    """Keeps one entry a key, as the bot's intake does; `told` counts deliveries too."""

    def __init__(self) -> None:
        self.heard: dict[str, Heard] = {}
        self.told = 0
        self.answer: Response | None = Response(text="Heard.")
        self.before: Callable[[], Any] = lambda: None  # runs before anything is written down; may raise
        self.after = 0.0  # seconds of work after it was written down
        self.after_error: Exception | None = None
        self.decided: ApprovalCard | QuestionCard | None = APPROVAL
        self.ask_thread = False
        self.page = Home(running=(Item(text="Count the files"),), spent_week=1.5)

    async def command(self, origin: Origin, text: str, written: Written) -> Response:
        return await self._keep("command", origin, written, text)

    async def start(self, origin: Origin, form: Form, written: Written) -> Response:
        return await self._keep("start", origin, written, form)

    async def said(self, origin: Origin, said: Said, thread: ThreadSource, written: Written) -> Response | None:
        lines, mark = (await thread.earlier(), await thread.root_mark()) if self.ask_thread else ((), "")
        answer = await self._keep("said", origin, written, said)
        self.heard[origin.key].lines, self.heard[origin.key].mark = tuple(lines), mark
        return answer if self.answer else None

    async def amended(self, origin: Origin, message_id: str, text: str | None, at: datetime) -> Response | None:
        self._note("amended", origin, message_id, text, at)
        return None

    async def pressed(self, origin: Origin, press: Press, written: Written, given: str = "") -> Response:
        return await self._keep("pressed", origin, written, press, given)

    async def stopped(self, origin: Origin, message_id: str, written: Written) -> Response | None:
        return await self._keep("stopped", origin, written, message_id)

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        return ""

    async def card(self, origin: Origin, press: Press) -> ApprovalCard | QuestionCard | None:
        return self.decided

    async def details(self, origin: Origin, task_id: str) -> Details:
        if task_id != "t1":
            raise NotFound("There is no such task.", "Type /agent list to see yours.")
        return Details(task_id=task_id, goal="Count the files", status=StatusCard(goal="Count the files"))

    async def home(self, by: Principal) -> Home:
        return self.page

    async def choices(self, by: Principal) -> Choices:
        return Choices(agents=(("default", "Helps"), ("writer", "Writes")))

    async def _keep(self, what: str, origin: Origin, written: Written, *given: Any) -> Response:
        self.told += 1
        made = self.before()
        if made is not None:
            await made
        self._note(what, origin, *given)
        await written()
        await asyncio.sleep(self.after)
        if self.after_error:
            raise self.after_error
        return self.answer or Response(text="")

    def _note(self, what: str, origin: Origin, *given: Any) -> None:
        self.heard.setdefault(origin.key, Heard(what, origin, *given))

    def of(self, what: str) -> list[Heard]:
        return [one for one in self.heard.values() if one.what == what]

    def one(self, what: str) -> Heard:
        (found,) = self.of(what)
        return found


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
async def opened(slack: FakeSlack, listener: Recorder, transport: str, **more: Any) -> AsyncIterator[SlackDoor]:
    """The door, connected; fields of the fake's settings that were given with `begin` stay."""
    by_socket = transport == "socket"
    door = SlackDoor(
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
async def _mounted(slack: FakeSlack, door: SlackDoor, wanted: bool) -> AsyncIterator[None]:
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
