"""One task on the screen, and a person talking with it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from threadwork.adapters.terminal.cards import render
from threadwork.adapters.terminal.live import head, live
from threadwork.adapters.terminal.words import one_line, prose
from threadwork.bot.client.api import ApiClient
from threadwork.bot.terminal.acts import Acts, Aside
from threadwork.bot.terminal.screen import Screen
from threadwork.bot.terminal.talk import label, meaning, still_waits
from threadwork.bot.terminal.task import STOPPED, Change, FollowedTask, without_echo
from threadwork.bot.terminal.yes import Yes
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.event_types import EventType

LINE_TIMEOUT = 0.05  # seconds a line has to take effect before the next one is asked for


class TerminalSession:
    """`run` attaches to the task until the person leaves.

    `farewell`: the sentence for somebody who leaves a task that goes on; `yes`: decide in their place."""

    def __init__(self, client: ApiClient, task_id: str, screen: Screen, farewell: str = "", yes: bool = False) -> None:
        self._screen = screen
        self._farewell = farewell
        self._task = FollowedTask(client, task_id, lambda text: self._acts.say(text, "yellow"))
        self._acts = Acts(client, self._task, screen)
        self._yes = Yes(client, lambda text: self._acts.say(text, "yellow")) if yes else None
        self._shown = self._task.view  # what the person saw when they began to type
        self._left = False
        self._leaves_at_end = False
        self._error: Exception | None = None

    async def run(self) -> int:
        """The exit code: how the task stood when the person left. Raises what the API refuses."""
        await self._begin()
        follower = asyncio.create_task(self._follow())
        try:
            await self._converse()
        finally:
            self._screen.live, self._screen.label = (lambda width, height: None), (lambda: "› ")
            self._screen.before_typing = lambda: None
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower
        return self._end()

    # --- what the task does ---

    async def _begin(self) -> None:
        view = await self._task.load()
        self._screen.live, self._screen.label = self._live, self._label
        self._screen.before_typing = self._note_shown
        self._note_shown()
        self._acts.say(f"Task {self._task.task_id}", "dim")
        if view.seq:
            self._screen.show(*(render(card, self._task.texts) for card in (view.status, *view.cards)))

    async def _follow(self) -> None:
        try:
            await self._decide()
            async for change in self._task.changes():
                if change:
                    self._screen.show(*self._worth_keeping(change))
                    await self._decide()
                self._screen.refresh()
        except Exception as error:
            self._fail(error)

    async def _decide(self) -> None:
        if self._leaves_at_end and self._task.view.status.status.ended:
            self._leave()
        elif self._yes:
            await self._yes.heed(self._task)

    def _worth_keeping(self, change: Change) -> list[RenderableType]:
        """What an event leaves on the screen for good."""
        shown = [render(without_echo(card, self._task.said), self._task.texts) for card in change.cards]
        if change.event.type is EventType.WORKFLOW_STARTED:
            return [render(change.after.status, self._task.texts), *shown]
        if said := change.event.data.get("text"):
            return [Padding(prose(str(said)), (0, 0, 0, 2)), *shown]
        if change.log_line and not shown and change.event.type is not EventType.ITERATION_STARTED:
            return [Text.assemble("  ", one_line(change.log_line, "dim"))]
        return shown

    def _live(self, width: int, height: int) -> RenderableType | None:
        return live(self._task.shown, self._task.writing, datetime.now(UTC), width, height)

    def _label(self) -> str:
        if self._acts.aside:
            return self._acts.aside.label
        return "› " if self._acts.waking else label(self._task.view)

    def _note_shown(self) -> None:
        self._shown = self._task.view

    # --- what the person does ---

    async def _converse(self) -> None:
        heeding: asyncio.Task[None] | None = None
        while not self._left:
            try:
                line = await self._screen.line()
            except KeyboardInterrupt:
                self._interrupted()
            except EOFError:
                self._leave()
            else:
                heeding = asyncio.create_task(self._heed(line.strip(), self._shown, heeding))
                await asyncio.wait([heeding], timeout=LINE_TIMEOUT)
            if self._error:
                raise self._error

    async def _heed(self, line: str, shown: ThreadView, earlier: "asyncio.Task[None] | None") -> None:
        """Lines take effect one after the other, each for what was shown when it was begun."""
        if earlier:
            await asyncio.wait([earlier])
        aside, self._acts.aside = self._acts.aside, None
        try:
            await (aside.heed(line) if aside else self._understand(line, shown))
        except ThreadworkError as error:
            self._acts.say(str(error), "red")
        except Exception as error:
            self._fail(error)
        self._screen.refresh()

    async def _understand(self, line: str, shown: ThreadView) -> None:
        meant = meaning(line, shown)
        if meant.act == "leave" and (line or not self._acts.waking):
            self._leave()
        elif meant.card and not still_waits(meant.card, self._task.view):
            self._acts.say(f"What was asked is settled meanwhile, so “{line}” was not sent.", "yellow")
        elif meant.act not in ("leave", "nothing"):
            await self._acts.do(meant)

    def _interrupted(self) -> None:
        """Ctrl-C. It takes back what we asked in between; a second one leaves."""
        aside = self._acts.aside
        asked = aside is not None and aside.heed == self._heed_interrupt
        if self._task.view.status.status.ended or self._leaves_at_end or asked:
            self._leave()
        elif aside:
            self._acts.aside = None
        else:
            self._acts.aside = Aside("[s]top the task, [d]etach, or [c]ontinue › ", self._heed_interrupt)

    async def _heed_interrupt(self, line: str) -> None:
        if line.lower() in ("s", "stop"):
            self._leaves_at_end = True
            await self._acts.stop()
        elif line.lower() in ("d", "detach"):
            self._leave()
        elif line and line.lower() not in ("c", "continue"):
            self._acts.aside = Aside("s, d or c › ", self._heed_interrupt)

    def _fail(self, error: Exception) -> None:
        """Whoever waits for a line has to hear of it, or will before the next one."""
        self._error = error
        self._screen.fail(error)

    def _leave(self) -> None:
        self._left = True
        self._screen.fail(EOFError())

    def _end(self) -> int:
        status = self._task.view.status
        self._screen.show(head(status, datetime.now(UTC), self._screen.width))
        if status.status.ended:
            return self._task.exit_code()
        self._acts.say(self._farewell, "yellow")
        return STOPPED
