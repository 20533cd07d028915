"""One task on the screen, and a person talking with it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from adapters.terminal import render
from adapters.terminal_live import head, live
from adapters.terminal_words import one_line, prose, words
from bot.client import ApiClient, Outcome
from bot.terminal_screen import Screen
from bot.terminal_talk import HELP, Meant, label, meaning
from bot.terminal_task import STOPPED, Change, FollowedTask
from bot.terminal_yes import Yes
from workflows.cards import ApprovalCard
from workflows.errors import ThreadworkError
from workflows.events import EventType

FAREWELL = 15.0  # seconds that a stopped task gets to say so before we leave


@dataclass(frozen=True)
class Aside:
    """A question of ours to the person; the next line is its answer."""

    label: str
    heed: Callable[[str], Awaitable[None]]


class TerminalSession:
    """`run` attaches to the task until the person leaves.

    `farewell`: the sentence for somebody who leaves a task that goes on; `yes` decides in their place."""

    def __init__(
        self, client: ApiClient, task_id: str, screen: Screen, farewell: str = "", yes: bool = False
    ) -> None:
        self._client = client
        self._task = FollowedTask(client, task_id)
        self._screen = screen
        self._farewell = farewell
        self._yes = Yes(client, lambda text: self._say(text, "yellow")) if yes else None
        self._aside: Aside | None = None
        self._left = asyncio.Event()
        self._awaits = 0  # number of the last event that was there when the person woke the task
        self._acts: dict[str, Callable[[Meant], Awaitable[None]]] = {
            "nothing": self._nothing,
            "reply": self._reply,
            "answer": self._answer,
            "approve": self._approve,
            "approve_task": self._approve,
            "ask_reason": self._ask_reason,
            "edit": self._edit,
            "add_usd": self._add_budget,
            "add_tokens": self._add_budget,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "help": self._help,
            "leave": self._leave,
            "unknown": self._unknown,
        }

    async def run(self) -> int:
        """The exit code: how the task stood when the person left. Raises what the API refuses."""
        await self._begin()
        follower = asyncio.create_task(self._follow())
        try:
            await self._converse()
        finally:
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower
        return self._end()

    # --- what the task does ---

    async def _begin(self) -> None:
        view = await self._task.load()
        self._screen.live, self._screen.label = self._live, self._label
        self._say(f"Task {self._task.task_id}", "dim")
        if view.seq:
            await self._task.whole(view.status.goal_ref, view.status.goal)
            self._screen.show(*(render(card, self._task.texts) for card in (view.status, *view.cards)))
        await self._decide()

    async def _follow(self) -> None:
        try:
            async for change in self._task.changes():
                if change:
                    self._show(change)
                    await self._decide()
                self._screen.refresh()
        except ThreadworkError as error:
            self._left.set()
            self._screen.fail(error)

    def _show(self, change: Change) -> None:
        """Print what is worth keeping of an event."""
        cards = [card for card in change.cards if not _only_outcome(card, change)]
        lines: list[RenderableType] = [render(card, self._task.texts) for card in cards]
        if change.event.type is EventType.WORKFLOW_STARTED:
            lines.insert(0, render(change.after.status, self._task.texts))
        elif said := change.event.data.get("text"):
            lines.insert(0, Padding(prose(str(said)), (0, 0, 0, 2)))
        elif change.log_line and not lines and change.event.type is not EventType.ITERATION_STARTED:
            lines.append(one_line(f"  {change.log_line}", "dim"))
        self._screen.show(*lines)

    async def _decide(self) -> None:
        if self._yes:
            await self._yes.heed(self._task.task_id, self._task.view)

    def _live(self, width: int, height: int) -> RenderableType | None:
        return live(self._task.view, self._task.writing, datetime.now(UTC), width, height)

    def _label(self) -> str:
        if self._aside:
            return self._aside.label
        return "› " if self._waking else label(self._task.view)

    @property
    def _waking(self) -> bool:
        """A reply was sent after the end, and nothing has come of it yet."""
        return self._awaits >= self._task.view.seq > 0

    # --- what the person does ---

    async def _converse(self) -> None:
        heeding: asyncio.Task[None] | None = None
        while not self._left.is_set():
            try:
                line = await self._screen.line()
            except (KeyboardInterrupt, EOFError):
                await self._interrupted()
                continue
            heeding = asyncio.create_task(self._heed(line, heeding))
            await asyncio.wait([heeding], timeout=0.05)  # what is quick is done before the line is drawn again

    async def _heed(self, line: str, earlier: "asyncio.Task[None] | None") -> None:
        """Lines take effect one after the other."""
        if earlier:
            await earlier
        aside, self._aside = self._aside, None
        try:
            if aside:
                await aside.heed(line.strip())
            else:
                meant = meaning(line, self._task.view)
                await self._acts[meant.act](meant)
        except ThreadworkError as error:
            self._say(str(error), "red")
        self._screen.refresh()

    async def _interrupted(self) -> None:
        """Ctrl-C. A second one leaves."""
        if self._task.view.status.status.ended or self._aside:
            self._left.set()
        else:
            self._aside = Aside("[s]top the task, [d]etach, or [c]ontinue › ", self._heed_interrupt)

    async def _heed_interrupt(self, line: str) -> None:
        if line.lower() in ("s", "stop"):
            self._told(await self._client.stop(self._task.task_id, up_to=self._task.seen))
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    while not self._task.view.status.status.ended:
                        await asyncio.sleep(0.05)
            self._depart()
        elif line.lower() in ("d", "detach"):
            self._depart()
        elif line and line.lower() not in ("c", "continue"):
            self._aside = Aside("s, d or c › ", self._heed_interrupt)

    async def _nothing(self, meant: Meant) -> None: ...

    async def _reply(self, meant: Meant) -> None:
        self._echo(meant.text)
        if self._task.view.status.status.ended:
            self._awaits = self._task.view.seq
        self._told(await self._client.reply(self._task.task_id, meant.text), quiet=True)

    async def _answer(self, meant: Meant) -> None:
        question = getattr(meant.card, "question_id", "")
        self._told(await self._client.answer(self._task.task_id, question, meant.text), quiet=True)

    async def _approve(self, meant: Meant) -> None:
        scope = "task" if meant.act == "approve_task" else "once"
        approval = getattr(meant.card, "approval_id", "")
        self._told(await self._client.decide(self._task.task_id, approval, "approve", scope=scope), quiet=True)

    async def _ask_reason(self, meant: Meant) -> None:
        approval = getattr(meant.card, "approval_id", "")

        async def deny(reason: str) -> None:
            self._told(await self._client.decide(self._task.task_id, approval, "deny", reason), quiet=True)

        self._aside = Aside("Why not? The agent is told (Enter: no reason) › ", deny)

    async def _edit(self, meant: Meant) -> None:
        if not isinstance(meant.card, ApprovalCard):
            return
        text = await self._task.whole(meant.card.arguments_ref, meant.card.arguments)
        approval = meant.card.approval_id

        async def approve(edited: str) -> None:
            await self._approve_edited(approval, edited)

        if editor := os.environ.get("VISUAL") or os.environ.get("EDITOR"):
            await approve(await self._screen.edit(text, editor))
        else:
            self._aside = Aside("Arguments (empty: leave it) › ", approve)
            self._screen.prefill(" ".join(text.split("\n")))

    async def _approve_edited(self, approval: str, edited: str) -> None:
        if not edited.strip():
            return
        try:
            arguments = json.loads(edited)
        except ValueError as error:
            self._say(f"That is no JSON ({error}); nothing was decided.", "red")
            return
        if not isinstance(arguments, dict):
            self._say("The arguments must be a JSON object; nothing was decided.", "red")
            return
        said = await self._client.decide(self._task.task_id, approval, "approve", arguments=arguments)
        self._told(said, quiet=True)

    async def _add_budget(self, meant: Meant) -> None:
        usd = float(meant.text) if meant.act == "add_usd" else None
        tokens = int(meant.text) if meant.act == "add_tokens" else None
        self._told(await self._client.add_budget(self._task.task_id, usd=usd, tokens=tokens), quiet=True)

    async def _pause(self, meant: Meant) -> None:
        self._told(await self._client.pause(self._task.task_id, meant.text))

    async def _resume(self, meant: Meant) -> None:
        self._told(await self._client.resume(self._task.task_id, meant.text))

    async def _stop(self, meant: Meant) -> None:
        self._told(await self._client.stop(self._task.task_id, meant.text, up_to=self._task.seen))

    async def _help(self, meant: Meant) -> None:
        self._say(HELP, "dim")

    async def _leave(self, meant: Meant) -> None:
        if not (self._waking and not meant.text and self._task.view.status.status.ended):
            self._depart()

    async def _unknown(self, meant: Meant) -> None:
        self._say(f"There is no command {meant.text}. /help lists them.", "red")

    # --- words ---

    def _depart(self) -> None:
        self._left.set()
        self._screen.fail(EOFError())

    def _end(self) -> int:
        self._screen.live, self._screen.label = (lambda width, height: None), (lambda: "› ")
        view = self._task.view
        self._screen.show(head(view.status, datetime.now(UTC)))
        if not view.status.status.ended:
            self._say(f"Task {self._task.task_id} goes on. {self._farewell}".strip(), "yellow")
            return STOPPED
        return self._task.exit_code()

    def _told(self, outcome: Outcome, quiet: bool = False) -> None:
        """`quiet`: the thread itself will show what came of it."""
        if outcome.detail and (not quiet or outcome.outcome == "recorded"):
            self._say(outcome.detail, "dim")

    def _echo(self, text: str) -> None:
        self._screen.show(Text.assemble(("› ", "bold"), words(text, "bold")))

    def _say(self, text: str, style: str = "") -> None:
        self._screen.show(words(text, style))


def _only_outcome(card: object, change: Change) -> bool:
    """The call that was approved has come to something, which the activity log says already."""
    if not isinstance(card, ApprovalCard) or card.state == "pending":
        return False
    before = next((known for known in change.before.cards if known.key == card.key), None)
    return isinstance(before, ApprovalCard) and before.state == card.state
